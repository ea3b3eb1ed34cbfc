"""Cells in two dimensions, coloured by the topic that each has most of."""

import numpy as np
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm import results
from sce2tm.pl import style
from sce2tm.pl.embedding import coordinates


def dominant_topic(
    adata: AnnData, *, n_topics: int = 12, basis: str = "X_umap", ax: Axes | None = None
) -> Axes:
    """Draw the cells by their largest topic; topics that lead in few cells stay grey.

    Parameters
    ----------
    adata
        Cells with the model's results and coordinates in ``obsm[basis]``.
    n_topics
        How many topics get a colour: those that lead in most cells. Their numbers stand
        where their cells are densest. More than 16 share colours.
    basis
        Where the coordinates are; the first two columns are drawn.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        No such coordinates, or no results.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((4, 3)))
    >>> adata.obsm["X_umap"] = np.arange(8.0).reshape(4, 2)
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.2, 0.8]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> ax = sce2tm.pl.dominant_topic(adata)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['topic_1', 'topic_2']
    """
    points = coordinates(adata, basis)
    theta = results.proportions(adata)
    leader = theta.to_numpy().argmax(axis=1)
    cells = np.bincount(leader, minlength=theta.shape[1])
    most = np.argsort(-cells, kind="stable")[:n_topics]
    shown = [int(topic) for topic in most if cells[topic]]

    fills = np.full(theta.shape[1], style.GREY, dtype=object)
    fills[shown] = style.colors(len(shown))
    ax = ax or style.new_axes(6.0, 4.2)
    # grey below, the rest in random order
    order = np.random.default_rng(0).permutation(len(points))
    order = order[np.argsort(fills[leader[order]] != style.GREY, kind="stable")]
    style.scatter(ax, points[order], c=list(fills[leader[order]]))
    for topic in shown:
        number = theta.columns[topic].removeprefix("topic_")
        style.number(ax, points[leader == topic], number)
    names = [str(theta.columns[topic]) for topic in shown]
    if cells.sum() > cells[shown].sum():
        n_others = int((cells > 0).sum()) - len(shown)
        names.append(f"{n_others} other topics")
    style.key(ax, names, [*fills[shown], style.GREY][: len(names)])
    style.bare(ax, basis, "largest topic of each cell")
    return ax
