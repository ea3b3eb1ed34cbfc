"""Coordinates to draw cells at."""

import numpy as np
from anndata import AnnData

from sce2tm import results


def ensure_umap(adata: AnnData, seed: int = 0) -> None:
    """Put a UMAP of the latent into ``obsm["X_umap"]``, unless there is one.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into; nothing but this key is added.
    seed
        Of the neighbours and the layout.
    """
    if "X_umap" in adata.obsm:
        return
    import scanpy as sc  # takes seconds to load

    latent = results.latent(adata).to_numpy(dtype=np.float32)
    cells = AnnData(latent)
    sc.pp.neighbors(cells, n_neighbors=min(15, len(latent) - 1), use_rep="X", random_state=seed)
    sc.tl.umap(cells, random_state=seed)
    adata.obsm["X_umap"] = cells.obsm["X_umap"]
