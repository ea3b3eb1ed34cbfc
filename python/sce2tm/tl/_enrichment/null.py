"""How likely a random set of one size scores as high: simple sampling, then multilevel splitting.

Korotkevich et al. 2021 (doi 10.1101/060012), from its description. Plain random sets give the large
p-values. For the small ones the better half of the sets is kept and copied, and the copies are
shuffled, exchanging genes but never falling below the worst of that half: sets from the null, given
that they score as high. Repeating it halves the probability each time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

from sce2tm.tl._enrichment import sampling

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

SAMPLE = 101  # sets in a level, as in fgsea
_HALF = (SAMPLE + 1) // 2
_CHUNK = 500
_LEAST = 10  # random sets of one sign
# a set that is the only one above its bound has nowhere to go: give up exchanging
_MOST_ROUNDS = 50


@dataclass(frozen=True)
class Level:
    """Scores of random sets that all reach `bound`.

    Attributes
    ----------
    bound
        The score that all reach.
    log_p
        Expected log of the probability that a random set reaches it.
    variance
        Of that log.
    scores
        In increasing order.
    counted
        Which of them are on this side of a two-sided score (all, in a one-sided one).
    """

    bound: float
    log_p: float
    variance: float
    scores: Floats
    counted: Bools


class Draws:
    """Random gene sets of all sizes: the first k genes of random orders.

    Parameters
    ----------
    n_genes
        Length of the ranked list.
    largest
        Size of the largest set.
    n_draws
        How many.
    rng
        Where they come from.
    """

    def __init__(self, n_genes: int, largest: int, n_draws: int, rng: np.random.Generator) -> None:
        parts = [
            sampling.draw(n_genes, rng.random((min(_CHUNK, n_draws - start), largest)))
            for start in range(0, n_draws, _CHUNK)
        ]
        self.places = np.concatenate(parts)

    def scores(self, vector: Floats, sizes: Ints, run: Map) -> tuple[Floats, Floats]:
        """Highest and lowest points of the running sums, each sizes x draws."""
        parts = np.split(self.places, range(_CHUNK, len(self.places), _CHUNK))
        scored = list(run(lambda places: sampling.score_prefixes(places, vector, sizes), parts))
        return np.concatenate([s[0] for s in scored], 1), np.concatenate([s[1] for s in scored], 1)

    def sets(self, rows: Ints, size: int) -> Ints:
        """The sets of one size from the draws `rows`, their places in increasing order."""
        return np.sort(self.places[rows, :size], axis=1)


class Null:
    """Scores of random sets of one size, as far up as they were needed.

    Parameters
    ----------
    levels
        The first from plain sampling, the others from splitting.
    mean
        Mean score of the random sets on this side.
    """

    def __init__(self, levels: list[Level], mean: float) -> None:
        self.levels = levels
        self.mean = mean

    @property
    def is_known(self) -> bool:
        """Whether enough random sets are on this side."""
        return int(self.levels[0].counted.sum()) >= _LEAST

    def p_values(self, scores: Floats, eps: float) -> tuple[Floats, Floats]:
        """Probability of at least these scores, and the standard deviation of its log2.

        Below `eps`, and beyond the highest level, p is an upper bound and the error NaN. Where
        random sets are hardly ever on this side, p among them is not known: it is 1, with NaN.
        """
        p, error = np.ones(scores.size), np.full(scores.size, np.nan)
        first = self.levels[0]
        if not self.is_known:
            return p, error
        share = first.counted.mean()
        open_ = np.ones(scores.size, dtype=bool)
        for level in self.levels:
            n = level.scores.size
            above = n - np.searchsorted(level.scores, scores, side="left")
            tail = np.append(np.cumsum(level.counted[::-1])[::-1], 0)
            counted = tail[n - above]
            here = open_ & (above >= _HALF) if level is not self.levels[-1] else open_
            if level is first:  # among those that count
                n = int(first.counted.sum())
                p[here] = (counted[here] + 1) / (n + 1)
            else:
                p[here] = np.exp(level.log_p) * np.maximum(counted[here], 1) / n / share
            spread = level.variance + polygamma(1, counted + 1) - polygamma(1, n + 1)
            error[here] = np.sqrt(spread[here]) / np.log(2)
            error[here & (above == 0)] = np.nan
            open_ &= ~here
        p = np.minimum(p, 1.0)
        low = p < eps
        p[low], error[low] = eps, np.nan
        return p, error


def split(
    draws: Draws,
    highest: Floats,
    counted: Bools,
    vector: Floats,
    size: int,
    reach: float,
    eps: float,
    two_sided: bool,
    rng: np.random.Generator,
) -> Null:
    """Go up from plain sampling until half of a level reaches `reach`, or p is below `eps`."""
    order = np.argsort(highest, kind="stable")
    level = Level(-np.inf, 0.0, 0.0, highest[order], counted[order])
    mean = float(level.scores[level.counted].mean()) if level.counted.any() else np.nan
    levels = [level]
    null = Null(levels, mean)
    sets: Ints | None = None
    while null.is_known and np.exp(level.log_p) > eps:
        n = level.scores.size
        if n - np.searchsorted(level.scores, reach, side="left") >= _HALF:
            break
        bound = level.scores[-_HALF]
        if bound <= level.bound:  # more than half at the bound itself: ties
            higher = level.scores[level.scores > level.bound]
            if higher.size == 0:
                break
            bound = higher[0]
        kept = n - int(np.searchsorted(level.scores, bound, side="left"))
        rows = order[n - kept :]
        parents = draws.sets(rows, size) if sets is None else sets[rows]
        if kept > SAMPLE:
            parents = parents[rng.permutation(kept)[:SAMPLE]]
        sets = np.concatenate(
            [parents, parents[rng.integers(len(parents), size=SAMPLE - len(parents))]]
        )
        _shuffle(sets, vector, bound, rng)
        scores, lowest = sampling.score_rows(sets, vector)
        order = np.argsort(scores, kind="stable")
        level = Level(
            float(bound),
            level.log_p + float(digamma(kept) - digamma(n + 1)),
            level.variance + float(polygamma(1, kept) - polygamma(1, n + 1)),
            scores[order],
            (scores > lowest)[order] if two_sided else np.ones(SAMPLE, dtype=bool),
        )
        levels.append(level)
    return null


def _shuffle(sets: Ints, vector: Floats, bound: float, rng: np.random.Generator) -> None:
    """Exchange genes until each set has, on average, exchanged as many as it holds."""
    steps = max(1, sets.shape[1] // 4)
    wanted = sets.size
    for _ in range(_MOST_ROUNDS):
        wanted -= sampling.move(sets, vector, bound, rng.random((len(sets), steps, 2)))
        if wanted <= 0:
            return
