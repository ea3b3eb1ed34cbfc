"""Which cells a user means: a mask, or a sentence about ``obs``."""

from typing import Any

import numpy as np
import numpy.typing as npt
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError

Cells = npt.ArrayLike | None


def select_cells(adata: AnnData, cells: Cells, argument: str) -> npt.NDArray[np.bool_]:
    """Turn a choice of cells into a mask.

    Parameters
    ----------
    adata
        The cells.
    cells
        One boolean for each cell, a query of ``obs`` as pandas reads it, or None for all cells.
    argument
        What the caller calls it, for messages.

    Raises
    ------
    InputError
        The query cannot be read, the mask is of another length, or no cell is left.

    Examples
    --------
    >>> adata = AnnData(np.ones((3, 2)))
    >>> adata.obs["drug"] = ["no", "yes", "no"]
    >>> select_cells(adata, "drug == 'no'", "cells")
    array([ True, False,  True])
    """
    if cells is None:
        return np.ones(adata.n_obs, dtype=bool)
    mask = np.asarray(_asked(adata, cells, argument) if isinstance(cells, str) else cells)
    if mask.shape != (adata.n_obs,) or mask.dtype != bool:
        raise InputError(
            f"{argument} is {mask.dtype} of shape {mask.shape}; give one boolean for each of the "
            f"{adata.n_obs} cells, or a query of adata.obs such as \"condition == 'CTRL'\"."
        )
    if not mask.any():
        raise InputError(f"{argument}={cells!r} leaves no cell. Choose others.")
    return mask


def conditions(
    adata: AnnData, observed: tuple[str, str, str]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Masks of two groups of cells: a column of ``obs`` and two of its values.

    Raises
    ------
    InputError
        There is no such column or value.
    """
    key, *values = observed
    present = results.column(adata, key).astype(str).to_numpy()
    for value in values:
        if value not in present:
            raise InputError(
                f"observed={observed!r}: {value!r} is not in adata.obs[{key!r}]. "
                f"Use two of {sorted(set(present))}."
            )
    return present == values[0], present == values[1]


def _asked(adata: AnnData, query: str, argument: str) -> Any:
    try:
        # empty dictionaries: a query sees the columns and no variable of the program
        return adata.obs.eval(query, engine="python", local_dict={}, global_dict={})
    except Exception as error:  # pandas lets anything through that Python's parser raises
        raise InputError(
            f"{argument}={query!r} is no query of adata.obs ({error}). Write it like "
            "\"condition == 'CTRL'\", with columns among "
            f"{sorted(map(str, adata.obs.columns))}."
        ) from error
