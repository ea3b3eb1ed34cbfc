"""Heatmap: the top genes of the most used topics."""

from collections.abc import Sequence

import numpy as np
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.pl import style
from sce2tm.tl.top_genes import top_genes


def topic_genes(
    adata: AnnData,
    topics: Sequence[str] | None = None,
    *,
    n_topics: int = 12,
    n_genes: int = 4,
    ax: Axes | None = None,
) -> Axes:
    """Draw how strongly the top genes of some topics belong to each of these.

    Parameters
    ----------
    adata
        Cells with the model's results.
    topics
        Names of the topics, from top to bottom. None takes the most used ones.
    n_topics
        How many topics to take where ``topics`` is None: those with the largest mean proportion.
    n_genes
        Top genes of each topic; a gene of two topics is drawn once.
    ax
        Axes to draw on; None makes a figure of the size that the names need.

    Returns
    -------
    matplotlib.axes.Axes
        Topics in rows, genes in columns. The colour is the weight O times the number of topics:
        1 is a gene that belongs to all topics alike.

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
    if topics is None:
        usage = theta.mean().sort_values(ascending=False, kind="stable")
        topics = list(usage.index[:n_topics])
    unknown = [name for name in topics if name not in names]
    if unknown:
        raise InputError(f"topics={unknown!r} are unknown. The model has {names[0]} to {names[-1]}.")

    top = top_genes(adata, n_genes).groupby("topic")["gene"].agg(list)
    genes = list(dict.fromkeys(gene for topic in topics for gene in top[topic]))
    weights = np.asarray(adata.varm["sce2tm_topic_genes"])
    rows = [names.index(topic) for topic in topics]
    shown = weights[adata.var_names.get_indexer(genes)][:, rows].T * len(names)

    ax = ax or style.new_axes(1.8 + 0.19 * len(genes), 1.3 + 0.24 * len(topics))
    image = ax.imshow(shown, aspect="auto", cmap="viridis", vmin=0, interpolation="nearest")
    ax.set_xticks(range(len(genes)), genes, rotation=90, fontsize=9)
    ax.set_yticks(range(len(topics)), topics, fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.get_figure(root=True).colorbar(
        image, ax=ax, label="weight x number of topics", fraction=0.05, pad=0.01, aspect=15
    )
    return ax
