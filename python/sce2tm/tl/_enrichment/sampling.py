"""Random gene sets and their scores: the compiled part of the null.

A set is a row of places in the ranked list (0 is the top), in increasing order.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def _draw(n: int, uniform: Floats) -> Ints:
    """Rows of different places below `n`, in random order: the start of a shuffle."""
    places = np.arange(n)
    draws = np.empty(uniform.shape, dtype=np.int64)
    for row in range(draws.shape[0]):
        for i in range(draws.shape[1]):
            j = i + int(uniform[row, i] * (n - i))
            places[i], places[j] = places[j], places[i]
            draws[row, i] = places[i]
    return draws


def _score(places: Ints, total: float, vector: Floats) -> tuple[float, float]:
    """Highest and lowest point of the running sum; the lowest with its sign turned."""
    inverse = 1.0 / total
    per_miss = 1.0 / (vector.size - places.size)
    highest = -1.0
    lowest = 0.0
    hit_weight = 0.0
    for i in range(places.size):
        misses = (places[i] - i) * per_miss
        lowest = max(lowest, misses - hit_weight * inverse)
        hit_weight += vector[places[i]]
        highest = max(highest, hit_weight * inverse - misses)
    return highest, lowest


def _score_prefixes(draws: Ints, vector: Floats, sizes: Ints) -> tuple[Floats, Floats]:
    """Scores of the first genes of each draw, for every size (increasing): sizes x draws."""
    highest = np.empty((sizes.size, draws.shape[0]))
    lowest = np.empty((sizes.size, draws.shape[0]))
    places = np.empty(sizes[-1], dtype=np.int64)
    for row in range(draws.shape[0]):
        total = 0.0
        n = 0
        for s in range(sizes.size):
            while n < sizes[s]:
                new = draws[row, n]
                i = n
                while i > 0 and places[i - 1] > new:
                    places[i] = places[i - 1]
                    i -= 1
                places[i] = new
                total += vector[new]
                n += 1
            highest[s, row], lowest[s, row] = score(places[:n], total, vector)
    return highest, lowest


def _reach(places: Ints, total: float, vector: Floats, bound: float) -> tuple[int, float]:
    """First hit at which the running sum is at `bound`, and the weight of hits so far; or -1."""
    inverse = 1.0 / total
    per_miss = 1.0 / (vector.size - places.size)
    hit_weight = 0.0
    for i in range(places.size):
        misses = (places[i] - i) * per_miss
        hit_weight += vector[places[i]]
        if hit_weight * inverse - misses >= bound:
            return i, hit_weight
        if 1.0 - misses < bound - 1e-9:  # even all the weight would not get there any more
            return -1, hit_weight
    return -1, hit_weight


def _replace(places: Ints, i: int, new: int) -> int:
    """Take out the place at `i`, put in `new`, keep the order; return where `new` went."""
    while i > 0 and places[i - 1] > new:
        places[i] = places[i - 1]
        i -= 1
    while i + 1 < places.size and places[i + 1] < new:
        places[i] = places[i + 1]
        i += 1
    places[i] = new
    return i


def _move(sets: Ints, vector: Floats, bound: float, uniform: Floats) -> int:
    """Exchange genes at random, keeping scores at `bound` or above; count what was exchanged.

    A place where the running sum is at the bound is remembered. Mostly it still is there after an
    exchange, which takes no look at the other genes; otherwise another such place is searched for.
    """
    n_moved = 0
    per_miss = 1.0 / (vector.size - sets.shape[1])
    is_member = np.zeros(vector.size, dtype=np.bool_)
    for row in range(sets.shape[0]):
        places = sets[row]
        total = 0.0
        is_member[:] = False
        for place in places:
            total += vector[place]
            is_member[place] = True
        i, hit_weight = reach(places, total, vector, bound)
        peak, hits = places[i], i + 1
        for step in range(uniform.shape[1]):
            i = int(uniform[row, step, 0] * places.size)
            new = int(uniform[row, step, 1] * vector.size)
            if is_member[new]:
                continue
            old = places[i]
            changed = total - vector[old] + vector[new]
            new_weight = hit_weight
            new_hits = hits
            if old <= peak:
                new_weight -= vector[old]
                new_hits -= 1
            if new <= peak:
                new_weight += vector[new]
                new_hits += 1
            i = replace(places, i, new)
            if new_weight * (1.0 / changed) - (peak + 1 - new_hits) * per_miss < bound:
                found, new_weight = reach(places, changed, vector, bound)
                if found < 0:
                    replace(places, i, old)
                    continue
                peak, new_hits = places[found], found + 1
            total, hit_weight, hits = changed, new_weight, new_hits
            is_member[old], is_member[new] = False, True
            n_moved += 1
    return n_moved


def _score_rows(sets: Ints, vector: Floats) -> tuple[Floats, Floats]:
    """Scores of sets of one size."""
    highest = np.empty(sets.shape[0])
    lowest = np.empty(sets.shape[0])
    for row in range(sets.shape[0]):
        total = 0.0
        for place in sets[row]:
            total += vector[place]
        highest[row], lowest[row] = score(sets[row], total, vector)
    return highest, lowest


# not cached: the cache would be written into the folder of the package
draw = njit(nogil=True)(_draw)
score = njit(nogil=True)(_score)
reach = njit(nogil=True)(_reach)
replace = njit(nogil=True)(_replace)
score_prefixes = njit(nogil=True)(_score_prefixes)
score_rows = njit(nogil=True)(_score_rows)
move = njit(nogil=True)(_move)
