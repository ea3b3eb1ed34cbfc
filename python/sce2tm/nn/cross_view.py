"""Agreement of the topics with an external view of the same cells (paper, Eq. 8 to 13)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sce2tm.nn.batch_norm import BatchNorm
from sce2tm.nn.layers import Tanh, linear, rows_at
from sce2tm.nn.share import WHOLE, Share


class ClusterHead(nn.Module):
    """Soft assignment of the external view to topics.

    ``softmax(Linear(tanh(BatchNorm(Linear(E)))))``, as wide inside as the view itself.

    Parameters
    ----------
    n_inputs
        Width D of the external view.
    n_topics
        K.
    generator
        Source of the initial weights.
    """

    def __init__(self, n_inputs: int, n_topics: int, generator: torch.Generator) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            linear(n_inputs, n_inputs, generator),
            BatchNorm(n_inputs),
            Tanh(),
            linear(n_inputs, n_topics, generator),
        )

    def forward(self, external: Tensor, n_parts: int = 1, at: Tensor | None = None) -> Tensor:
        """Return the assignment phi, B x K, rows summing to 1; `n_parts`, `at` as in `Encoder`."""
        first, norm, tanh, second = self.layers
        return F.softmax(second(tanh(norm(rows_at(first(external), at), n_parts))), dim=1)


def consistency_loss(theta: Tensor, phi: Tensor, share: Share = WHOLE) -> Tensor:
    """Mean over cells of ``-log(theta_i . phi_i)``.

    Eq. 9 prints the logarithm outside of the sum; per cell is what the published code trains.
    """
    return -share.mean(torch.log((theta * phi).sum(1).clamp_min(1e-20)))


def balance(assignment: Tensor, share: Share = WHOLE) -> Tensor:
    """Entropy of the mean assignment of a batch, in nats: high when all topics are used."""
    mean = share.average(share.mean(assignment))
    return -(mean * torch.log(mean.clamp_min(1e-9))).sum()
