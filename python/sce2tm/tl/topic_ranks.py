"""The ranked list that is tested against gene sets."""

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl._enrichment.ranks import Ranking, check_ranking, orders, rank_scores


def topic_ranks(adata: AnnData, topic: str, ranking: Ranking = "rank") -> pd.Series:
    """The genes of a topic in order, with the numbers that :func:`gsea` tests.

    Hand it to another tool (fgsea, gseapy) and get the same enrichment scores.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    topic
        Name of the topic.
    ranking
        As for :func:`gsea`.

        ``"rank"``: a fixed function of the gene's rank by weight, the same numbers for all topics:
        Savage scores, 1/i + 1/(i+1) + ... + 1/V for the i-th of V genes. Like weights they are
        positive and tell most of the top genes apart.

        ``"weight"``: the weights O themselves.

    Returns
    -------
    pandas.Series
        Modelled genes, largest first; named after the topic. Genes of one weight are in the order
        of their names.

    Raises
    ------
    InputError
        No results, no such topic, or an unknown `ranking`.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "LYZ"]
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.1, 0.9], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.topic_ranks(adata, "topic_1").round(2)
    CD3D     1.83
    LYZ      0.83
    MS4A1    0.33
    Name: topic_1, dtype: float64
    """
    check_ranking(ranking)
    weights = results.topic_genes(adata)
    if topic not in weights:
        raise InputError(
            f"topic={topic!r} is unknown. The model has {weights.columns[0]} to "
            f"{weights.columns[-1]}."
        )
    order = orders(weights[[topic]])[0]
    values = rank_scores(len(weights)) if ranking == "rank" else weights[topic].to_numpy()[order]
    return pd.Series(np.asarray(values), index=weights.index[order], name=topic)
