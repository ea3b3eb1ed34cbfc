"""The top genes of each topic as a tidy table."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError


def top_genes(
    adata: AnnData, n_genes: int = 10, score: Literal["weight", "contrast"] = "weight"
) -> pd.DataFrame:
    """List the top genes of each topic, by weight or by contrast to the other topics.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into: needs ``varm["sce2tm_topic_genes"]`` and
        ``uns["sce2tm"]["topic_names"]``.
    n_genes
        Genes for each topic. Genes that the model did not see are left out.
    score
        What to rank by; the table holds both.

        ``"weight"``: the gene-to-topic weight O, as the paper ranks. O sums to 1 over the topics
        for each *gene*, so it says how much of a gene belongs to a topic, not how much of a topic
        is that gene; and a gene that two topics share can lead in both.

        ``"contrast"``: log O in this topic minus log O in the strongest *other* topic. Above 0 the
        topic is the gene's first; 0.7 means twice the weight of the runner-up. It puts marker genes
        first. Its weakness: two topics that resemble each other take their shared genes away from
        each other, so a program that was learned twice has no high contrast in either.

    Returns
    -------
    pandas.DataFrame
        K x ``n_genes`` rows, topics in their order and the best gene first, with the columns
        ``topic``, ``rank`` (from 1), ``gene``, ``weight`` and ``contrast``. Ties keep the order of
        the genes.

    Raises
    ------
    InputError
        ``adata`` holds no result, or ``n_genes`` or ``score`` cannot be used.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "LYZ"]
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.1, 0.9], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.top_genes(adata, n_genes=1)[["topic", "gene", "weight"]]
         topic   gene  weight
    0  topic_1   CD3D     0.8
    1  topic_2  MS4A1     0.9
    """
    if score not in ("weight", "contrast"):
        raise InputError(f"score={score!r} is unknown. Use 'weight' or 'contrast'.")
    table = results.topic_genes(adata)
    weights, genes, topics = table.to_numpy(), table.index.to_numpy(), list(table.columns)
    if not 1 <= n_genes <= len(genes):
        raise InputError(
            f"n_genes={n_genes!r} is out of range. The model knows {len(genes)} genes; "
            f"use 1 to {len(genes)}."
        )
    contrast = _contrast(weights)
    ranked = weights if score == "weight" else contrast
    best = np.argsort(-ranked, axis=0, kind="stable")[:n_genes].T  # K x n_genes
    topic = np.arange(len(topics))[:, None]
    return pd.DataFrame(
        {
            "topic": np.repeat(topics, n_genes),
            "rank": np.tile(np.arange(1, n_genes + 1), len(topics)),
            "gene": genes[best].ravel(),
            "weight": weights[best, topic].ravel(),
            "contrast": contrast[best, topic].ravel(),
        }
    )


def _contrast(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log of each weight minus log of the largest weight of the gene in another topic."""
    # a softmax can underflow to 0, and two zeros would give NaN
    logs = np.log(np.maximum(weights, np.finfo(np.float32).tiny))
    second, first = np.partition(logs, -2, axis=1)[:, -2:].T
    rival = np.where(logs == first[:, None], second[:, None], first[:, None])
    return np.asarray(logs - rival)
