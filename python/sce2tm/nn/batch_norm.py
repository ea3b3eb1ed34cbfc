"""Batch normalisation whose batch may be divided among processes, on any device."""

import torch
from torch import Tensor, distributed, nn

from sce2tm.nn.share import average


class BatchNorm(nn.BatchNorm1d):
    """`torch.nn.BatchNorm1d`, and where several processes train, over the cells of all.

    torch's own `SyncBatchNorm` does the same, but refuses tensors on a CPU.

    Attributes
    ----------
    shared
        Whether mean and variance in training are those over all processes. Costs two messages
        of a row each in a step, and two for the gradient.

    Examples
    --------
    >>> BatchNorm(3)(torch.eye(3)).sum(0).round().tolist()
    [0.0, 0.0, 0.0]
    """

    shared = False

    def forward(self, inputs: Tensor, n_parts: int = 1) -> Tensor:
        """Normalise each column of B x h, in training within each of `n_parts` equal parts."""
        if n_parts == 1 or not self.training:
            return self._normalise(inputs)
        return torch.cat([self._normalise(part) for part in inputs.chunk(n_parts)])

    def _normalise(self, inputs: Tensor) -> Tensor:
        if not (self.shared and self.training):
            return super().forward(inputs)
        values = inputs.to(self.weight)
        # parts of a batch may differ by a cell: the number of cells travels with the sums
        n_cells = values.new_full((1,), len(values))
        sums, count = average(torch.cat([values.sum(0), n_cells])).tensor_split([-1])
        mean = sums / count
        centred = values - mean
        variance = average((centred**2).sum(0)) / count
        track(self, mean.detach(), variance.detach(), count * distributed.get_world_size())
        scaled = centred * (torch.rsqrt(variance + self.eps) * self.weight) + self.bias
        return scaled.to(inputs)


def track(norm: nn.BatchNorm1d, mean: Tensor, variance: Tensor, n_cells: float | Tensor) -> None:
    """Bring the running statistics nearer to those of a batch of `n_cells`, over all processes."""
    momentum = norm.momentum or 0.1
    norm.running_mean.lerp_(mean, momentum)  # type: ignore[union-attr]
    unbiased = variance * (n_cells / (n_cells - 1))
    norm.running_var.lerp_(unbiased, momentum)  # type: ignore[union-attr]
    norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]
