"""Effect against significance, one dot a topic."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sce2tm.errors import InputError
from sce2tm.pl import labels, style

_SMALLEST = 1e-300  # p-values of many cells can be 0
_AXIS = {"difference": "difference of means", "auc": "AUC"}
_NEEDED = ["topic", "group", "reference", "test", "difference", "auc", "padj"]


def volcano(
    table: pd.DataFrame,
    group: str | None = None,
    *,
    effect: Literal["difference", "auc"] = "difference",
    threshold: float = 0.05,
    n_labels: int = 20,
    ax: Axes | None = None,
) -> Axes:
    """Draw which topics differ between groups, how much and how surely.

    Parameters
    ----------
    table
        What ``sce2tm.tl.differential_topics`` returned.
    group
        Which group, where the table holds several.
    effect
        Effect size along x: a column of the table.
    threshold
        Adjusted p-value below which topics are coloured and named; a line is drawn there.
    n_labels
        At most so many names, the smallest p-values first; those without room are left out.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        Adjusted p-values below 1e-300 are drawn there.

    Raises
    ------
    InputError
        Not such a table, or no such group, or several and none named.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> table = pd.DataFrame(
    ...     {
    ...         "topic": ["topic_1", "topic_2"],
    ...         "group": "drug",
    ...         "reference": "none",
    ...         "test": "Welch t, donors",
    ...         "difference": [0.2, 0.0],
    ...         "auc": [0.9, 0.5],
    ...         "padj": [0.001, 0.9],
    ...     }
    ... )
    >>> ax = sce2tm.pl.volcano(table)
    >>> [text.get_text() for text in ax.texts]
    ['topic_1']
    """
    shown = _one_group(table, group)
    if effect not in _AXIS:
        raise InputError(f"effect={effect!r} is unknown. Use 'difference' or 'auc'.")
    x = shown[effect].to_numpy(dtype=float)
    y = -np.log10(np.maximum(shown["padj"].to_numpy(dtype=float), _SMALLEST))
    middle = 0.5 if effect == "auc" else 0.0
    significant = shown["padj"].to_numpy() < threshold

    ax = ax or style.new_axes(5.5, 4.5)
    fills = np.where(significant, np.where(x > middle, style.UP, style.DOWN), "#9A9A9A")
    ax.scatter(x, y, c=list(fills), s=22, linewidths=0)
    ax.axhline(-np.log10(threshold), color="0.5", linewidth=0.8, linestyle="--")
    ax.axvline(middle, color="0.5", linewidth=0.8)
    reach = 1.15 * max(float(np.abs(x - middle).max()), 1e-9)
    ax.set_xlim(middle - reach, middle + reach)
    ax.set_ylim(0, 1.08 * max(float(y.max()), -np.log10(threshold)))
    ax.spines[["top", "right"]].set_visible(False)
    name, reference, test = shown[["group", "reference", "test"]].iloc[0]
    ax.set(
        xlabel=f"{_AXIS[effect]}, {name} against {reference}",
        ylabel="-log10 adjusted p",
        title=f"topics that differ ({test})",
    )
    order = np.lexsort((-np.abs(x - middle), shown["padj"]))
    named = [row for row in order if significant[row]][:n_labels]
    points = np.column_stack([x, y])
    labels.write(ax, points[named], list(shown["topic"].iloc[named]), avoid=points)
    return ax


def _one_group(table: pd.DataFrame, group: str | None) -> pd.DataFrame:
    missing = [column for column in _NEEDED if column not in table]
    if missing or table.empty:
        raise InputError(
            f"table has {len(table)} rows and lacks the columns {missing}. Give what "
            "sce2tm.tl.differential_topics returned."
        )
    groups = list(dict.fromkeys(table["group"]))
    if group is None and len(groups) > 1:
        raise InputError(f"table holds {len(groups)} groups. Name one: group= one of {groups}.")
    if group is not None and group not in groups:
        raise InputError(f"group={group!r} is not in the table. Use one of {groups}.")
    return table if group is None else table[table["group"] == group]
