"""Matrices as sparse rows, and what kind of values they hold."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from sce2tm.errors import InputError

Values = Literal["counts", "lognorm"]

# log2(1e6 + 1) is below 20: no log-transformed expression reaches further
LARGEST_LOG = 20.0
_BLOCK = 4096


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


def recognise(largest: float, whole: bool, values: str) -> Values:
    """Tell counts from log-normalised values, and refuse the one where the other was said.

    Parameters
    ----------
    largest, whole
        Largest value, and whether all are whole numbers.
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
    >>> recognise(31.0, True, "auto")
    'counts'
    """
    if values not in ("auto", "counts", "lognorm"):
        raise InputError(f"values={values!r} is unknown. Say 'auto', 'counts' or 'lognorm'.")
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
