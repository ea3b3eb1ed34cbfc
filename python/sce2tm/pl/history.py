"""Curves of the training: one small panel for each term of the loss and each part of its state."""

import math

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from anndata import AnnData
from matplotlib.ticker import MaxNLocator

from sce2tm.errors import InputError
from sce2tm.pl import style

_TITLES = {
    "loss": "loss (sum of all terms)",
    "reconstruction": "reconstruction",
    "kl": "KL to the prior",
    "ecr": "embedding clustering (ECR)",
    "distance": "distances between cells",
    "consistency": "views agree",
    "contrast": "neighbours agree",
    "balance": "balance of topics",
    "held_out": "reconstruction, held-out cells",
    "dead_topics": "topics that lead no cell",
    "transport_iterations": "transport iterations",
    "transported_mass": "transported mass",
    "learning_rate": "learning rate",
}
_COUNTS = ("dead_topics", "transport_iterations")
# of the state of the training, which may not move at all: drawn from zero on
_STATE = (*_COUNTS, "transported_mass", "learning_rate")
_COLUMNS = 5


def history(adata: AnnData) -> npt.NDArray[np.object_]:
    """Draw each term of the loss, and the state of the training, over the training steps.

    Each panel has a scale of its own: the terms differ a thousandfold. Transported mass should
    stay near 1.

    Parameters
    ----------
    adata
        Cells with the model's results.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One for each curve, in one dimension; the sum of all terms comes first.

    Raises
    ------
    InputError
        No results.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> curves = {"step": np.array([1, 2]), "loss": np.array([5.0, 4.0])}
    >>> adata.uns["sce2tm"] = {"history": curves}
    >>> axes = sce2tm.pl.history(adata)
    >>> axes[0].get_xlabel()
    'training step'
    """
    if "history" not in adata.uns.get("sce2tm", {}):
        raise InputError(
            "adata.uns['sce2tm']['history'] is missing. Run sce2tm.tl.sce2tm(adata) first."
        )
    curves = adata.uns["sce2tm"]["history"]
    terms = [term for term in _TITLES if term in curves]
    n_rows = math.ceil(len(terms) / _COLUMNS)
    n_columns = math.ceil(len(terms) / n_rows)
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(2.7 * n_columns, 2.2 * n_rows),
        squeeze=False,
        layout="constrained",
    )
    for ax, term in zip(grid.flat, terms, strict=False):
        # whole lines, also where they run along the axis; one value alone is a point
        marker = "o" if len(curves["step"]) == 1 else None
        (line,) = ax.plot(
            curves["step"], curves[term], color=style.DOWN, lw=1.5, marker=marker, zorder=3
        )
        line.set_clip_on(False)
        if term in _STATE:
            ax.set_ylim(0, 1.05 * (np.max(curves[term]) or 1))
        if term in _COUNTS:
            ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_title(_TITLES[term], fontsize=10)
        ax.set_xlabel("training step", fontsize=9)
        ax.tick_params(labelsize=8)
        ax.spines[["top", "right"]].set_visible(False)
    for ax in grid.flat[len(terms) :]:
        figure.delaxes(ax)
    return np.asarray(grid.flat[: len(terms)])
