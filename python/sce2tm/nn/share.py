"""A batch that several processes divide among them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed


@dataclass(frozen=True)
class Share:
    """The part of a batch that one process has: all of it, unless others train the same model.

    Training lowers the average of the processes' losses. A loss that is written with `mean` and
    `average` is then the loss of the whole batch, and so is its gradient.

    Attributes
    ----------
    n_cells
        Cells of the batch over all processes; None takes those that are here.
    rank, n_processes
        Which process this is, from 0, and how many there are.

    Examples
    --------
    >>> [Share(5, rank, 2).rows for rank in (0, 1)]
    [slice(0, 2, None), slice(2, 5, None)]
    """

    n_cells: int | None = None
    rank: int = 0
    n_processes: int = 1

    @property
    def rows(self) -> slice:
        """Place of the cells within the batch; parts differ by one cell at most."""
        if self.n_cells is None:
            return slice(None)
        ends = (self.n_cells * end // self.n_processes for end in (self.rank, self.rank + 1))
        return slice(*ends)

    def cells(self, values: Tensor) -> float:
        """Cells of the batch for each process, on average; `values` has a row for each here."""
        return len(values) if self.n_cells is None else self.n_cells / self.n_processes

    def mean(self, values: Tensor) -> Tensor:
        """Mean over cells, such that its average over the processes is that of the batch."""
        return values.mean(0) if self.n_cells is None else values.sum(0) / self.cells(values)

    def average(self, values: Tensor) -> Tensor:
        """Average over the processes; its gradient is the average of theirs."""
        return values if self.n_processes == 1 else average(values)


WHOLE = Share()


def average(values: Tensor) -> Tensor:
    """Average a tensor over all processes of the group, equal to the last bit in each."""
    result: Tensor = _Average.apply(values)  # type: ignore[no-untyped-call]
    return result


class _Average(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return _averaged(values)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return _averaged(grads[0])


def _averaged(values: Tensor) -> Tensor:
    total = values.detach().clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(total)
    return total.div_(distributed.get_world_size())
