"""Matrix: how like each other the topics of different seeds are."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sce2tm.pl import style
from sce2tm.tl.consensus import aligned, mean_similarity
from sce2tm.tl.stability import Run, checked_runs

_NAMED = 40  # more names than this would overlap


def stability(runs: Sequence[Run], *, ax: Axes | None = None) -> Axes:
    """Draw the similarity of topics between seeds, matched topics on the diagonal.

    Parameters
    ----------
    runs
        Two or more runs with the same number of topics: annotated cells, or their profiles
        (:func:`sce2tm.tl.topic_profiles`), which saves their being fitted again.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        A topic of one seed in each row, of another in each column, averaged over all pairs of
        seeds; the best reproduced first. Topics have the names of
        :func:`sce2tm.tl.consensus_topics`. A dark diagonal alone says that the seeds agree; dark
        places beside it, that topics are split or merged differently; a pale end of the
        diagonal holds the topics that one seed found by itself.

    Raises
    ------
    InputError
        Fewer than two runs, no results in one, or different numbers of topics.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> shares = {"topic_1": [0.9, 0.1, 0.0], "topic_2": [0.0, 0.2, 0.8]}
    >>> run = pd.DataFrame(shares, index=["CD3D", "CD3E", "MS4A1"])
    >>> ax = sce2tm.pl.stability([run, run])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['topic_1', 'topic_2']
    """
    profiles = checked_runs(runs)
    medoid, orders = aligned(profiles)
    table = mean_similarity(profiles, orders)
    order = np.argsort(-np.diagonal(table), kind="stable")
    table = table[np.ix_(order, order)]
    names = profiles[medoid].columns[order]
    n_topics = len(names)

    side = float(np.clip(2.5 + 0.2 * n_topics, 4.0, 8.0))
    ax = ax or style.new_axes(side + 0.8, side)
    image = ax.imshow(table, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
    if n_topics <= _NAMED:
        ax.set_yticks(range(n_topics), names, fontsize=8)
        ax.set_xticks(range(n_topics), names, rotation=90, fontsize=8)
        ax.tick_params(length=0)
    else:
        tens = range(9, n_topics, 10)
        ax.set_yticks(tens, [str(rank + 1) for rank in tens])
        ax.set_xticks(tens, [str(rank + 1) for rank in tens])
    ax.set(
        xlabel="topics of another seed",
        ylabel="topics of one seed" + ("" if n_topics <= _NAMED else ", best reproduced first"),
        title=f"{len(profiles)} seeds, {np.diagonal(table).mean():.2f} on the diagonal",
    )
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(image, ax=ax, label="similarity", shrink=0.6, aspect=20)
    return ax
