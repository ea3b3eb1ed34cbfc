"""How well topics foretell hidden genes, in cells that they were not fitted on."""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData

from sce2tm.container import UNS
from sce2tm.tl.profiles import lognorm

if TYPE_CHECKING:
    from sce2tm.model import SCE2TM

Floats = npt.NDArray[np.float64]

_PARTS = 5
_TINY = 1e-12


def held_out_gain(
    model: "SCE2TM", fitted: AnnData, profiles: pd.DataFrame, cells: AnnData
) -> Floats:
    """Log-likelihood of hidden genes of new cells, beyond what the mean cell would give them.

    The modelled genes are dealt into five parts. Each part is hidden in turn: the model embeds
    the cells from the other genes, the topics' profiles say what the hidden genes should be, and
    the cells' own values of them are scored. A cell is never scored on what it was embedded from;
    a topic that only memorises gains nothing.

    Parameters
    ----------
    model
        The model.
    fitted
        The cells that it was fitted on, annotated.
    profiles
        Profiles of its topics in these cells.
    cells
        Cells that it was not fitted on.

    Returns
    -------
    numpy.ndarray
        For each cell, nats for each unit of log-normalised expression.

    Notes
    -----
    Profiles refitted to the training cells stand in for the decoder, whose short training leaves
    them flatter than the cells are: that would count against some K more than against others.
    """
    params, genes = fitted.uns[UNS]["params"], profiles.index
    mean = np.asarray(lognorm(fitted, genes, params).sum(axis=0), dtype=np.float64).ravel()
    target = lognorm(cells, genes, params).tocsc()
    parts = np.random.default_rng(0).permutation(len(genes)) % min(_PARTS, len(genes))
    gain = np.zeros(cells.n_obs)
    for part in range(parts.max() + 1):
        hidden = np.flatnonzero(parts == part)
        shown = cells[:, ~cells.var_names.isin(genes[hidden])]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*genes are absent from adata.var_names")
            theta = model.transform(shown).theta
        log_ratio = _log_shares(theta @ profiles.to_numpy()[hidden].T) - _log_shares(mean[hidden])
        gain += np.asarray(target[:, hidden].multiply(log_ratio).sum(axis=1)).ravel()
    total = np.asarray(target.sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(gain[total > 0] / total[total > 0])


def _log_shares(values: Floats) -> Floats:
    values = values + _TINY
    return np.asarray(np.log(values / values.sum(axis=-1, keepdims=True)))
