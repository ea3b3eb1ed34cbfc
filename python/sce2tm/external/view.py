"""Find the external view of the cells, check it, and put its rows in their order."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.data.matrix import check_unique, listing
from sce2tm.errors import InputError

logger = logging.getLogger(__name__)

DEFAULT = "X_scGPT"
_BLOCK = 4096
External: TypeAlias = str | Path | npt.NDArray[Any] | pd.DataFrame | None


@dataclass(frozen=True)
class ExternalView:
    """An external embedding, a row for each cell.

    Attributes
    ----------
    name
        Where it came from: the key in ``obsm``, the file, "array" or "table".
    values
        Cells x D, finite float32, no constant column.
    """

    name: str
    values: npt.NDArray[np.float32]

    @property
    def width(self) -> int:
        """Number of columns D."""
        return int(self.values.shape[1])


def resolve(external: External, adata: AnnData) -> ExternalView | None:
    """Turn what the user said into a checked matrix, or None to train without one.

    Parameters
    ----------
    external
        A key of ``obsm``; a matrix whose rows are the cells in their order; a table or the
        path of a .csv or .tsv whose row names are cell names, in any order, more cells
        allowed; or None. The default name, "X_scGPT", may be absent; any other must exist.
    adata
        The cells.

    Raises
    ------
    InputError
        When the key is absent, rows or cells are missing, values are not finite, or no column
        varies.

    Examples
    --------
    >>> adata = AnnData(np.eye(3), obsm={"X_view": np.arange(6.0).reshape(3, 2)})
    >>> resolve("X_view", adata).values.shape
    (3, 2)
    """
    if external is None:
        return None
    if isinstance(external, Path) or (
        isinstance(external, str) and Path(external).suffix in (".csv", ".tsv")
    ):
        return _checked(str(external), _aligned(_read(Path(external)), adata, str(external)))
    if isinstance(external, str):
        if external in adata.obsm:
            name = f"external={external!r}"
            return _checked(external, _in_order(adata.obsm[external], adata, name))
        if external == DEFAULT:
            logger.info("No external view (obsm has no %r): training without one.", DEFAULT)
            return None
        raise InputError(
            f"external={external!r} is not in adata.obsm, which holds {sorted(adata.obsm)!r}. "
            "Name one of these, give an array, a table or a .csv/.tsv file, or say external=None."
        )
    if isinstance(external, pd.DataFrame):
        return _checked("table", _aligned(external, adata, "external"))
    return _checked("array", _in_order(external, adata, "external"))


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"external={str(path)!r} does not exist. Give the path of a .csv or .tsv.")
    try:
        table = pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",", index_col=0)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"external={str(path)!r} cannot be read as a table: {error}") from error
    table.index = table.index.astype(str)
    return table


def _aligned(table: pd.DataFrame, adata: AnnData, name: str) -> npt.NDArray[Any]:
    """Rows of the table in the order of the cells."""
    check_unique(adata.obs_names, "adata.obs_names", "adata.obs_names_make_unique()")
    check_unique(table.index, f"the index of {name}", "table[~table.index.duplicated()]")
    missing = adata.obs_names.difference(table.index, sort=False)
    if len(missing):
        raise InputError(
            f"{name} has no row for {len(missing)} of {adata.n_obs} cells: {listing(missing)} "
            f"(its own rows are named like {listing(table.index, 2)}). Its row names must be the "
            "cell names; to go by position, give a NumPy array."
        )
    return _numbers(table.loc[adata.obs_names], name)


def _in_order(values: Any, adata: AnnData, name: str) -> npt.NDArray[Any]:
    """Rows that are in the order of the cells already."""
    if sparse.issparse(values):
        values = values.toarray()
    array = _numbers(values, name)
    if array.ndim != 2 or array.shape[0] != adata.n_obs:
        raise InputError(
            f"{name} has shape {array.shape}, but there are {adata.n_obs} cells. Give a matrix "
            "with a row for each cell, in their order, or a table with cell names as its index."
        )
    return array


def _numbers(values: Any, name: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} holds something other than numbers: {error}.") from error


def _checked(name: str, values: npt.NDArray[Any]) -> ExternalView:
    finite = np.isfinite(values)
    if not finite.all():
        raise InputError(
            f"the external view {name!r} holds {int((~finite).sum())} NaN or infinite values, in "
            f"{int((~finite.all(axis=1)).sum())} of {len(values)} cells. Remove these cells or "
            "compute their embedding again."
        )
    varies = values.max(axis=0) > values.min(axis=0) if len(values) else np.zeros(0, bool)
    if not varies.any():
        raise InputError(
            f"the external view {name!r} has {values.shape[1]} columns, and none differs between "
            "cells. It cannot guide the topics: compute it again, or say external=None."
        )
    if not varies.all():
        warnings.warn(
            f"the external view {name!r} has {int((~varies).sum())} constant columns of "
            f"{values.shape[1]}; they are left out.",
            stacklevel=4,
        )
        values = values[:, varies]
    return ExternalView(name, np.ascontiguousarray(values))


def leading_components(
    values: npt.NDArray[np.float32], n_components: int
) -> npt.NDArray[np.float32]:
    """Principal components of a view that is wider than `n_components`; others as they are.

    A network that starts with a linear layer and batch normalisation sees the same in them, but
    for the variance left out, at a fraction of the cost.

    Parameters
    ----------
    values
        Cells x D.
    n_components
        Columns to keep; 0 keeps the view itself.

    Returns
    -------
    Cells x at most `n_components`, unscaled, the widest first.

    Examples
    --------
    >>> leading_components(np.eye(4, dtype="float32"), 2).shape
    (4, 2)
    """
    if not 0 < n_components < values.shape[1]:
        return values
    mean = values.mean(axis=0, dtype=np.float64)
    moments = (values.T @ values).astype(np.float64) / len(values)
    _, axes = np.linalg.eigh(moments - np.outer(mean, mean))
    leading = axes[:, ::-1][:, :n_components].astype(np.float32)
    # the sign of an eigenvector is arbitrary
    leading *= np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(n_components)])
    components = np.empty((len(values), n_components), dtype=np.float32)
    for start in range(0, len(values), _BLOCK):  # no second table of all cells
        rows = slice(start, start + _BLOCK)
        components[rows] = (values[rows] - mean.astype(np.float32)) @ leading
    return components
