"""Expression read in blocks of rows, from memory or from a file, the same way."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.data.matrix import as_csr, check_unique, listing
from sce2tm.errors import InputError

logger = logging.getLogger(__name__)

# a block of cells with 5,000 expressed genes takes 250 MB with all that is made of it
ROWS = 1024


@dataclass(frozen=True)
class Blocks:
    """Cells x genes of an AnnData, to be passed over in order any number of times.

    Attributes
    ----------
    matrix
        Dense, CSR or CSC in memory, or CSR or dense backed by an .h5ad or zarr file.
    where
        What to call it in messages.
    cells, genes
        Names.
    """

    matrix: Any
    where: str
    cells: pd.Index
    genes: pd.Index

    def __iter__(self) -> Iterator[tuple[slice, sparse.csr_matrix]]:
        """Yield rows and their values as canonical CSR float32."""
        for start in range(0, len(self.cells), ROWS):
            rows = slice(start, min(start + ROWS, len(self.cells)))
            yield rows, self._read(rows)

    def _read(self, rows: slice) -> sparse.csr_matrix:
        try:
            return as_csr(self.matrix[rows])
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{self.where} cannot be read from its file, rows {rows.start} to {rows.stop}: "
                f"{error}. The file is damaged: copy or write it again."
            ) from error


def blocks(adata: AnnData, layer: str | None = None) -> Blocks:
    """Find the expression in an AnnData; nothing is read from a file yet.

    Parameters
    ----------
    adata
        Cells x genes; X or the layer may be in memory (dense, CSR, CSC) or backed by a file.
    layer
        Name of the layer to read; None reads X.

    Returns
    -------
    Blocks of rows. CSC costs one sparse copy, because its rows cannot be read alone; from a file
    it is read whole, which is logged.

    Raises
    ------
    InputError
        When the layer is absent, the matrix is empty, or gene names repeat.

    Examples
    --------
    >>> [rows for rows, _ in blocks(AnnData(np.eye(3, dtype="float32")))]
    [slice(0, 3, None)]
    """
    if layer is not None and layer not in adata.layers:
        raise InputError(
            f"layer={layer!r} is not in adata.layers, which holds {sorted(adata.layers)!r}. "
            "Name one of these, or leave layer=None to read adata.X."
        )
    matrix = adata.X if layer is None else adata.layers[layer]
    where = "adata.X" if layer is None else f"adata.layers[{layer!r}]"
    if matrix is None:
        raise InputError(f"{where} is None. Give the matrix of counts, or name a layer.")
    if 0 in adata.shape:
        raise InputError(f"{where} is empty: {adata.n_obs} cells x {adata.n_vars} genes.")
    check_unique(adata.var_names, "adata.var_names", "adata.var_names_make_unique()")
    if getattr(matrix, "format", "csr") != "csr":
        if hasattr(matrix, "group"):
            n_values = matrix.group["data"].shape[0]
            logger.warning(
                "%s is stored by columns (CSC), which cannot be read in rows: all %d values are "
                "read, at most %d MB. Store it by rows (CSR) to read it in blocks.",
                where,
                n_values,
                16 * n_values / 1e6,
            )
        matrix = as_csr(matrix)
    return Blocks(matrix, where, adata.obs_names, adata.var_names)


@dataclass(frozen=True)
class Summary:
    """What one pass over the expression tells.

    Attributes
    ----------
    totals
        Sum of each cell over all genes.
    largest
        Largest value.
    whole
        Whether all values are whole numbers.
    """

    totals: npt.NDArray[np.float64]
    largest: float
    whole: bool


def summarise(expression: Blocks) -> Summary:
    """Pass over the expression once, and refuse what no model can use.

    Raises
    ------
    InputError
        When a value is NaN, infinite or negative, or a cell is empty.
    """
    totals = np.zeros(len(expression.cells))
    largest, whole = 0.0, True
    for rows, values in expression:
        _check(values, expression, rows.start)
        totals[rows] = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
        largest = max(largest, float(values.data.max(initial=0.0)))
        whole = whole and bool(np.all(values.data == np.floor(values.data)))
    empty = np.flatnonzero(totals == 0)
    if empty.size:
        raise InputError(
            f"{empty.size} of {len(totals)} cells have no counts at all: "
            f"{listing(expression.cells[empty])}. Remove them first, e.g. with "
            "scanpy.pp.filter_cells(adata, min_counts=1)."
        )
    return Summary(totals, largest, whole)


def _check(values: sparse.csr_matrix, expression: Blocks, start: int) -> None:
    for what, wrong, remedy in (
        ("NaN or infinite", ~np.isfinite(values.data), "Replace or remove them first."),
        (
            "negative",
            values.data < 0,
            "Scaled or centred values cannot be used: give counts or log-normalised values, "
            "e.g. layer='counts' or adata.raw.to_adata().",
        ),
    ):
        if wrong.any():
            first = int(np.argmax(wrong))
            cell = start + int(np.searchsorted(values.indptr, first, side="right")) - 1
            raise InputError(
                f"{expression.where} holds {what} values, {int(wrong.sum())} in the first "
                f"{start + values.shape[0]} cells; the first is {float(values.data[first])!r}, for "
                f"cell {expression.cells[cell]!r} and gene "
                f"{expression.genes[values.indices[first]]!r}. {remedy}"
            )
