"""The measures of one model, or of several side by side, with their intervals."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from sce2tm.errors import InputError
from sce2tm.pl import style

_SHARES = {
    "TC": "coherence",
    "TD": "diversity",
    "TD_once": "diversity, genes of one topic",
    "TQ": "coherence x diversity",
    "IP": "purity of topics",
    "ORA_U": "ORA, unique",
    "GSEA_U": "GSEA, unique",
    "ARI": "clusters",
    "NMI": "clusters",
    "AMI": "clusters",
    "purity": "clusters",
    "ARI_oracle": "clusters",
    "NMI_oracle": "clusters",
    "AMI_oracle": "clusters",
    "purity_oracle": "clusters",
}
_COUNTS = {
    "ORA_N": "ORA, gene sets",
    "ORA_Q": "ORA, gene sets x unique",
    "GSEA_N": "GSEA, gene sets",
    "GSEA_Q": "GSEA, gene sets x unique",
}
_FLOOR = "IP_random"
_COLUMNS = ("metric", "value", "low", "high")


def metrics(tables: pd.DataFrame | Mapping[str, pd.DataFrame]) -> npt.NDArray[np.object_]:
    """Draw the measures of one model, or of several for comparison, with their intervals.

    Parameters
    ----------
    tables
        What :func:`sce2tm.tl.evaluate` returned; or name of the model -> such a table. Models are
        comparable where gene sets, labels and number of top genes were the same.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One or two, in one dimension: measures that end at 1, and numbers of gene sets. A dot a
        model, a line for its interval; a black mark in the row of IP for cells assigned at random.

    Raises
    ------
    InputError
        Not such a table, or nothing in it to draw.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> columns = ["metric", "value", "low", "high", "note"]
    >>> table = pd.DataFrame([("TD", 0.9, 0.8, 0.95, "")], columns=columns)
    >>> ax = sce2tm.pl.metrics(table)[0]
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['diversity  TD']
    """
    models = {"": tables} if isinstance(tables, pd.DataFrame) else tables
    values = _checked(models)
    present = {metric for table in values.values() for metric in table.index}
    panels = [[metric for metric in words if metric in present] for words in (_SHARES, _COUNTS)]
    panels = [panel for panel in panels if panel]
    if not panels:
        raise InputError(
            f"tables={tables!r:.200} holds no measure to draw. Give what sce2tm.tl.evaluate "
            "returned, or a dict of name -> such a table."
        )
    heights = [len(panel) for panel in panels]
    row = 0.2 + 0.08 * len(models)  # inches
    _, grid = plt.subplots(
        len(panels),
        figsize=(7.0, 0.9 * len(panels) + row * sum(heights)),
        height_ratios=heights,
        squeeze=False,
        layout="constrained",
    )
    axes = grid[:, 0]
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, values, panel)
    if len(models) > 1:
        style.key(axes[0], list(models), style.colors(len(models)))
    return np.asarray(axes)


def _draw(ax: Axes, models: Mapping[str, pd.DataFrame], panel: Sequence[str]) -> None:
    """One row a measure, first on top; the models beside each other in it."""
    reach = min(0.3, 0.13 * (len(models) - 1))
    offsets = np.linspace(-reach, reach, len(models))
    rows = np.arange(len(panel))
    for offset, fill, table in zip(
        offsets, style.colors(len(models)), models.values(), strict=True
    ):
        shown = table.reindex(panel)
        ax.hlines(rows + offset, shown["low"], shown["high"], color=fill, linewidth=1.6)
        ax.scatter(shown["value"], rows + offset, s=34, color=fill, zorder=3, clip_on=False)
        if len(models) == 1:
            for y, value in zip(rows, shown["value"], strict=True):
                ax.text(1.02, y, f"{value:.3g}", transform=ax.get_yaxis_transform(), va="center")
        if _FLOOR in table.index and "IP" in panel:
            floor, y = table.loc[_FLOOR, "value"], panel.index("IP") + offset
            ax.plot(floor, y, "|", color="black", markersize=11, markeredgewidth=1.6)
            if offset == offsets[-1]:
                ax.annotate(
                    "at random", (floor, y), (6, 0), textcoords="offset points", va="center"
                )
    words = {**_SHARES, **_COUNTS}
    ax.set_yticks(rows, [f"{words[metric]}  {metric}" for metric in panel])
    ax.set_ylim(len(panel) - 0.5, -0.5)
    shares = panel[0] in _SHARES
    lowest = min(table.reindex(panel)[["value", "low"]].min().min() for table in models.values())
    ax.set_xlim(np.fmin(0.0, lowest), 1.0 if shares else None)
    ax.set_xlabel(f"{'score, best 1' if shares else 'number'} (line: 95 % over topics)")
    ax.grid(axis="x", color=style.GREY, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _checked(models: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Name of the model -> its numbers by metric."""
    advice = (
        "Give what sce2tm.tl.evaluate returned; for several models, a dict of name -> such a table."
    )
    if not isinstance(models, Mapping):
        raise InputError(f"tables={models!r:.200} is a {type(models).__name__}. {advice}")
    for name, table in models.items():
        where = f"tables[{name!r}]" if name else "tables"
        absent = [column for column in _COLUMNS if column not in table]
        if absent:
            raise InputError(f"{where} lacks the columns {absent!r}. {advice}")
        if table["metric"].duplicated().any():
            raise InputError(f"{where} names a metric twice. {advice}")
    return {name: table.set_index("metric") for name, table in models.items()}
