"""The whole model: encoder, decoder and the losses that it is trained with (paper, Eq. 20)."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sce2tm.nn.contrast import contrast_loss
from sce2tm.nn.cross_view import ClusterHead, balance, consistency_loss
from sce2tm.nn.decoder import Decoder
from sce2tm.nn.distance import distance_loss
from sce2tm.nn.encoder import Encoder, sample
from sce2tm.nn.kl import kl_to_prior
from sce2tm.nn.reconstruction import reconstruction_loss
from sce2tm.nn.share import WHOLE, Share
from sce2tm.nn.sparse import BagRows, SparseRows
from sce2tm.nn.transport import TransportCost


@dataclass(frozen=True)
class Weights:
    """How much each term of the loss counts.

    Attributes
    ----------
    ecr
        Lambda of the transport cost.
    distance
        Weight of the distance loss; 0 leaves it out.
    cross_view
        Weight of the external view's three terms together.
    balance
        Weight of the entropy within the cross-view part.
    contrast_temperature
        Temperature of the neighbour contrast.
    """

    ecr: float
    distance: float
    cross_view: float
    balance: float = 5.0
    contrast_temperature: float = 0.5


@dataclass(frozen=True)
class Batch:
    """What one step sees of B cells; the optional parts go with the losses that need them.

    Attributes
    ----------
    inputs
        B x C components, or the sparse rows, that the encoder reads. With an external view 2B:
        below the cells, a neighbour of each, drawn in this view.
    target
        B x V, log-normalised expression to reconstruct, sparse.
    reference
        B x C, components whose distances the latent keeps.
    external
        2B x D, external view of the cells and below it that of neighbours drawn in it.
    inputs_at, external_at
        Where each of the 2B lies in `inputs` and `external`, if these hold each cell once.
    share
        Part of a larger batch that these cells are, where several processes train.
    """

    inputs: Tensor | SparseRows | BagRows
    target: SparseRows
    reference: Tensor | None = None
    external: Tensor | None = None
    inputs_at: Tensor | None = None
    external_at: Tensor | None = None
    share: Share = WHOLE

    @property
    def n_parts(self) -> int:
        """Cells alone, or cells and neighbours."""
        return 1 if self.external is None else 2


class TopicModel(nn.Module):
    """Encoder, tied decoder, transport and, with an external view, the cluster head.

    Parameters
    ----------
    n_inputs, n_genes, n_topics
        Widths of the encoder's input, of the expression, and K.
    reads_genes
        Whether the encoder's input is sparse.
    n_hidden, n_dims
        Widths of the hidden layer and of the embedding space.
    tau
        Temperature of the gene-topic weights.
    weights
        How much each term counts.
    n_external
        Width of the external view; None leaves the cross-view part out.
    distance_scale
        Median distance of the reference, see `sce2tm.nn.distance.distance_loss`.
    generator
        Source of the initial weights.
    low_precision
        Whether the products of encoder, cluster head and reconstruction are in bfloat16.
        Distances, transport and all sums stay in single precision.

    Attributes
    ----------
    topic_cells
        Count of cells, over the steps since it was last set to zero, by their largest topic.
    """

    topic_cells: Tensor

    def __init__(
        self,
        n_inputs: int,
        n_genes: int,
        n_topics: int,
        *,
        reads_genes: bool,
        n_hidden: int,
        n_dims: int,
        tau: float,
        weights: Weights,
        n_external: int | None,
        distance_scale: float,
        generator: torch.Generator,
        low_precision: bool = False,
    ) -> None:
        super().__init__()
        self.weights = weights
        self.low_precision = low_precision
        self.distance_scale = distance_scale
        self.encoder = Encoder(n_inputs, n_topics, n_hidden, generator, sparse=reads_genes)
        self.decoder = Decoder(n_genes, n_topics, n_dims, tau, generator)
        self.transport = TransportCost(n_topics)
        self.register_buffer(
            "topic_cells", torch.zeros(n_topics, dtype=torch.int64), persistent=False
        )
        self.cluster_head = (
            None if n_external is None else ClusterHead(n_external, n_topics, generator)
        )

    def forward(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the weighted terms of the loss by name; their sum is what training lowers."""
        weights = self.weights
        # one pass for cells and neighbours: a product of twice the rows is cheaper than two
        mean, log_variance = self._encode(batch)
        thetas = F.softmax(sample(mean, log_variance, generator), dim=1).chunk(batch.n_parts)
        mean, log_variance = (of_all.chunk(batch.n_parts)[0] for of_all in (mean, log_variance))
        theta = thetas[0]
        largest = theta.detach().argmax(1)
        self.topic_cells.scatter_add_(0, largest, torch.ones_like(largest))
        cost = self.decoder.cost()
        topic_genes = self.decoder.topic_genes(cost)
        losses = {
            "reconstruction": reconstruction_loss(
                theta,
                topic_genes,
                self.decoder.norm,
                batch.target,
                low_precision=self.low_precision,
                share=batch.share,
            ),
            "kl": kl_to_prior(mean, log_variance, batch.share),
            "ecr": weights.ecr * self.transport(cost),
        }
        if weights.distance and batch.reference is not None:
            losses["distance"] = weights.distance * distance_loss(
                mean, batch.reference, self.distance_scale
            )
        if batch.external is not None:
            losses |= self._cross_view(theta, thetas[1], batch)
        return losses

    @torch.no_grad()
    def unlikelihood(self, batch: Batch) -> Tensor:
        """Sum over cells of the reconstruction loss without noise, as of new cells."""
        mean, _ = self._encode(batch)
        log_expected = self.decoder(F.softmax(mean, dim=1), self.decoder.topic_genes())
        return -torch.dot(torch.take(log_expected, batch.target.positions), batch.target.values)

    def _encode(self, batch: Batch) -> tuple[Tensor, Tensor]:
        with self._half():
            mean, log_variance = self.encoder(batch.inputs, batch.n_parts, batch.inputs_at)
        return mean.to(self.transport.dual), log_variance.to(self.transport.dual)

    def _half(self) -> AbstractContextManager[object]:
        if not self.low_precision:
            return nullcontext()
        return torch.autocast(self.topic_cells.device.type, torch.bfloat16)

    def _cross_view(self, theta: Tensor, near_theta: Tensor, batch: Batch) -> dict[str, Tensor]:
        weights, share = self.weights, batch.share
        with self._half():
            assigned = self.cluster_head(batch.external, 2, batch.external_at)  # type: ignore[misc]
        phi, near_phi = assigned.to(theta).chunk(2)
        # both directions at once: a view of the cells beside the other of their neighbours
        beside = torch.cat((phi, near_theta, theta, near_phi), dim=1).view(len(phi), 2, -1)
        contrast = contrast_loss(beside.transpose(0, 1), weights.contrast_temperature)
        return {
            "consistency": weights.cross_view * consistency_loss(theta, phi, share),
            "contrast": weights.cross_view * contrast,
            "balance": -weights.cross_view
            * weights.balance
            * (balance(theta, share) + balance(phi, share)),
        }
