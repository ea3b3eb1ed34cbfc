"""Predicted against observed changes, gene by gene."""

import numpy as np
from matplotlib.axes import Axes

from sce2tm.errors import InputError
from sce2tm.pl import labels, style
from sce2tm.tl.compare_perturbation import Comparison


def fold_changes(
    comparison: Comparison, *, group: str = "all", n_genes: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw the predicted change of each gene against the observed one.

    Parameters
    ----------
    comparison
        From :func:`sce2tm.tl.compare_perturbation`.
    group
        One of its groups.
    n_genes
        Genes to name, as far as there is room: those with the largest changes, observed and
        predicted together.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        Genes whose changes agree in sign and are named are in colour. The title tells the rank
        correlation, and that of random topics.

    Raises
    ------
    InputError
        No such group.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> from sce2tm.tl.compare_perturbation import Comparison
    >>> genes = {"group": "all", "gene": ["ISG15", "LYZ"], "observed": [2.0, 0.1]}
    >>> scores = {"group": ["all"], "statistic": "rank_correlation", "value": 1.0}
    >>> found = Comparison(
    ...     pd.DataFrame(scores | {"random_mean": 0.0, "random_sd": 0.1, "p_value": 0.01}),
    ...     pd.DataFrame(genes | {"predicted": [1.0, 0.0]}),
    ... )
    >>> ax = sce2tm.pl.fold_changes(found, n_genes=1)
    >>> [text.get_text() for text in ax.texts]
    ['ISG15']
    """
    table = comparison.genes[comparison.genes["group"] == group]
    if table.empty:
        raise InputError(
            f"group={group!r} is not in this comparison. Use one of "
            f"{comparison.genes['group'].unique().tolist()}."
        )
    observed, predicted = table["observed"].to_numpy(), table["predicted"].to_numpy()
    size = np.hypot(
        observed / max(np.abs(observed).max(), 1e-12),
        predicted / max(np.abs(predicted).max(), 1e-12),
    )
    named = np.argsort(-size, kind="stable")[:n_genes]
    agree = observed[named] * predicted[named] > 0
    fills = np.full(len(table), style.GREY, dtype=object)
    fills[named[agree]] = np.where(observed[named[agree]] > 0, style.UP, style.DOWN)
    fills[named[~agree]] = "black"

    ax = ax or style.new_axes(5.2, 4.4)
    ax.axhline(0, color="black", linewidth=0.6)
    ax.axvline(0, color="black", linewidth=0.6)
    order = np.argsort(size, kind="stable")
    ax.scatter(observed[order], predicted[order], s=14, linewidths=0, c=list(fills[order]))
    scores = comparison.scores.set_index(["group", "statistic"]).loc[(group, "rank_correlation")]
    ax.set(
        xlabel="observed log fold change",
        ylabel="predicted log fold change",
        title=f"{group}: rank correlation {scores['value']:.2f}\n"
        f"(random topics {scores['random_mean']:.2f} ± {scores['random_sd']:.2f}, "
        f"p = {scores['p_value']:.2g})",
    )
    ax.title.set_fontsize(10)
    ax.spines[["top", "right"]].set_visible(False)
    points = np.column_stack([observed, predicted])
    labels.write(ax, points[named], table["gene"].iloc[named].tolist())
    return ax
