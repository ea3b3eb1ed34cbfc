"""Rows of a sparse matrix on the device, and the products that need no dense copy of them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Bags:
    """Entries of a sparse matrix, row by row, as a CPU multiplies them fastest.

    Attributes
    ----------
    offsets, columns, values
        Where each row starts, and column and value of each entry.
    """

    offsets: Tensor
    columns: Tensor
    values: Tensor

    def times(self, matrix: Tensor) -> Tensor:
        """Product with a dense matrix."""
        return F.embedding_bag(
            self.columns, matrix, self.offsets, mode="sum", per_sample_weights=self.values
        )


@dataclass(frozen=True)
class BagRows:
    """B sparse rows on a CPU.

    Attributes
    ----------
    rows
        Their entries.
    transposed
        Entries of the transpose of each block of rows, in order, and the number of rows in the
        block: what the gradient needs. Without any, there is none.
    """

    rows: Bags
    transposed: tuple[tuple[Bags, int], ...] = ()


@dataclass(frozen=True)
class SparseRows:
    """B sparse rows of width V.

    Attributes
    ----------
    shape
        B and V.
    positions, values
        Place of each entry in the flattened B x V matrix, row by row, and its value.
    totals
        Sum of each row, length B.
    """

    shape: tuple[int, int]
    positions: Tensor
    values: Tensor
    totals: Tensor

    def dense(self) -> Tensor:
        """Return the rows as a B x V matrix."""
        flat = self.values.new_zeros(self.shape[0] * self.shape[1])
        return flat.scatter_(0, self.positions, self.values).view(self.shape)


def sparse_product(rows: Tensor | SparseRows | BagRows, matrix: Tensor) -> Tensor:
    """``rows @ matrix``, B x h; its gradient is a product with the transpose, as sparse.

    `SparseRows` are made dense, as a GPU multiplies them faster; rows may be dense already.
    """
    if isinstance(rows, SparseRows):
        rows = rows.dense()
    if isinstance(rows, Tensor):
        return rows @ matrix
    product: Tensor = _Product.apply(rows, matrix)  # type: ignore[no-untyped-call]
    return product


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: BagRows, matrix: Tensor) -> Tensor:
        ctx.transposed = rows.transposed
        # detached, or torch prepares for a gradient of its own
        return rows.rows.times(matrix.detach())

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor]:
        blocks, sizes = zip(*ctx.transposed, strict=True)
        slopes = torch.split(grads[0].contiguous(), list(sizes))
        gradient = blocks[0].times(slopes[0])
        for block, slope in zip(blocks[1:], slopes[1:], strict=True):
            gradient.add_(block.times(slope))
        return None, gradient


class SparseLinear(nn.Module):
    """Affine layer on sparse rows; its weight lies the other way round than torch's, V x h.

    Parameters
    ----------
    n_in, n_out
        V and h.
    generator
        Source of the initial values, distributed as `sce2tm.nn.layers.linear` draws them.
    """

    def __init__(self, n_in: int, n_out: int, generator: torch.Generator) -> None:
        super().__init__()
        bound = n_in**-0.5
        self.weight = nn.Parameter(
            torch.empty(n_in, n_out).uniform_(-bound, bound, generator=generator)
        )
        self.bias = nn.Parameter(torch.empty(n_out).uniform_(-bound, bound, generator=generator))

    def forward(self, rows: Tensor | SparseRows | BagRows) -> Tensor:
        """Return ``rows @ weight + bias``, B x h."""
        return sparse_product(rows, self.weight).add_(self.bias)
