"""Names beside points, none on another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

# of the label's middle from its point: half its size times this, and this many points beyond
_SIDES = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
_GAPS = [3.0, 9.0, 18.0, 30.0]
_WITH_LINE = 9.0


def write(
    ax: Axes,
    points: npt.NDArray[np.float64],
    texts: Sequence[str],
    *,
    avoid: npt.NDArray[np.float64] | None = None,
    **style: Any,
) -> list[Annotation]:
    """Write names beside points, the first ones first; those that find no room are left out.

    Texts that are on the axes already keep their room.

    Parameters
    ----------
    ax
        Axes whose limits are final.
    points, texts
        Where, in data coordinates (n x 2), and what.
    avoid
        Other points that names should not cover, n x 2.
    **style
        For ``Axes.annotate``, such as ``fontsize``.

    Returns
    -------
    list of matplotlib.text.Annotation
        Those that were written.
    """
    # layout first: it moves the axes, and rooms are counted in pixels
    ax.figure.canvas.figure.draw_without_rendering()
    area, pixel = ax.get_window_extent(), ax.figure.dpi / 72
    others = points if avoid is None else np.vstack([points, avoid])
    taken = [text.get_window_extent() for text in ax.texts if text.get_text()]
    taken += [_box(place, np.full(2, 4 * pixel)) for place in ax.transData.transform(others)]
    written = []
    for place, point, text in zip(ax.transData.transform(points), points, texts, strict=True):
        note = ax.annotate(
            text,
            point,
            xytext=(0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            **{"fontsize": 8, "in_layout": False, **style},
        )
        extent = note.get_window_extent()
        box, gap = _room(place, np.array([extent.width, extent.height]), taken, area, pixel)
        if box is None:
            note.remove()
            continue
        taken.append(box)
        middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
        note.set_position(tuple((middle - place) / pixel))
        if gap >= _WITH_LINE:
            _line(ax, point, (middle - place) / pixel)
        written.append(note)
    return written


def _room(
    place: npt.NDArray[np.float64],
    size: npt.NDArray[np.float64],
    taken: list[Bbox],
    area: Bbox,
    pixel: float,
) -> tuple[Bbox | None, float]:
    """The nearest free box for a label of this size, and how far off it is."""
    corners = np.array([[box.x0, box.y0, box.x1, box.y1] for box in taken])
    for gap in _GAPS:
        for side in np.array(_SIDES, dtype=np.float64):
            middle = place + side * (size / 2 + gap * pixel / np.linalg.norm(side))
            low, high = middle - size / 2, middle + size / 2
            inside = (low >= (area.x0, area.y0)).all() and (high <= (area.x1, area.y1)).all()
            meets = (corners[:, :2] < high).all(axis=1) & (corners[:, 2:] > low).all(axis=1)
            if inside and not meets.any():
                return _box(middle, size), gap
    return None, 0.0


def _box(middle: npt.NDArray[np.float64], size: npt.NDArray[np.float64]) -> Bbox:
    return Bbox(np.vstack([middle - size / 2, middle + size / 2]))


def _line(ax: Axes, point: npt.NDArray[np.float64], offset: npt.NDArray[np.float64]) -> None:
    """A thin line from a point towards a label that stands off."""
    ax.annotate(
        "",
        (point[0], point[1]),
        xytext=tuple(offset),
        textcoords="offset points",
        arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": "0.4", "shrinkB": 2},
        in_layout=False,
    )
