"""Library-size normalisation of blocks of rows, and the choice of their columns."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sce2tm.data.matrix import Values

FloatArray = npt.NDArray[np.float32]
# numbers of cells: consecutive ones, or any
Rows: TypeAlias = slice | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Normalisation:
    """How the values of some cells become log-normalised ones.

    Attributes
    ----------
    values
        What they are: counts are normalised, log-normalised values are taken as they are.
    totals
        Library size of each cell, over all genes.
    target_sum
        Library size to bring each cell to. 0 leaves counts as they are, as the paper does; depth
        then decides much of what is found.
    """

    values: Values
    totals: npt.NDArray[np.float64]
    target_sum: float

    def linear(self, block: sparse.csr_matrix, rows: Rows) -> FloatArray:
        """Normalised counts: the block's data before the logarithm, in new memory.

        Examples
        --------
        >>> counts = sparse.csr_matrix(np.array([[1.0, 3.0]], dtype="float32"))
        >>> Normalisation("counts", np.array([4.0]), 8.0).linear(counts, slice(0, 1))
        array([2., 6.], dtype=float32)
        """
        data: FloatArray = block.data.astype(np.float32)
        if self.values == "lognorm":
            np.expm1(data, out=data)
            return data
        if self.target_sum:
            factors = (self.target_sum / self.totals[rows]).astype(np.float32)
            data *= np.repeat(factors, np.diff(block.indptr))
        return data

    def logs(self, block: sparse.csr_matrix, rows: Rows) -> sparse.csr_matrix:
        """``log1p(target_sum * count / total)``; the pattern of zeros is shared.

        Examples
        --------
        >>> counts = sparse.csr_matrix(np.array([[1.0, 3.0]], dtype="float32"))
        >>> Normalisation("counts", np.array([4.0]), 4.0).logs(counts, slice(0, 1)).toarray()
        array([[0.6931472, 1.3862944]], dtype=float32)
        """
        if self.values == "lognorm":
            return block
        data = self.linear(block, rows)
        np.log1p(data, out=data)
        return sparse.csr_matrix((data, block.indices, block.indptr), shape=block.shape)


def select(
    block: sparse.csr_matrix, position: npt.NDArray[np.int64], n_columns: int
) -> sparse.csr_matrix:
    """Move columns to new places and drop those at -1.

    Parameters
    ----------
    block
        Rows x columns.
    position
        New place of each column.
    n_columns
        Width of the result; places that no column takes are empty.

    Examples
    --------
    >>> block = sparse.csr_matrix(np.array([[1.0, 2.0, 3.0]]))
    >>> select(block, np.array([2, -1, 0]), 4).toarray()
    array([[3., 0., 1., 0.]])
    """
    columns = position[block.indices]
    keep = columns >= 0
    starts = np.concatenate([[0], np.cumsum(keep)])[block.indptr]
    chosen = sparse.csr_matrix(
        (block.data[keep], columns[keep].astype(np.int32), starts),
        shape=(block.shape[0], n_columns),
    )
    chosen.sort_indices()
    return chosen
