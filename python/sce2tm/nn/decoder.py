"""From topic proportions to expected expression (paper, Eq. 17 and 18)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Decoder(nn.Module):
    """Tied linear decoder: genes and topics are points of one embedding space.

    ``O[m, k]`` is the softmax over topics of ``-||g_m - t_k||^2 / tau``, and the expected
    expression of a cell is the softmax over genes of ``BatchNorm(theta O^T)``.

    Parameters
    ----------
    n_genes, n_topics
        V and K.
    n_dims
        Width d of the embedding space.
    tau
        Temperature of O: smaller is sharper. The published value is 0.2, ours 1.
    generator
        Source of the initial embeddings, random directions of length 1.
    """

    def __init__(
        self, n_genes: int, n_topics: int, n_dims: int, tau: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.tau = tau
        self.gene_embedding = nn.Parameter(_directions(n_genes, n_dims, generator))
        self.topic_embedding = nn.Parameter(_directions(n_topics, n_dims, generator))
        self.norm = nn.BatchNorm1d(n_genes)

    def cost(self) -> Tensor:
        """Squared Euclidean distances between genes and topics, V x K."""
        distances: Tensor = _SquaredDistances.apply(  # type: ignore[no-untyped-call]
            self.gene_embedding, self.topic_embedding
        )
        return distances

    def topic_genes(self, cost: Tensor | None = None) -> Tensor:
        """Gene-to-topic weights O, V x K; each gene's weights sum to 1 over topics."""
        return F.softmax((self.cost() if cost is None else cost) * (-1.0 / self.tau), dim=1)

    def forward(self, theta: Tensor, topic_genes: Tensor) -> Tensor:
        """Log of the expected expression proportions, B x V."""
        return F.log_softmax(self.norm(theta @ topic_genes.T), dim=1)


class _SquaredDistances(torch.autograd.Function):
    """Between all pairs; the gradient is one product for each side, and no V x K beside it."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, others: Tensor) -> Tensor:
        ctx.save_for_backward(points, others)
        # unlike a product and its sum, a norm makes nothing of V x d
        squares, other_squares = (torch.linalg.vector_norm(p, dim=1) ** 2 for p in (points, others))
        distances = torch.addmm(other_squares, points, others.T, alpha=-2.0)
        return distances.add_(squares[:, None]).clamp_min_(0.0)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        points, others = ctx.saved_tensors
        by_point = points * grads[0].sum(1, keepdim=True)
        by_other = others * grads[0].sum(0)[:, None]
        return (
            by_point.addmm_(grads[0], others, beta=2.0, alpha=-2.0),
            by_other.addmm_(grads[0].T, points, beta=2.0, alpha=-2.0),
        )


def _directions(n_points: int, n_dims: int, generator: torch.Generator) -> Tensor:
    """Draw rows from a truncated normal(0, 0.02) and scale each to length 1."""
    points = torch.empty(n_points, n_dims)
    nn.init.trunc_normal_(points, std=0.02, generator=generator)
    return F.normalize(points)
