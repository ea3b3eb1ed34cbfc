"""Survival curves of samples with a high and a low score."""

from matplotlib.axes import Axes

from sce2tm.pl import style
from sce2tm.tl.survival import KaplanMeier


def kaplan_meier(found: KaplanMeier, *, ax: Axes | None = None) -> Axes:
    """Draw the two curves with their 95 % intervals and the log-rank test.

    Parameters
    ----------
    found
        From :func:`sce2tm.tl.kaplan_meier`.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        Small upright strokes are samples whose observation ended without an event.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> score = pd.Series([0.1, 0.2, 0.8, 0.9], name="topic_1")
    >>> found = sce2tm.tl.kaplan_meier(score, [5, 6, 1, 2], [1, 1, 1, 1])
    >>> ax = sce2tm.pl.kaplan_meier(found)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['low (2)', 'high (2)']
    """
    ax = ax or style.new_axes(5.2, 3.8)
    for (group, curve), fill in zip(
        found.curves.groupby("group", sort=False), (style.DOWN, style.UP), strict=True
    ):
        label = f"{group} ({int(curve['at_risk'].iloc[0])})"
        ax.step(curve["time"], curve["survival"], where="post", color=fill, lw=1.8, label=label)
        ax.fill_between(
            curve["time"], curve["ci_low"], curve["ci_high"], step="post", color=fill, alpha=0.15,
            linewidth=0,
        )  # fmt: skip
        ended = curve[curve["censored"] > 0]
        ax.plot(ended["time"], ended["survival"], "|", color=fill, markersize=7)
    ax.legend(frameon=False, title=f"cut at {found.cut:.3g}", loc="best")
    ax.set(
        xlabel="time",
        ylabel="share without an event",
        ylim=(0, 1.03),
        title=f"{found.name}: log-rank p = {found.p_value:.2g}",
    )
    ax.set_xlim(left=0)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
