"""Curves of a K selection: one small panel for each figure, the recommendation marked."""

import math

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator, ScalarFormatter

from sce2tm.pl import style
from sce2tm.tl.recommend_k import bound, recommend_k, summarise

_TITLES = {
    "held_out": "held-out likelihood (nats)",
    "stability": "stability over seeds",
    "diversity": "topic diversity (TD)",
    "coherence": "topic coherence (TC)",
    "dead_topics": "topics that lead no cell",
    "duplicate_topics": "pairs of like topics",
}
_COLUMNS = 3


def select_k(table: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Draw the figures of :func:`sce2tm.tl.select_k` against the number of topics.

    Parameters
    ----------
    table
        As :func:`sce2tm.tl.select_k` returns it.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One for each figure, in one dimension, the held-out likelihood first. A dot is a model,
        the line the mean over seeds, on a logarithmic axis of K; the dashed line marks the K that
        :func:`sce2tm.tl.recommend_k` names. The bar of the best held-out likelihood is one standard
        error, and the dotted line marks its end: K above the line count as likely as the best.

    Raises
    ------
    InputError
        The table lacks columns or rows.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> figures = {
    ...     "n_topics": [5, 10, 20],
    ...     "seed": [0, 0, 0],
    ...     "stability": [0.7, 0.9, 0.6],
    ...     "held_out": [0.20, 0.30, 0.305],
    ...     "held_out_se": [0.01, 0.01, 0.01],
    ... }
    >>> axes = sce2tm.pl.select_k(pd.DataFrame(figures))
    >>> axes[0].get_title()
    'held-out likelihood (nats)'
    """
    chosen = recommend_k(table).n_topics
    shown = [name for name in _TITLES if name in table and table[name].notna().any()]
    n_rows = math.ceil(len(shown) / _COLUMNS)
    n_columns = math.ceil(len(shown) / n_rows)
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(3.4 * n_columns, 0.4 + 2.3 * n_rows),
        squeeze=False,
        sharex=True,
        layout="constrained",
    )
    axes = [ax for ax, _ in zip(grid.flat, shown, strict=False)]
    for ax, name in zip(axes, shown, strict=True):
        _draw(ax, table, name, chosen)
    means = summarise(table)
    best = means.loc[[means["held_out"].idxmax()]]
    axes[0].errorbar(
        best.index, best["held_out"], best["error"], fmt="none", color=style.DOWN, capsize=2
    )
    axes[0].axhline(bound(means), color="black", linestyle=":", linewidth=1)
    for ax in grid.flat[len(shown) :]:
        figure.delaxes(ax)
    for ax in axes[max(0, len(shown) - n_columns) :]:
        ax.set_xlabel("number of topics K")
        ax.tick_params(labelbottom=True)
    figure.suptitle(f"recommended: K = {chosen}", fontsize=11)
    return np.asarray(axes)


def _draw(ax: Axes, table: pd.DataFrame, name: str, chosen: int) -> None:
    """Models as dots, their mean as a line, and where the choice is."""
    mean = table.groupby("n_topics")[name].mean()
    ax.axvline(chosen, color=style.UP, linestyle="--", linewidth=1.2)
    ax.plot(mean.index, mean, color=style.DOWN, linewidth=1.5)
    ax.scatter(table["n_topics"], table[name], color=style.DOWN, s=14, alpha=0.6, linewidths=0)
    ax.set_title(_TITLES[name], fontsize=10)
    ax.set_xscale("log")
    ax.set_xticks(_ticks(list(mean.index)))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_locator(NullLocator())
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)


def _ticks(ks: list[int]) -> list[int]:
    """The K that were tried, as many as have room on a logarithmic axis."""
    room = math.log(ks[-1] / ks[0]) / 12
    kept = [ks[0]]
    for k in ks[1:]:
        if math.log(k / kept[-1]) >= room:
            kept.append(k)
    return kept
