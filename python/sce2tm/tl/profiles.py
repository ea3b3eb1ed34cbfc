"""What each topic expresses: profiles refitted on the cells, which other runs can be held against.

The gene-to-topic weights O rank the genes within one run. Between runs they do not compare: genes
that say little keep much of their random start, and each run starts from another.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm import results
from sce2tm.container import UNS
from sce2tm.data.genes import GeneSpace
from sce2tm.data.matrix import Values

Floats = npt.NDArray[np.float64]

_MOST_CELLS = 10_000
_STEPS = 30
_BLOCK = 1024
_TINY = 1e-12


def topic_profiles(adata: AnnData) -> pd.DataFrame:
    """Fit the expression profile of each topic to the cells, given their topic proportions.

    The likeliest shares: with ``theta`` held, a cell's log-normalised expression is explained as
    ``theta @ profiles`` (30 multiplicative updates; the problem has one optimum). It is what cNMF
    calls refitting the spectra.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into, with the expression that it was fitted on.

    Returns
    -------
    pandas.DataFrame
        Modelled genes x K topics, named; each column sums to 1: the share of a gene in the
        expression of a cell that would be this topic alone.

    Raises
    ------
    InputError
        ``adata`` holds no result, or another kind of expression than the model was fitted on.

    Notes
    -----
    Cost: time grows with cells x genes x topics, a second for 2,500 x 2,000 x 20 on one core; of
    more than 10,000 cells a fixed sample of 10,000 is used.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.tl.sce2tm(adata, n_topics=5, epochs=1, progress=False)
    >>> profiles = sce2tm.tl.topic_profiles(adata)
    >>> profiles.shape, round(float(profiles["topic_1"].sum()), 3)
    ((2000, 5), 1.0)
    """
    theta, genes = results.proportions(adata), results.topic_genes(adata).index
    cells = np.arange(adata.n_obs)
    if cells.size > _MOST_CELLS:
        cells = np.sort(np.random.default_rng(0).permutation(cells)[:_MOST_CELLS])
        adata = adata[cells]
    expression = lognorm(adata, genes, adata.uns[UNS]["params"])
    fitted = fit_profiles(expression, theta.to_numpy()[cells])
    return pd.DataFrame(fitted, index=genes, columns=theta.columns)


def lognorm(adata: AnnData, genes: pd.Index, params: dict[str, Any]) -> sparse.csr_matrix:
    """Expression of some genes as the model with these ``params`` saw it: cells x genes."""
    values: Values = "counts" if params["values"] == "counts" else "lognorm"
    space = GeneSpace(tuple(genes), values, float(params["target_sum"]), None)
    parts, _ = space.read(adata, params.get("layer"), values)
    return sparse.vstack([part for _, part in parts], format="csr")


def fit_profiles(expression: sparse.csr_matrix, theta: Floats) -> Floats:
    """Likeliest shares of genes in each topic, genes x K, for cells x genes and cells x K."""
    theta = np.asarray(theta, dtype=np.float32)
    profiles = _shares(np.asarray(expression.T @ theta).T + _TINY)
    for _ in range(_STEPS):
        # expectation and maximisation of a mixture with known proportions
        step = np.zeros_like(profiles)
        for start in range(0, len(theta), _BLOCK):  # only a block of cells is ever dense
            rows = slice(start, start + _BLOCK)
            ratio = expression[rows].copy()
            expected = theta[rows] @ profiles
            cell = np.repeat(np.arange(ratio.shape[0]), np.diff(ratio.indptr))
            ratio.data /= expected[cell, ratio.indices]
            step += np.asarray(ratio.T @ theta[rows]).T
        profiles = _shares(profiles * step + _TINY)
    return np.asarray(profiles.T, dtype=np.float64)


def _shares(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), dtype=np.float32)
