"""Heatmap: the top genes of the most used topics."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from matplotlib.axes import Axes
from scipy.cluster.hierarchy import leaves_list, linkage

from sce2tm import results
from sce2tm.pl import style
from sce2tm.tl.top_genes import top_genes


def topic_genes(
    adata: AnnData,
    topics: Sequence[str] | None = None,
    *,
    n_topics: int = 20,
    n_genes: int = 3,
    ax: Axes | None = None,
) -> Axes:
    """Draw how strongly the top genes of some topics belong to each of these.

    Parameters
    ----------
    adata
        Cells with the model's results.
    topics
        Names of the topics, from top to bottom. None takes the most used ones, like beside like.
    n_topics
        How many topics to take where ``topics`` is None: those with the largest mean proportion.
    n_genes
        Top genes of each topic; a gene of two topics is drawn once.
    ax
        Axes to draw on; None makes a figure of the size that the names need.

    Returns
    -------
    matplotlib.axes.Axes
        Topics in rows, genes in columns. The colour is log2 of the weight O times the number of
        topics: at 0 the gene belongs to the topic as to all others, at 1 twice as much. Values
        further below 0 than the largest is above have the darkest blue.

    Raises
    ------
    InputError
        No results, or no such topic.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "LYZ"]
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.25, 0.75]])
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.1, 0.9], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> ax = sce2tm.pl.topic_genes(adata, n_genes=1)
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['MS4A1', 'CD3D']
    """
    theta = results.proportions(adata)
    names = list(theta.columns)
    # log2 of the ratio to a gene that all topics share; a float32 softmax can end at 0
    ratios = np.log2(np.maximum(results.topic_genes(adata) * len(names), 2.0**-10))
    if topics is None:
        usage = theta.mean().sort_values(ascending=False, kind="stable")
        topics = _like_beside_like(ratios[usage.index[:n_topics]])
    style.check_topics(topics, names)

    top = top_genes(adata, n_genes).groupby("topic")["gene"].agg(list)
    genes = list(dict.fromkeys(gene for topic in topics for gene in top[topic]))
    shown = ratios.loc[genes, list(topics)].to_numpy().T
    # by the largest: what a topic lacks may lie far lower, and would pale the rest
    limit = max(float(shown.max()), 0.1)

    ax = ax or style.new_axes(1.8 + 0.19 * len(genes), 1.3 + 0.24 * len(topics))
    image = ax.imshow(shown, aspect="auto", cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set_xticks(range(len(genes)), genes, rotation=90, fontsize=9)
    ax.set_yticks(range(len(topics)), topics, fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(
        image,
        ax=ax,
        label="log2 (weight x topics)",
        extend="min" if shown.min() < -limit else "neither",
        fraction=0.05,
        pad=0.01,
        aspect=15,
    )
    return ax


def _like_beside_like(ratios: pd.DataFrame) -> list[str]:
    """The columns, ordered by a tree of their correlations over genes."""
    topics = [str(topic) for topic in ratios]
    if len(topics) < 3:
        return topics
    tree = linkage(ratios.to_numpy().T, "average", metric="correlation", optimal_ordering=True)
    return [topics[i] for i in leaves_list(tree)]
