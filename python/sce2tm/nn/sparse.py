"""Rows of a sparse matrix on the device, and the products that need no dense copy of them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Bags:
    """Entries of sparse rows and of their transpose, as `sparse_product` reads them on a CPU.

    Attributes
    ----------
    offsets, columns, values
        Row starts (length B), and column and value of each entry, row by row.
    offsets_t, rows_t, values_t
        The same of the transpose: starts of the V columns, and row and value of each entry.
    """

    offsets: Tensor
    columns: Tensor
    values: Tensor
    offsets_t: Tensor
    rows_t: Tensor
    values_t: Tensor


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


def sparse_product(rows: SparseRows | Bags, matrix: Tensor) -> Tensor:
    """``rows @ matrix``, B x h; its gradient is a product with the transpose, as sparse.

    `SparseRows` are made dense, as a GPU multiplies them faster.
    """
    if isinstance(rows, SparseRows):
        return rows.dense() @ matrix
    product: Tensor = _Product.apply(rows, matrix)  # type: ignore[no-untyped-call]
    return product


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Bags, matrix: Tensor) -> Tensor:
        ctx.rows = rows
        return _bags(rows.columns, matrix, rows.offsets, rows.values)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor]:
        rows = ctx.rows
        return None, _bags(rows.rows_t, grads[0].contiguous(), rows.offsets_t, rows.values_t)


def _bags(index: Tensor, matrix: Tensor, offsets: Tensor, values: Tensor) -> Tensor:
    return F.embedding_bag(index, matrix, offsets, mode="sum", per_sample_weights=values)


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

    def forward(self, rows: SparseRows | Bags) -> Tensor:
        """Return ``rows @ weight + bias``, B x h."""
        return sparse_product(rows, self.weight) + self.bias
