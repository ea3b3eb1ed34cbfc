"""The steps before training, one by one, for those who want to look in between.

`sce2tm.SCE2TM.fit` does all of this itself on raw counts; nothing here is required.
"""

import numpy as np
from anndata import AnnData
from scipy import sparse

from sce2tm.data import variable
from sce2tm.data.blocks import Blocks, blocks, summarise
from sce2tm.data.components import components as principal_components
from sce2tm.data.matrix import recognise
from sce2tm.data.neighbors import mutual_neighbors
from sce2tm.data.normalise import Normalisation
from sce2tm.errors import InputError

__all__ = ["components", "neighbors", "normalize", "variable_genes"]

LOGNORM = "lognorm"
COMPONENTS = "X_sce2tm_components"
NEIGHBORS = "sce2tm_neighbors"


def normalize(
    adata: AnnData, *, target_sum: float = 1e4, layer: str | None = None, key: str = LOGNORM
) -> None:
    """Divide by library size over all genes, multiply by `target_sum`, take log1p.

    Parameters
    ----------
    adata
        Cells x genes of counts.
    target_sum
        Library size to bring each cell to; 0 only takes the logarithm.
    layer
        Layer of the counts; None is X, which stays as it is.
    key
        Layer to write, CSR float32: costs as much memory as the counts.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.pp.normalize(adata)
    >>> adata.layers["lognorm"].shape
    (2800, 3000)
    """
    expression = blocks(adata, layer)
    summary = summarise(expression)
    if recognise(summary.largest, summary.whole, "auto") != "counts":
        raise InputError(
            f"layer={layer!r} looks log-transformed already (fractions, no value beyond 20). "
            "Give the layer of the counts."
        )
    normalisation = Normalisation("counts", summary.totals, target_sum)
    parts = [normalisation.logs(block, rows) for rows, block in expression]
    adata.layers[key] = sparse.vstack(parts, format="csr")


def variable_genes(adata: AnnData, *, n_genes: int = 2000, layer: str = LOGNORM) -> None:
    """Mark the most variable genes in ``var["highly_variable"]``, which `fit` then uses.

    Parameters
    ----------
    adata
        Cells x genes.
    n_genes
        How many to mark.
    layer
        Layer of log-normalised values, see `normalize`.
    """
    moments = _moments(_lognorm(adata, layer))
    adata.var["highly_variable"] = variable.variable_genes(moments, n_genes)


def components(
    adata: AnnData, *, n_components: int = 50, layer: str = LOGNORM, seed: int = 0
) -> None:
    """Write what the encoder reads, principal components, to ``obsm["X_sce2tm_components"]``.

    Parameters
    ----------
    adata
        Cells x genes; only ``var["highly_variable"]`` genes are used, where marked.
    n_components
        How many.
    layer
        Layer of log-normalised values, see `normalize`.
    seed
        Of the solver's start vector.
    """
    expression = _lognorm(adata, layer)
    chosen = variable.choose_genes(_moments(expression), adata.var, adata.n_vars)
    rows = sparse.vstack([block[:, chosen] for _, block in expression], format="csr")
    adata.obsm[COMPONENTS] = principal_components(rows, n_components, seed).project(rows)


def neighbors(adata: AnnData, *, use_rep: str = COMPONENTS, n_neighbors: int = 15) -> None:
    """Write the graph of mutual nearest neighbours to ``obsp["sce2tm_neighbors"]``.

    Parameters
    ----------
    adata
        Cells x genes.
    use_rep
        Key of ``obsm`` to measure distances in, such as an external view.
    n_neighbors
        Nearest neighbours from which the mutual ones are kept.
    """
    if use_rep not in adata.obsm:
        raise InputError(
            f"use_rep={use_rep!r} is not in adata.obsm, which holds {sorted(adata.obsm)!r}. "
            "Name one of these, or call sce2tm.pp.components(adata) first."
        )
    found = mutual_neighbors(adata.obsm[use_rep], n_neighbors, seed=0)
    cells, rank = (found.table >= 0).nonzero()
    adata.obsp[NEIGHBORS] = sparse.csr_matrix(
        ([1.0] * len(cells), (cells, found.table[cells, rank])), shape=(adata.n_obs, adata.n_obs)
    )


def _lognorm(adata: AnnData, layer: str) -> Blocks:
    if layer not in adata.layers:
        raise InputError(
            f"layer={layer!r} is not in adata.layers, which holds {sorted(adata.layers)!r}. "
            "Call sce2tm.pp.normalize(adata) first, or name the layer of log-normalised values."
        )
    return blocks(adata, layer)


def _moments(lognorm: Blocks) -> variable.GeneMoments:
    return variable.gene_moments(lognorm, Normalisation("lognorm", np.empty(0), 0.0))
