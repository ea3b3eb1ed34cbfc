"""How well predicted changes agree with observed ones, and groups of cells with each other."""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

Array = npt.NDArray[np.float64]


def agreement(predicted: Array, observed: Array, n_top: int) -> tuple[float, int]:
    """Rank correlation of changes, and how many of the largest are shared.

    Parameters
    ----------
    predicted, observed
        Change of each gene.
    n_top
        Genes with the largest absolute changes that are looked at on each side.

    Returns
    -------
    Spearman's correlation (0 where nothing changes), and the number of genes on both sides whose
    changes have the same sign.

    Examples
    --------
    >>> correlation, shared = agreement(np.array([3.0, 1.0, -2.0]), np.array([2.0, 0.1, 1.0]), 2)
    >>> round(correlation, 2), shared
    (0.5, 1)
    """
    from scipy.stats import rankdata

    if np.ptp(predicted) == 0 or np.ptp(observed) == 0:
        return 0.0, 0
    correlation = np.corrcoef(rankdata(predicted), rankdata(observed))[0, 1]
    one, other = (np.argsort(-np.abs(change))[:n_top] for change in (predicted, observed))
    both = np.intersect1d(one, other)
    return float(correlation), int((predicted[both] * observed[both] > 0).sum())


def energy_distance(first: Array, second: Array) -> float:
    """Distance of two clouds of points: 0 where they are the same, never below.

    Twice the mean distance between them, less the mean distances within each (Szekely and Rizzo,
    2013). Costs all pairs.

    Examples
    --------
    >>> energy_distance(np.array([[0.0]]), np.array([[3.0]]))
    6.0
    """
    between, one, other = (
        cdist(*pair).mean() for pair in ((first, second), (first, first), (second, second))
    )
    return float(2 * between - one - other)
