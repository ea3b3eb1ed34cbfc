"""Mean topic proportions of groups of cells, as stacked bars."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.pl import style

_NUMBERED = 0.035  # narrower pieces of a bar have no room for a number


def topic_proportions(
    adata: AnnData, groupby: str, *, n_topics: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw what the cells of each group are made of: one bar a group, one piece a topic.

    Parameters
    ----------
    adata
        Cells with the model's results.
    groupby
        Column of ``obs`` that holds the groups.
    n_topics
        How many topics get a colour: in turn the largest of each group, then the second of each,
        and so on, so that each group shows what it has most of. The rest is one grey piece. Beyond
        16 colours come again.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        Pieces carry the number of their topic where there is room.

    Raises
    ------
    InputError
        No results, no such column, or missing labels.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((2, 3)))
    >>> adata.obs["drug"] = ["no", "yes"]
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> ax = sce2tm.pl.topic_proportions(adata, "drug")
    >>> [float(bar.get_width()) for bar in ax.patches]
    [0.75, 0.5, 0.25, 0.5]
    """
    means = group_means(adata, groupby)
    if n_topics < 1:
        raise InputError(f"n_topics={n_topics!r} is out of range. Use 1 or more.")
    # the best rank of a topic in any group, and among equals the larger proportion
    best = means.rank(axis=1, ascending=False, method="first").min()
    order = means.columns[np.lexsort((-means.max(), best))]
    shown = list(means[order[:n_topics]].mean().sort_values(ascending=False, kind="stable").index)
    pieces = means[shown].copy()
    fills = style.colors(len(shown))
    n_others = len(order) - len(shown)
    if n_others:
        name = f"{n_others} other topics"
        pieces[name] = means[order[n_topics:]].sum(axis=1)
        fills.append(style.GREY)

    ax = ax or style.new_axes(8.0, max(1.2 + 0.32 * len(pieces), 0.6 + 0.23 * min(len(fills), 16)))
    left = np.zeros(len(pieces))
    for fill, (topic, widths) in zip(fills, pieces.items(), strict=True):
        ax.barh(range(len(pieces)), widths, left=left, color=fill, edgecolor="white", linewidth=0.5)
        if topic in shown:
            _number(ax, str(topic).removeprefix("topic_"), left, widths.to_numpy(), fill)
        left += widths.to_numpy()
    ax.set_yticks(range(len(pieces)), list(pieces.index))
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel="mean proportion", title=f"topics by {groupby}")
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    style.key(ax, [str(topic) for topic in pieces], fills)
    return ax


def group_means(adata: AnnData, groupby: str) -> pd.DataFrame:
    """Mean topic proportions: groups, in their order, x K topics."""
    groups = results.labels(adata, groupby)
    return results.proportions(adata).groupby(groups.to_numpy(), observed=True).mean()


def _number(
    ax: Axes,
    number: str,
    left: npt.NDArray[np.float64],
    widths: npt.NDArray[np.float64],
    fill: str,
) -> None:
    for row in np.flatnonzero(widths >= _NUMBERED):
        x = left[row] + widths[row] / 2
        ax.text(x, row, number, ha="center", va="center", fontsize=8, color=style.ink(fill))
