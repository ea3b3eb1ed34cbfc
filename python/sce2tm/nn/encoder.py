"""From a cell to the Gaussian of its latent (paper, Eq. 8 and 16)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sce2tm.nn.batch_norm import BatchNorm
from sce2tm.nn.layers import Tanh, linear, rows_at
from sce2tm.nn.sparse import BagRows, SparseLinear, SparseRows


class Encoder(nn.Module):
    """Two-layer encoder with batch-normalised heads for mean and log-variance.

    ``Linear -> BatchNorm -> tanh -> Linear``, then ``BatchNorm(Linear)`` for each head.

    Parameters
    ----------
    n_inputs
        Width of the input: genes, or principal components.
    n_topics
        Width K of the latent.
    n_hidden
        Width of the hidden layer.
    generator
        Source of the initial weights.
    sparse
        Read `SparseRows` rather than a dense tensor.
    """

    def __init__(
        self,
        n_inputs: int,
        n_topics: int,
        n_hidden: int,
        generator: torch.Generator,
        *,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        first = SparseLinear if sparse else linear
        self.body = nn.Sequential(
            first(n_inputs, n_hidden, generator),
            BatchNorm(n_hidden),
            Tanh(),
            linear(n_hidden, n_hidden, generator),
        )
        # mean and log-variance side by side: one product, and normalised column by column
        self.heads = nn.Sequential(
            linear(n_hidden, 2 * n_topics, generator), BatchNorm(2 * n_topics)
        )

    def forward(
        self, inputs: Tensor | SparseRows | BagRows, n_parts: int = 1, at: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance, each B x K, of the latent of each cell.

        In training, cells are normalised within each of `n_parts` equal parts of the batch, as if
        the parts had been read one after the other. `at` says where each cell lies in `inputs`,
        if these are not the cells in their order.
        """
        first, norm, tanh, second = self.body
        hidden = tanh(norm(rows_at(first(inputs), at), n_parts))
        heads, norm = self.heads
        # nothing lies between these layers: one map of the cells instead of two
        values = F.linear(hidden, *_in_a_row(second, heads))
        mean, log_variance = norm(values, n_parts).chunk(2, dim=1)
        return mean, log_variance


def _in_a_row(inner: nn.Module, outer: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight and bias of the affine map that two affine layers are together."""
    (weight, bias), (outer_weight, outer_bias) = inner.parameters(), outer.parameters()
    return outer_weight @ weight, torch.addmv(outer_bias, outer_weight, bias)


def sample(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Draw the latent by the reparameterisation ``mean + exp(log_variance / 2) * noise``."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + torch.exp(0.5 * log_variance) * noise
