"""Where moved cells go, between the control and the treated ones."""

import numpy as np
import numpy.typing as npt
from anndata import AnnData
from matplotlib.axes import Axes
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from sce2tm import results
from sce2tm.pl import style
from sce2tm.pl.embedding import coordinates
from sce2tm.selection import conditions
from sce2tm.tl.experiment import group_labels
from sce2tm.tl.perturb import Perturbation

_MOVED = "#000000"
_BINS = 120
_NEIGHBOURS = 15
_FEWEST = 10  # of a group that gets an arrow


def perturbation(
    adata: AnnData,
    perturbation: Perturbation,
    observed: tuple[str, str, str],
    *,
    basis: str = "X_umap",
    ax: Axes | None = None,
) -> Axes:
    """Draw where control, treated and moved cells are densest, and which way each group went.

    Moved cells have no place of their own in ``obsm[basis]``: each is drawn at the median place
    of the 15 real cells (control or treated) that are nearest to it in the latent space.

    Parameters
    ----------
    adata
        The cells with the model's results and coordinates in ``obsm[basis]``.
    perturbation
        From :func:`sce2tm.tl.perturb`.
    observed
        Column of ``obs``, its control and its treated value.
    basis
        Where the coordinates are; the first two columns are drawn.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        Shaded: half and nine tenths of the control cells (blue) and of the treated ones (orange).
        Lines: the same of the moved cells. An arrow for each group of the perturbation with at
        least ten cells, from where its cells were to where they went (medians).

    Raises
    ------
    InputError
        No results, coordinates, or such column or value.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.tl.sce2tm(adata, n_topics=10, epochs=1, progress=False)
    >>> moved = sce2tm.tl.perturb(adata, "topic_1", cells="condition == 'CTRL'")
    >>> ax = sce2tm.pl.perturbation(adata, moved, ("condition", "CTRL", "STIM"), basis="X_sce2tm")
    >>> ax.get_title()
    'topic_1: add 1'
    """
    points = coordinates(adata, basis)
    control, treated = conditions(adata, observed)
    real = np.flatnonzero(control | treated)
    tree = cKDTree(results.latent(adata).to_numpy()[real])
    n_near = min(_NEIGHBOURS, len(real))
    near = tree.query(perturbation.latent.to_numpy(), k=np.arange(1, n_near + 1))[1]
    moved = np.median(points[real[near]], axis=1)

    ax = ax or style.new_axes(6.4, 4.6)
    style.scatter(ax, points, c=style.GREY)
    for mask, fill in ((control, style.DOWN), (treated, style.UP)):
        x, y, density, levels = _density(points[mask], points)
        ax.contourf(x, y, density, levels=[*levels, np.inf], colors=[fill], alpha=0.18)
        ax.contourf(x, y, density, levels=[levels[1], np.inf], colors=[fill], alpha=0.35)
    x, y, density, levels = _density(moved, points)
    ax.contour(x, y, density, levels=levels, colors=_MOVED, linewidths=[0.7, 1.3])
    labels = group_labels(adata, perturbation.groupby)
    before = adata.obs_names.get_indexer(perturbation.latent.index)
    for group in np.unique(labels[before]):
        cells = labels[before] == group
        if cells.sum() >= _FEWEST:
            ax.annotate(
                "",
                xy=np.median(moved[cells], axis=0),
                xytext=np.median(points[before[cells]], axis=0),
                arrowprops={"arrowstyle": "-|>", "color": _MOVED, "lw": 1.5, "shrinkB": 0},
            )
    style.key(ax, [observed[1], observed[2], "moved"], [style.DOWN, style.UP, _MOVED])
    style.bare(ax, basis, title(perturbation))
    return ax


def title(perturbation: Perturbation) -> str:
    """What was done, in one line that stays short with many topics."""
    topics = perturbation.topics
    names = ", ".join(topics) if len(topics) < 4 else f"{len(topics)} topics"
    values = {f"{value:g}" for value in perturbation.value}
    return f"{names}: {perturbation.how} {values.pop() if len(values) == 1 else ''}".rstrip()


def _density(
    cells: npt.NDArray[np.float64], points: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64], list[float]]:
    """Smoothed counts on a grid, and the levels around nine tenths and half of the cells."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.08 * (high - low)
    limits = [(low[axis] - margin[axis], high[axis] + margin[axis]) for axis in (0, 1)]
    counts, x, y = np.histogram2d(cells[:, 0], cells[:, 1], bins=_BINS, range=limits)
    density = gaussian_filter(counts, sigma=_BINS / 50).T
    falling = np.sort(density.ravel())[::-1]
    mass = np.cumsum(falling) / falling.sum()
    levels = [float(falling[np.searchsorted(mass, share)]) for share in (0.9, 0.5)]
    return (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, density, levels
