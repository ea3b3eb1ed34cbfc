"""Take the expression matrix out of its container, as checked sparse rows."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.errors import InputError

Values = Literal["counts", "lognorm"]

# log2(1e6 + 1) is below 20: no log-transformed expression reaches further
LARGEST_LOG = 20.0
_BLOCK = 4096


def expression(adata: AnnData, layer: str | None = None) -> sparse.csr_matrix:
    """Cells x genes of an AnnData as CSR float32, checked; the caller's matrix is not changed.

    Parameters
    ----------
    adata
        Cells x genes; X or the layer may be dense, CSR, CSC or backed by a file.
    layer
        Name of the layer to read; None reads X.

    Returns
    -------
    CSR float32. It shares memory with the caller's matrix where that has this form already
    (no cost); CSC and dense input cost one sparse copy.

    Raises
    ------
    InputError
        When the layer is absent, the matrix is empty, gene names repeat, or a value is NaN,
        infinite or negative.

    Examples
    --------
    >>> expression(AnnData(np.eye(3, dtype="float32"))).nnz
    3
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
    rows = as_csr(matrix)
    _check_values(rows, adata, where)
    return rows


def as_csr(matrix: Any) -> sparse.csr_matrix:
    """Turn dense, CSR, CSC or file-backed rows into canonical CSR float32, copying only if due.

    Dense input is read in blocks of rows, so no second dense matrix exists at any time.

    Examples
    --------
    >>> as_csr(np.array([[0, 2], [1, 0]])).dtype
    dtype('float32')
    """
    if hasattr(matrix, "to_memory"):
        matrix = matrix.to_memory()
    if sparse.issparse(matrix):
        rows = sparse.csr_matrix(matrix).astype(np.float32, copy=False)
        if not rows.has_canonical_format:
            rows = rows.copy()
            rows.sum_duplicates()
        return rows
    try:
        dense = np.asarray(matrix)
        blocks = [
            sparse.csr_matrix(dense[start : start + _BLOCK], dtype=np.float32)
            for start in range(0, dense.shape[0], _BLOCK)
        ]
    except (TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"the expression matrix is a {type(matrix).__name__}, which cannot be read as "
            "numbers. Give a NumPy array or a SciPy sparse matrix of cells x genes."
        ) from error
    return sparse.vstack(blocks, format="csr")


def check_unique(names: pd.Index, where: str, remedy: str) -> None:
    """Raise an InputError that lists repeated names and says what to call."""
    if not names.is_unique:
        repeated = names[names.duplicated()].unique()
        raise InputError(
            f"{where} has {len(repeated)} repeated names: {listing(repeated)}. Call {remedy} first."
        )


def listing(names: Any, most: int = 5) -> str:
    """Write out the first few names, and how many more there are."""
    names = [str(name) for name in names]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + rest


def cell_totals(rows: sparse.csr_matrix, names: pd.Index) -> npt.NDArray[np.float64]:
    """Sum of each cell over all genes; raises an InputError that lists empty cells.

    Examples
    --------
    >>> cell_totals(as_csr(np.array([[1, 2], [0, 4]])), pd.Index(["a", "b"]))
    array([3., 4.])
    """
    totals = np.asarray(rows.sum(axis=1, dtype=np.float64)).ravel()
    empty = np.flatnonzero(totals == 0)
    if empty.size:
        raise InputError(
            f"{empty.size} of {len(names)} cells have no counts at all: {listing(names[empty])}. "
            "Remove them first, e.g. with scanpy.pp.filter_cells(adata, min_counts=1)."
        )
    return totals


def recognise(rows: sparse.csr_matrix, values: str) -> Values:
    """Tell counts from log-normalised values, and refuse the one where the other was said.

    Parameters
    ----------
    rows
        Checked expression, see `expression`.
    values
        ``"auto"`` decides: whole numbers are counts, and so are other values beyond 20, which
        no logarithm of expression reaches (RPKM, TPM, counts corrected for ambient RNA); the
        rest is log-normalised. ``"counts"`` and ``"lognorm"`` are taken at their word unless
        the values cannot be that.

    Raises
    ------
    InputError
        For another word, logs said to be counts, or counts said to be logs.

    Examples
    --------
    >>> recognise(as_csr(np.array([[0, 2], [31, 0]])), "auto")
    'counts'
    """
    if values not in ("auto", "counts", "lognorm"):
        raise InputError(f"values={values!r} is unknown. Say 'auto', 'counts' or 'lognorm'.")
    largest = float(rows.data.max(initial=0.0))
    whole = bool(np.all(rows.data == np.floor(rows.data)))
    if values == "counts" and not whole and largest <= LARGEST_LOG:
        raise InputError(
            f"values='counts', but the matrix holds fractions and its largest value is "
            f"{largest:.4g}: these look log-transformed. Say values='lognorm', or name the "
            "layer that holds the counts."
        )
    if values == "lognorm" and largest > LARGEST_LOG:
        raise InputError(
            f"values='lognorm', but the largest value is {largest:.4g}, which no logarithm of "
            "expression reaches: these look like counts. Say values='counts', or name the "
            "layer that holds log-normalised values."
        )
    if values == "auto":
        return "counts" if whole or largest > LARGEST_LOG else "lognorm"
    return "counts" if values == "counts" else "lognorm"


def _check_values(rows: sparse.csr_matrix, adata: AnnData, where: str) -> None:
    for what, wrong, remedy in (
        ("NaN or infinite", ~np.isfinite(rows.data), "Replace or remove them first."),
        (
            "negative",
            rows.data < 0,
            "Scaled or centred values cannot be used: give counts or log-normalised values, "
            "e.g. layer='counts' or adata.raw.to_adata().",
        ),
    ):
        if wrong.any():
            first = int(np.argmax(wrong))
            cell = int(np.searchsorted(rows.indptr, first, side="right")) - 1
            raise InputError(
                f"{where} holds {int(wrong.sum())} {what} values, the first for cell "
                f"{adata.obs_names[cell]!r} and gene {adata.var_names[rows.indices[first]]!r} "
                f"({float(rows.data[first])!r}). {remedy}"
            )
