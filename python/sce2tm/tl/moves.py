"""Ways to move cells in the latent space along chosen topics."""

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

Array = npt.NDArray[np.float64]
Columns = npt.NDArray[np.intp]

# a proportion of nothing has no logarithm: less than this is taken for this
LEAST = 1e-6


def add(latent: Array, topics: Columns, value: Array) -> Array:
    """Raise the latent of each topic by its value: its odds grow by exp(value).

    Examples
    --------
    >>> add(np.zeros((1, 2)), np.array([1]), np.array([0.5]))
    array([[0. , 0.5]])
    """
    moved = latent.copy()
    moved[:, topics] += value
    return moved


def scale(latent: Array, topics: Columns, value: Array) -> Array:
    """Multiply the odds of each topic by its value.

    Examples
    --------
    >>> scale(np.zeros((1, 2)), np.array([1]), np.array([1.0]))
    array([[0., 0.]])
    """
    return add(latent, topics, np.log(np.maximum(value, LEAST)))


def fix(latent: Array, topics: Columns, value: Array) -> Array:
    """Give each topic this proportion; the others keep their ratios to each other.

    Examples
    --------
    >>> moved = fix(np.zeros((1, 3)), np.array([0]), np.array([0.5]))
    >>> (np.exp(moved) / np.exp(moved).sum()).round(3)
    array([[0.5 , 0.25, 0.25]])
    """
    moved = latent.copy()
    others = np.setdiff1d(np.arange(latent.shape[1]), topics)
    share = np.maximum(value, LEAST)
    rest = logsumexp(latent[:, others], axis=1, keepdims=True)
    moved[:, topics] = rest + np.log(share / (1 - share.sum()))
    return moved


def match(
    latent: Array,
    topics: Columns,
    reference: Array,
    codes: npt.NDArray[np.intp],
    reference_codes: npt.NDArray[np.intp],
) -> Array:
    """Replace each topic's latent by that of a reference group at the same quantile.

    Within each group (code) apart: the cell with the lowest latent gets the lowest of the
    reference, and so on. Order of the cells and spread of the reference are both kept.

    Examples
    --------
    >>> one = np.zeros(2, dtype=int)
    >>> match(np.array([[5.0], [1.0]]), np.array([0]), np.array([[8.0], [6.0]]), one, one)
    array([[8.],
           [6.]])
    """
    from scipy.stats import rankdata

    moved = latent.copy()
    for code in np.unique(codes):
        cells, models = np.flatnonzero(codes == code), reference[reference_codes == code]
        for topic in topics:
            quantile = (rankdata(latent[cells, topic]) - 0.5) / len(cells)
            # as many cells on both sides: each gets the value of its own rank
            moved[cells, topic] = np.quantile(models[:, topic], quantile, method="hazen")
    return moved
