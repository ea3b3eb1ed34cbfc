"""The change of expression that was measured between two conditions, group by group."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData

from sce2tm import expression

Mask = npt.NDArray[np.bool_]


def observed_change(
    adata: AnnData,
    genes: pd.Index,
    groups: npt.NDArray[np.intp],
    control: Mask,
    treated: Mask,
    n_groups: int,
) -> npt.NDArray[np.float64]:
    """Mean log-normalised expression of treated minus control cells, groups x genes.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    genes
        Modelled genes that they have.
    groups
        Group of each cell, -1 for none; each of the `n_groups` has control and treated cells.
    control, treated
        Which cells are which.
    """
    member = np.zeros((2 * n_groups, adata.n_obs), dtype=np.float32)
    for side, mask in enumerate((control, treated)):
        cells = np.flatnonzero(mask & (groups >= 0))
        member[groups[cells] + side * n_groups, cells] = 1
    member /= member.sum(axis=1, keepdims=True)
    means = np.zeros((2 * n_groups, len(genes)))
    for rows, values in expression.lognormalised(adata, genes):
        means += (values.T @ member[:, rows].T).T
    change: npt.NDArray[np.float64] = means[n_groups:] - means[:n_groups]
    return change
