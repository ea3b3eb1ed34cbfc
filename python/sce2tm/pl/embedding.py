"""Cells in two dimensions, coloured by a label, a number or a topic."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.pl import style

_UNNUMBERED = 8  # as many colours as all readers tell apart


def embedding(adata: AnnData, color: str, *, basis: str = "X_umap", ax: Axes | None = None) -> Axes:
    """Draw the cells, coloured by a column of ``obs`` or by the proportion of one topic.

    Parameters
    ----------
    adata
        Cells with coordinates in ``obsm[basis]``; for topics, with the model's results.
    color
        Column of ``obs`` (labels or numbers) or the name of a topic, such as ``"topic_7"``.
        More than eight labels are numbered on the figure too, since colours alone no longer do.
    basis
        Where the coordinates are; the first two columns are drawn.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        No such coordinates, column or topic.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((4, 3)))
    >>> adata.obs["cell_type"] = ["B", "B", "T", "T"]
    >>> adata.obsm["X_umap"] = np.arange(8.0).reshape(4, 2)
    >>> ax = sce2tm.pl.embedding(adata, "cell_type")
    >>> ax.get_title()
    'cell_type'
    """
    points = coordinates(adata, basis)
    values = _values(adata, color)
    ax = ax or style.new_axes(6.0, 4.2)
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        _draw_numbers(ax, points, values.to_numpy(dtype=float))
    else:
        _draw_labels(ax, points, values.astype(str).astype("category"))
    style.bare(ax, basis, color)
    return ax


def coordinates(adata: AnnData, basis: str) -> npt.NDArray[np.float64]:
    """The first two columns of ``obsm[basis]``."""
    if basis not in adata.obsm:
        raise InputError(
            f"basis={basis!r} is not in adata.obsm, which holds {sorted(adata.obsm)}. For a UMAP, "
            "run sc.pp.neighbors(adata, use_rep='X_sce2tm') and sc.tl.umap(adata)."
        )
    return np.asarray(adata.obsm[basis], dtype=np.float64)[:, :2]


def _values(adata: AnnData, color: str) -> pd.Series:
    if color in adata.obs:
        return adata.obs[color]
    topics = results.proportions(adata) if "sce2tm_theta" in adata.obsm else pd.DataFrame()
    if color not in topics:
        raise InputError(
            f"color={color!r} is neither a column of adata.obs nor a topic. Use one of "
            f"{sorted(map(str, adata.obs.columns))} or the name of a topic, such as 'topic_1'."
        )
    return topics[color]


def _draw_numbers(
    ax: Axes, points: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> None:
    order = np.argsort(values, kind="stable")  # the highest on top: they are what one looks for
    dots = style.scatter(ax, points[order], c=values[order], cmap="viridis")
    ax.figure.colorbar(dots, ax=ax, shrink=0.6, aspect=15)


def _draw_labels(ax: Axes, points: npt.NDArray[np.float64], labels: pd.Series) -> None:
    names = list(labels.cat.categories)
    codes = labels.cat.codes.to_numpy()
    fills = style.colors(len(names))
    # in random order, or the last label would hide the others
    order = np.random.default_rng(0).permutation(len(points))
    style.scatter(ax, points[order], c=np.asarray(fills)[codes[order]])
    if len(names) > _UNNUMBERED:
        for code in range(len(names)):
            style.number(ax, points[codes == code], str(code + 1))
        names = [f"{code + 1}  {name}" for code, name in enumerate(names)]
    style.key(ax, names, fills)
