"""Interpretation purity: do the cells of a topic share a type."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from sce2tm.errors import InputError

# one random assignment is noisy on a hundred cells; the mean over twenty is steady to about 0.005
_RANDOM_DRAWS = 20


def interpretation_purity(theta: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Share of cells that belong to the majority type of their strongest topic (IP).

    It grows with the number of topics in use, for any assignment: read it beside
    :func:`random_purity`.

    Parameters
    ----------
    theta
        Topic proportions, n x K. Only the position of each row's largest value counts.
    labels
        The known type of each cell, n values.

    Returns
    -------
    float
        From the share of the most frequent type (or more) to 1.

    Examples
    --------
    >>> import sce2tm
    >>> theta = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]
    >>> sce2tm.tl.interpretation_purity(theta, ["T", "T", "B"])
    1.0
    """
    largest, cells = majorities(theta, labels).T
    return float(largest.sum() / cells.sum())


def random_purity(theta: npt.ArrayLike, labels: npt.ArrayLike, rng: np.random.Generator) -> float:
    """Purity of cells assigned to topics by chance, in groups of the same sizes.

    The floor under :func:`interpretation_purity`: the mean over 20 permutations of the labels.

    Parameters
    ----------
    theta, labels
        As for :func:`interpretation_purity`.
    rng
        The generator that draws the permutations.

    Returns
    -------
    float
        What purity would be if topics knew nothing of the types.

    Examples
    --------
    >>> import numpy as np, sce2tm
    >>> theta = np.eye(2)[[0, 0, 1, 1]]
    >>> sce2tm.tl.random_purity(theta, ["T", "T", "T", "T"], np.random.default_rng(0))
    1.0
    """
    topic, codes = _groups(theta, labels)
    counts = (contingency(topic, rng.permutation(codes)) for _ in range(_RANDOM_DRAWS))
    return float(np.mean([table.max(axis=1).sum() for table in counts]) / topic.size)


def majorities(theta: npt.ArrayLike, labels: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Cells of the majority type, and all cells, of each topic that leads any: topics x 2."""
    table = contingency(*_groups(theta, labels))
    table = table[table.any(axis=1)]
    return np.column_stack([table.max(axis=1), table.sum(axis=1)])


def _groups(
    theta: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The strongest topic and the label of each cell, both as codes."""
    proportions = np.asarray(theta)
    codes, _ = pd.factorize(np.asarray(labels, dtype=object))  # a missing label gets -1
    if proportions.ndim != 2 or 0 in proportions.shape or len(proportions) != codes.size:
        raise InputError(
            f"theta has shape {proportions.shape!r} and labels has {codes.size} values. "
            "Give theta as cells x topics and one label for each of its rows."
        )
    if not np.isfinite(proportions).all():
        raise InputError("theta holds NaN or Inf. Leave those cells out.")
    if (codes < 0).any():
        raise InputError(f"labels: {(codes < 0).sum()} values are missing. Leave those cells out.")
    return proportions.argmax(axis=1), codes


def contingency(groups: npt.NDArray[np.intp], codes: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """Cells of each group (rows) and label (columns), both given as codes from 0."""
    table = np.zeros((groups.max() + 1, codes.max() + 1), dtype=np.int64)
    np.add.at(table, (groups, codes), 1)
    return table
