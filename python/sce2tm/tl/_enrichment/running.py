"""Running sums of all sets along one ranked list, in one walk down the list.

The score is that of GSEA with weight 1 (Subramanian 2005). With hits weighing |r| and misses alike,

    sum at a hit = (weight of the hits so far) / (weight of all hits) - (misses so far) / (misses)

and ES is the largest such sum. Going down the list gene by gene meets the hits of every set in
order, so the cost is one addition per membership, and nothing is sorted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from sce2tm.tl._enrichment.members import Members

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sums:
    """Where the running sum of each set is highest.

    Attributes
    ----------
    score
        Its highest value.
    n_hits
        Members met up to there: the leading edge.
    """

    score: Floats
    n_hits: Ints


def running_sums(members: Members, order: Ints, vector: Floats) -> Sums:
    """Highest running sum of every set.

    Parameters
    ----------
    members
        Which genes are in which sets.
    order
        Genes from the top of the list to its end.
    vector
        Weight of a hit at each place of the list, as :func:`exact` gives it.
    """
    by_gene = np.empty_like(vector)
    by_gene[order] = vector
    inverse = 1.0 / (members.sets @ by_gene)
    per_miss = 1.0 / (len(order) - members.sizes)
    score, n_hits = _walk(
        order, vector, members.of_gene.indptr, members.of_gene.indices, inverse, per_miss
    )
    return Sums(score, n_hits)


def leading_edges(members: Members, order: Ints, n_hits: Ints) -> tuple[Ints, Ints]:
    """The first `n_hits` members of every set, in order of rank.

    Returns
    -------
    tuple
        Genes of all sets, one after the other; and where each set's begin (one more than sets).
    """
    starts = np.concatenate([[0], np.cumsum(n_hits)])
    genes = _collect(order, members.of_gene.indptr, members.of_gene.indices, starts)
    return genes, starts


def exact(vector: Floats, largest: int) -> Floats:
    """Absolute values, rounded such that sums of `largest` of them are exact in any order.

    Equal sets then have equal scores to the last bit, however they were summed: the comparison of
    a set with its null is exact. The rounding is 2^-43 of the largest value for 500 genes. A value
    of 0 becomes the smallest one, so that a set of nothing but zeros weighs its genes alike.
    """
    size = np.abs(vector)
    bits = 52 - int(np.ceil(np.log2(max(largest, 2))))
    unit = 2.0 ** (np.ceil(np.log2(size.max(initial=0.0) or 1.0)) - bits)
    return np.asarray(np.maximum(np.round(size / unit), 1.0) * unit)


def _walk_down(
    order: Ints, vector: Floats, indptr: Ints, sets: Ints, inverse: Floats, per_miss: Floats
) -> tuple[Floats, Ints]:
    hit_weight = np.zeros(inverse.size)
    hits = np.zeros(inverse.size, dtype=np.int64)
    best = np.full(inverse.size, -1.0)
    best_hits = np.zeros(inverse.size, dtype=np.int64)
    for rank in range(order.size):
        gene = order[rank]
        for i in range(indptr[gene], indptr[gene + 1]):
            s = sets[i]
            hit_weight[s] += vector[rank]
            height = hit_weight[s] * inverse[s] - (rank - hits[s]) * per_miss[s]
            hits[s] += 1
            if height > best[s]:
                best[s] = height
                best_hits[s] = hits[s]
    return best, best_hits


def _collect_down(order: Ints, indptr: Ints, sets: Ints, starts: Ints) -> Ints:
    genes = np.empty(starts[-1], dtype=np.int64)
    place = starts[:-1].copy()
    for rank in range(order.size):
        gene = order[rank]
        for i in range(indptr[gene], indptr[gene + 1]):
            s = sets[i]
            if place[s] < starts[s + 1]:
                genes[place[s]] = gene
                place[s] += 1
    return genes


# not cached: the cache would be written into the folder of the package
_walk = njit(nogil=True)(_walk_down)
_collect = njit(nogil=True)(_collect_down)
