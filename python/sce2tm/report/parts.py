"""What sections of the page are made of: tables and inlined figures."""

import base64
import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

_DPI = 130  # sharp at the width of a page, and a third of the bytes of print
_WIDTH = 80  # CSS pixels for an inch: two maps of cells fit side by side


@dataclass(frozen=True)
class Figure:
    """A picture in the page; `width` is in CSS pixels, `alt` says what it shows in words."""

    alt: str
    caption: str
    data: str
    width: int
    kind: ClassVar[str] = "figure"


@dataclass(frozen=True)
class Table:
    """Rows of text, the first column naming the row.

    `numeric`, `wide` and `genes` name columns: to be sorted as numbers, with long text, and with
    gene names between blanks, none of which is broken in two.
    """

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[str] = ()
    wide: Sequence[str] = ()
    genes: Sequence[str] = ()
    sorted_by: str = ""
    searchable: bool = False
    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class Section:
    """A heading, a paragraph and what follows; `name` is its place in the address."""

    name: str
    title: str
    text: str
    parts: Sequence[Figure | Table]


def draw(plot: Callable[..., Any], *args: Any, alt: str, caption: str, **kwargs: Any) -> Figure:
    """Call a function of `sce2tm.pl` and inline its figure as PNG.

    Parameters
    ----------
    plot, *args, **kwargs
        The function, which returns Axes or several, and what it is called with.
    alt, caption
        As in `Figure`.
    """
    # a dollar sign in the name of a gene or a cell type is no formula
    with plt.rc_context({"text.parse_math": False}), warnings.catch_warnings():
        # a name as long as the figure: the picture grows by it
        warnings.filterwarnings("ignore", "constrained_layout not applied", UserWarning)
        axes = plot(*args, **kwargs)
        canvas = cast(Canvas, cast(Axes, np.ravel(axes)[0]).figure)
        buffer = io.BytesIO()
        canvas.savefig(
            buffer, dpi=_DPI, format="png", bbox_inches="tight", pil_kwargs={"optimize": True}
        )
        plt.close(canvas)
    content = buffer.getvalue()
    n_pixels = int.from_bytes(content[16:20], "big")  # the header of a PNG holds its width
    data = base64.b64encode(content).decode("ascii")
    return Figure(alt, caption, f"data:image/png;base64,{data}", round(n_pixels * _WIDTH / _DPI))


def percent(value: float) -> str:
    """A share as people read it, such as 5.1 %."""
    return f"{100 * value:.1f} %"


def p_value(value: float) -> str:
    """A p-value with two digits.

    Examples
    --------
    >>> p_value(0.0321), p_value(1.234e-12)
    ('0.032', '1.2e-12')
    """
    return f"{value:.2g}"
