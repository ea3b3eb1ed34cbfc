"""All pairs of topic and pathway in one figure."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sce2tm.pl import style

_WIDTH = 0.8  # of the strip of a topic; the rest is the gap to the next


def manhattan(
    table: pd.DataFrame,
    *,
    threshold: float = 0.01,
    n_labels: int = 12,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw the adjusted p-value of each pathway in each topic, topics side by side.

    Parameters
    ----------
    table
        What :func:`sce2tm.tl.gsea` or :func:`sce2tm.tl.ora` returned.
    threshold
        Pairs with a larger ``padj_all`` are grey; a line marks it.
    n_labels
        How many pathways are named, smallest p-value first, each in its best topic.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        One strip a topic, within it pathways in the order of the table. Height is -log10 of
        ``padj_all``, which counts all pairs of the figure as tests. The named pairs bear numbers,
        with a key beside.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> table = pd.DataFrame({
    ...     "topic": ["topic_1", "topic_2", "topic_2"],
    ...     "pathway": ["T cells", "T cells", "B cells"],
    ...     "pval": [1e-9, 0.5, 1e-6], "padj_all": [3e-9, 0.5, 2e-6]})
    >>> ax = sce2tm.pl.manhattan(table)
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', '1  T cells (topic_1)\n2  B cells (topic_2)']
    """
    topics = table["topic"].drop_duplicates().tolist()
    column = table["topic"].map({topic: i for i, topic in enumerate(topics)}).to_numpy()
    # ORA sorts each topic by p: the same pathway shall stand at the same place of each strip
    place, pathways = pd.factorize(table["pathway"], sort="overlap" in table)
    x = column + _WIDTH * ((place + 0.5) / max(1, len(pathways)) - 0.5)
    smallest = table["padj_all"].to_numpy()
    y = -np.log10(np.maximum(smallest, np.finfo(float).tiny))
    is_found = smallest <= threshold
    fills = np.where(column % 2 == 0, style.PALETTE[0], style.PALETTE[1])

    ax = ax or style.new_axes(11.0, 4.5)
    ax.scatter(x[~is_found], y[~is_found], s=2, c=style.GREY, linewidths=0, rasterized=True)
    ax.scatter(x[is_found], y[is_found], s=10, c=fills[is_found], linewidths=0, rasterized=True)
    ax.axhline(-np.log10(threshold), color="black", linewidth=0.8, linestyle=":")
    step = 1 + (len(topics) - 1) // 25  # as many names as there is room for
    ax.set_xticks(range(0, len(topics), step), topics[::step], rotation=90, fontsize=8)
    ax.set(xlim=(-0.7, len(topics) - 0.3), ylim=(0, max(y.max(initial=0) * 1.08, 1.0)))
    ax.set_ylabel("-log10 adjusted p, over all pairs")
    ax.spines[["top", "right"]].set_visible(False)

    pairs = table.assign(x=x, y=y)[is_found].sort_values("pval", kind="stable")
    named = pairs.drop_duplicates("pathway")[:n_labels]
    for number, row in enumerate(named.itertuples(), start=1):
        ax.annotate(
            str(number), (row.x, row.y), (0, 3), textcoords="offset points", ha="center",
            fontsize=8, fontweight="bold",
        )  # fmt: skip
    if len(named):
        lines = [
            f"{number}  {style.shortened(row.pathway)} ({row.topic})"
            for number, row in enumerate(named.itertuples(), start=1)
        ]
        ax.text(
            1.01, 1.0, "\n".join(lines), transform=ax.transAxes, va="top", fontsize=8,
            linespacing=1.6,
        )  # fmt: skip
    return ax
