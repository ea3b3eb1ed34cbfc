"""Cells in two dimensions, one small panel for each of some topics."""

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from anndata import AnnData

from sce2tm import results
from sce2tm.pl import style
from sce2tm.pl.embedding import coordinates

_COLUMNS = 4


def topic_panels(
    adata: AnnData,
    topics: Sequence[str] | None = None,
    *,
    n_topics: int = 8,
    basis: str = "X_umap",
) -> npt.NDArray[np.object_]:
    """Draw where in the embedding some topics are.

    Parameters
    ----------
    adata
        Cells with the model's results and coordinates in ``obsm[basis]``.
    topics
        Names of the topics. None takes the most used ones.
    n_topics
        How many, where ``topics`` is None: those with the largest mean proportion.
    basis
        Where the coordinates are; the first two columns are drawn.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One for each topic, in one dimension. Each panel has its own scale, from 0 to the topic's
        largest proportion; cells with most of it lie on top. For one topic on axes of your own use
        ``sce2tm.pl.embedding``, for all in one figure ``sce2tm.pl.dominant_topic``.

    Raises
    ------
    InputError
        No results, no such coordinates, or no such topic.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((2, 3)))
    >>> adata.obsm["X_umap"] = np.arange(4.0).reshape(2, 2)
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> axes = sce2tm.pl.topic_panels(adata)
    >>> [ax.get_title() for ax in axes]
    ['topic_1', 'topic_2']
    """
    points = coordinates(adata, basis)
    theta = results.proportions(adata)
    if topics is None:
        topics = list(theta.mean().sort_values(ascending=False, kind="stable").index[:n_topics])
    style.check_topics(topics, list(theta.columns))

    n_columns = min(len(topics), _COLUMNS)
    n_rows = math.ceil(len(topics) / n_columns)
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(2.7 * n_columns, 2.4 * n_rows),
        squeeze=False,
        layout="constrained",
    )
    for ax, topic in zip(grid.flat, topics, strict=False):
        values = theta[topic].to_numpy()
        order = np.argsort(values, kind="stable")
        dots = style.scatter(ax, points[order], c=values[order], cmap="viridis", vmin=0)
        style.bare(ax, basis, topic)
        figure.colorbar(dots, ax=ax, shrink=0.6, aspect=15)
    for ax in grid.flat[len(topics) :]:
        figure.delaxes(ax)
    return np.asarray(grid.flat[: len(topics)])
