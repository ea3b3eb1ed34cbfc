"""What the tests of enrichment share: annotated cells with given weights, and a textbook walk."""

import numpy as np
from anndata import AnnData


def annotated(weights, genes=None):
    """Cells that carry topic-gene weights (genes x topics)."""
    weights = np.asarray(weights, dtype=float)
    adata = AnnData(np.ones((1, len(weights)), dtype=np.float32))
    adata.var_names = genes or [f"G{i:04d}" for i in range(len(weights))]
    adata.varm["sce2tm_topic_genes"] = weights
    adata.uns["sce2tm"] = {"topic_names": [f"topic_{k + 1}" for k in range(weights.shape[1])]}
    return adata


def textbook_walk(vector, places):
    """All values of the running sum, gene by gene, as GSEA's paper describes it."""
    height, heights = 0.0, []
    members = {int(place) for place in places}
    total = sum(abs(vector[place]) for place in members)
    for place, value in enumerate(vector):
        if place in members:
            height += abs(value) / total
        else:
            height -= 1 / (len(vector) - len(members))
        heights.append(height)
    return heights
