"""Dot plot: which pathways are enriched in which topics."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sce2tm.errors import InputError
from sce2tm.pl import style

# beyond this, one dot is as good as another
_MOST = 15.0
_AREA = 12.0  # points squared, for each unit of -log10 p


def enrichment_dots(
    table: pd.DataFrame,
    topics: list[str] | None = None,
    *,
    n_topics: int = 20,
    n_pathways: int = 25,
    threshold: float = 0.05,
    ax: Axes | None = None,
) -> Axes:
    """Draw the most enriched pathways of the most enriched topics.

    Parameters
    ----------
    table
        What :func:`sce2tm.tl.gsea` or :func:`sce2tm.tl.ora` returned.
    topics
        Names of the topics, from left to right. None takes those with the smallest p-values.
    n_topics
        How many topics to take where `topics` is None; they stand in their order.
    n_pathways
        How many pathways: the best of each topic first, smallest p-value first, then the next.
    threshold
        Pairs with a larger ``padj_all`` have no dot.
    ax
        Axes to draw on; None makes a figure of the size that the names need.

    Returns
    -------
    matplotlib.axes.Axes
        Pathways in rows, topics in columns. A dot is the larger the smaller ``padj_all`` (up to
        1e-15), its colour is NES, or log2 of the fold enrichment.

    Raises
    ------
    InputError
        No such topic, or no pair at or below the threshold.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> table = pd.DataFrame({
    ...     "topic": ["topic_1", "topic_2", "topic_2"],
    ...     "pathway": ["T cells", "T cells", "B cells"],
    ...     "pval": [1e-9, 0.5, 1e-6], "NES": [2.1, 0.9, 1.8], "padj_all": [3e-9, 0.5, 2e-6]})
    >>> ax = sce2tm.pl.enrichment_dots(table)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['T cells', 'B cells']
    """
    found = table[table["padj_all"] <= threshold].sort_values("pval", kind="stable")
    if topics is None:
        leading = set(found["topic"].drop_duplicates()[:n_topics])
        topics = [topic for topic in table["topic"].drop_duplicates() if topic in leading]
    unknown = [topic for topic in topics if topic not in set(table["topic"])]
    if unknown:
        raise InputError(f"topics={unknown!r} are not in the table. Use names of its topics.")
    found = found[found["topic"].isin(topics)]
    if found.empty:
        raise InputError(
            f"threshold={threshold!r}: no pathway is enriched. The smallest padj_all is "
            f"{table['padj_all'].min():.3g}; use a larger threshold."
        )
    nth = found.groupby("topic").cumcount()
    best = found.assign(nth=nth).sort_values(["nth", "pval"], kind="stable")
    chosen = best["pathway"].drop_duplicates()[:n_pathways]
    shown = found[found["pathway"].isin(chosen)]
    x = shown["topic"].map({topic: i for i, topic in enumerate(topics)})
    # each pathway beside the topic that it is best in, so that dots run along the diagonal
    first = shown.assign(x=x).drop_duplicates("pathway").sort_values(["x", "pval"], kind="stable")
    pathways = first["pathway"].tolist()
    y = shown["pathway"].map({pathway: i for i, pathway in enumerate(pathways)})

    strength = -np.log10(shown["padj_all"].clip(lower=10.0**-_MOST))
    is_gsea = "NES" in shown
    color = shown["NES"] if is_gsea else np.log2(shown["foldEnrichment"])
    ax = ax or style.new_axes(5.5 + 0.27 * len(topics), 1.6 + 0.25 * len(pathways))
    dots = ax.scatter(x, y, s=_AREA * strength, c=color, cmap="viridis_r", linewidths=0)
    ax.set_xticks(range(len(topics)), topics, rotation=90, fontsize=9)
    ax.set_yticks(range(len(pathways)), [style.shortened(name) for name in pathways], fontsize=9)
    ax.set(xlim=(-0.7, len(topics) - 0.3), ylim=(len(pathways) - 0.3, -0.7))
    ax.grid(color=style.GREY, linewidth=0.4)
    ax.set_axisbelow(True)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(
        dots,
        ax=ax,
        label="NES" if is_gsea else "log2 fold enrichment",
        shrink=min(1.0, 8 / len(pathways)),
        anchor=(0, 0),
        aspect=10,
        pad=0.01,
    )
    _size_key(ax, float(strength.max()))
    return ax


def _size_key(ax: Axes, strongest: float) -> None:
    """Legend of three sizes of dots."""
    steps = [step for step in (1.3, 3, 5, 10, 15) if step <= max(strongest, 1.3)][-3:]
    handles = [
        Line2D(
            [], [], marker="o", linestyle="", color="#5E5E5E", markeredgewidth=0,
            markersize=np.sqrt(_AREA * step), label=f"{10**-step:.0e}" if step > 2 else "0.05",
        )
        for step in steps
    ]  # fmt: skip
    ax.legend(
        handles=handles,
        title="adjusted p",
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        labelspacing=0.8,
        fontsize=9,
        title_fontsize=9,
    )
