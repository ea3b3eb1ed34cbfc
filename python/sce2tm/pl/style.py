"""What the figures share: colours that the colour-blind tell apart, points, bare axes."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from scipy.spatial import cKDTree

from sce2tm.errors import InputError

Points = npt.NDArray[np.float64]

# Okabe and Ito's eight, then darker and lighter partners of them: beyond eight no palette is safe
# for everyone, so that figures with more categories number their groups as well
PALETTE = [
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6BB1", "#B8A100",
    "#003F63", "#7A5200", "#00553E", "#7B2D5B", "#9AD1F2", "#F4A582", "#99D8C9", "#5E5E5E",
]  # fmt: skip
GREY = "#D9D9D9"
_LONGEST = 48
UP, DOWN = "#D55E00", "#0072B2"


def colors(n: int) -> list[str]:
    """The first `n` colours, from the start again beyond 16."""
    return [PALETTE[i % len(PALETTE)] for i in range(n)]


def ink(fill: str) -> str:
    """Black or white, whichever reads better on this colour."""
    red, green, blue = to_rgb(fill)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def check_topics(asked: Sequence[str], known: list[str]) -> None:
    """Refuse names that no topic has, and an empty list of them."""
    unknown = [name for name in asked if name not in known]
    if unknown or len(asked) == 0:
        raise InputError(
            f"topics={unknown!r} are unknown. The model has {known[0]} to {known[-1]}."
            if unknown
            else "topics is empty. Name topics, or leave it out."
        )


def new_axes(width: float, height: float) -> Axes:
    """Axes on a figure of their own; size in inches."""
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def shortened(name: str) -> str:
    """Long names of pathways, cut to what fits beside a figure."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def scatter(ax: Axes, points: Points, **kwargs: Any) -> Any:
    """Cells as dots, the smaller the more there are; a bitmap inside vector files."""
    size = float(np.clip(40_000 / len(points), 0.5, 40))
    return ax.scatter(points[:, 0], points[:, 1], s=size, linewidths=0, rasterized=True, **kwargs)


def bare(ax: Axes, basis: str, title: str) -> None:
    """Axes of an embedding: names without ticks, for its units mean nothing."""
    name = basis.removeprefix("X_").upper()
    ax.set(xlabel=f"{name}1", ylabel=f"{name}2", title=title, xticks=[], yticks=[])
    ax.xaxis.set_label_coords(0.0, -0.02)
    ax.yaxis.set_label_coords(-0.02, 0.0)
    ax.xaxis.label.set_horizontalalignment("left")
    ax.yaxis.label.set_horizontalalignment("left")
    ax.spines[["top", "right", "left", "bottom"]].set_visible(False)


def key(ax: Axes, names: list[str], fills: list[str]) -> None:
    """Legend of dots to the right of the axes."""
    dots = [
        Line2D([], [], marker="o", linestyle="", markersize=7, color=fill, label=name)
        for name, fill in zip(names, fills, strict=True)
    ]
    ax.legend(
        handles=dots,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        frameon=False,
        ncols=1 + (len(names) - 1) // 16,
        handletextpad=0.2,
    )


def number(ax: Axes, cells: Points, text: str) -> None:
    """Write a short label where a group of cells is densest: its middle may hold none of them."""
    n_near = min(len(cells), 1 + len(cells) // 10)
    reach = cKDTree(cells).query(cells, k=[n_near])[0].ravel()
    x, y = cells[reach.argmin()]
    ax.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        fontsize=10,
        fontweight="bold",
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
        in_layout=False,  # the limits of the axes are not known yet
    )
