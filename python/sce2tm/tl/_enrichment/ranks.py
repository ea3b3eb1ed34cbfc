"""Genes in the order of a topic's weights, and the numbers that stand at each place."""

import logging
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sce2tm.errors import InputError

logger = logging.getLogger(__name__)

Ranking = Literal["rank", "weight"]


def check_ranking(ranking: str) -> None:
    """Refuse what is no way to rank.

    Raises
    ------
    InputError
        It is unknown.
    """
    if ranking not in ("rank", "weight"):
        raise InputError(f"ranking={ranking!r} is unknown. Use 'rank' or 'weight'.")


def orders(weights: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Genes of each topic from the largest weight to the smallest, ties by name: K x V."""
    values = weights.to_numpy()
    by_name = np.empty(len(weights), dtype=np.int64)
    by_name[np.argsort(weights.index.to_numpy(dtype=str), kind="stable")] = np.arange(len(weights))
    order = np.array([np.lexsort((by_name, -column)) for column in values.T])
    sorted_values = np.take_along_axis(values.T, order, axis=1)
    same = np.diff(sorted_values, axis=1) == 0
    tied = np.zeros(sorted_values.shape, dtype=bool)
    tied[:, 1:] |= same
    tied[:, :-1] |= same
    if tied.any():
        logger.info(
            "%d weights equal another of their topic (%d of %d topics); such genes are ranked by "
            "name.",
            tied.sum(),
            tied.any(axis=1).sum(),
            len(tied),
        )
    return order


def rank_scores(n: int) -> npt.NDArray[np.float64]:
    """Savage scores: what the largest, second, ... of n exponential numbers are on average.

    The i-th is 1/i + 1/(i+1) + ... + 1/n: the top gene of 5,000 has 9.1, the hundredth 3.9, the
    median one 0.7. `benchmarks/ranking.py` shows why these and not normal scores.

    Examples
    --------
    >>> rank_scores(3).round(2)
    array([1.83, 0.83, 0.33])
    """
    return np.asarray(np.cumsum(1 / np.arange(n, 0, -1.0))[::-1])
