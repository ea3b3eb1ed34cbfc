"""Genes that many other genes have among their nearest."""

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl.gene_neighbors import Metric, nearest_genes


def hub_genes(
    adata: AnnData, n_genes: int = 20, n_neighbors: int = 10, metric: Metric = "cosine"
) -> pd.DataFrame:
    """List the genes that are among the nearest neighbours of most other genes.

    A hub lies in the middle of a crowd. That can be the core of a programme, but also a gene with
    few counts, which the model drew to the centre of a topic together with others of that kind:
    look at ``weight`` and at the gene's expression before reading more into it.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    n_genes
        How many hubs to list.
    n_neighbors
        How many neighbours of each gene count. Every gene names that many, so this is also the
        mean of ``occurrence`` over all genes.
    metric
        As for :func:`gene_neighbors`.

    Returns
    -------
    pandas.DataFrame
        ``n_genes`` rows, the largest hub first, with the columns ``rank`` (from 1), ``gene``,
        ``occurrence`` (number of genes that have it among their ``n_neighbors`` nearest: the
        k-occurrence), ``topic`` (where its weight is largest) and ``weight`` (there). Ties keep the
        order of the genes.

    Raises
    ------
    InputError
        No results, or numbers out of range.

    Notes
    -----
    Cost: one product of 256 genes x V at a time; 8,000 genes about a second on one core, and time
    grows with the square of the genes. Source: Radovanovic et al. 2010 (hubs in
    nearest-neighbour lists).

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "CD3E", "CD3G"]
    >>> adata.varm["sce2tm_gene_embedding"] = np.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]])
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.6, 0.4], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.hub_genes(adata, n_genes=1, n_neighbors=1)
       rank  gene  occurrence    topic  weight
    0     1  CD3E           2  topic_1     0.6
    """
    table = results.gene_embedding(adata)
    if not 1 <= n_genes <= len(table):
        raise InputError(
            f"n_genes={n_genes!r} is out of range. The model knows {len(table)} genes; "
            f"use 1 to {len(table)}."
        )
    nearest = nearest_genes(table.to_numpy(), np.arange(len(table)), n_neighbors, metric)
    occurrence = np.bincount(nearest.ravel(), minlength=len(table))
    hubs = np.argsort(-occurrence, kind="stable")[:n_genes]
    weights = results.topic_genes(adata).iloc[hubs]
    return pd.DataFrame(
        {
            "rank": np.arange(1, n_genes + 1),
            "gene": table.index.to_numpy()[hubs],
            "occurrence": occurrence[hubs],
            "topic": weights.idxmax(axis=1).to_numpy(),
            "weight": weights.max(axis=1).to_numpy(),
        }
    )
