"""Scores, p-values and leading edges of all sets in all topics."""

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from tqdm.auto import tqdm

from sce2tm.tl._enrichment.members import Members
from sce2tm.tl._enrichment.null import Draws, Map, Null, split
from sce2tm.tl._enrichment.running import exact, leading_edges, running_sums

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ScoreType = Literal["pos", "neg", "std"]

# one null for all topics can be had more exactly than a hundred of them
_DRAWS_SHARED, _DRAWS_OWN = 10_000, 2_000


@dataclass(frozen=True)
class Side:
    """The lists seen from one of their ends.

    Attributes
    ----------
    orders
        Genes of each topic from that end, K x V.
    vectors
        Weights of hits from that end: one row for all topics, or one for each.
    score
        Highest running sum from that end, K x sets. What the other end calls a negative ES.
    n_hits
        Size of the leading edge, K x sets.
    """

    orders: Ints
    vectors: Floats
    score: Floats
    n_hits: Ints


@contextmanager
def workers(n_jobs: int) -> Iterator[Map]:
    """A `map` that keeps the order and works in threads: what it runs leaves Python's lock."""
    if n_jobs == 1:
        yield map
        return
    pool = ThreadPoolExecutor(n_jobs)
    try:
        yield pool.map
    finally:  # also when interrupted: what runs now ends within a second, nothing else begins
        pool.shutdown(cancel_futures=True)


def sides(
    members: Members, orders: Ints, values: Floats, score_type: ScoreType, run: Map
) -> dict[str, Side]:
    """Running sums from the top, from the bottom, or both.

    Parameters
    ----------
    members
        The sets.
    orders
        Genes of each topic, best first: K x V.
    values
        The ranked values: one row for all topics, or one for each.
    score_type
        Which ends are asked for.
    run
        Maps over topics.
    """
    vectors = np.array([exact(row, int(members.sizes.max())) for row in values])
    found = {}
    for name, step in (("top", 1), ("bottom", -1)):
        if score_type == ("neg" if name == "top" else "pos"):
            continue
        # compiled code wants one memory layout
        ends = np.ascontiguousarray(orders[:, ::step]), np.ascontiguousarray(vectors[:, ::step])
        rows = np.broadcast_to(ends[1], ends[0].shape)
        sums = list(run(lambda pair: running_sums(members, *pair), zip(ends[0], rows, strict=True)))
        found[name] = Side(
            *ends, np.array([s.score for s in sums]), np.array([s.n_hits for s in sums])
        )
    return found


def signed(found: dict[str, Side]) -> Floats:
    """ES, K x sets: the larger of the two sides, negative at the bottom, 0 where they are equal."""
    if "bottom" not in found:
        return found["top"].score
    if "top" not in found:
        return -found["bottom"].score
    top, bottom = found["top"].score, found["bottom"].score
    return np.asarray(np.where(top > bottom, top, np.where(top < bottom, -bottom, 0.0)))


@dataclass(frozen=True)
class Result:
    """What was found about each pair, K x sets each: NES, p, and the error of its log2."""

    nes: Floats
    p: Floats
    error: Floats


def test(
    members: Members,
    found: dict[str, Side],
    scores: Floats,
    eps: float,
    seed: int,
    run: Map,
    progress: bool,
) -> Result:
    """Compare the scores of all pairs with those of random sets.

    Lists with the same values share one null for each size of set.
    """
    n_unknown = 0
    result = Result(np.zeros(scores.shape), np.ones(scores.shape), np.full(scores.shape, np.nan))
    sizes = np.unique(members.sizes)
    n_groups, n_genes = next(iter(found.values())).vectors.shape
    n_draws = _DRAWS_SHARED if n_groups == 1 else _DRAWS_OWN
    draws = Draws(n_genes, int(sizes[-1]), n_draws, np.random.default_rng([seed]))
    total = n_groups * len(found) * sizes.size
    with tqdm(total=total, desc="gsea", unit="null", disable=not progress) as bar:
        for group in range(n_groups):
            topics = slice(None) if n_groups == 1 else slice(group, group + 1)
            for number, (name, side) in enumerate(found.items()):
                nulls = _nulls(
                    draws,
                    side.vectors[group],
                    sizes,
                    [
                        float(side.score[topics, members.sizes == size].max(initial=0.0))
                        for size in sizes
                    ],
                    len(found) == 2,
                    eps,
                    [seed, group, number],
                    run,
                )
                here = (scores[topics] >= 0) == (name == "top")
                for size, null in zip(sizes, nulls, strict=True):
                    pairs = here & (members.sizes == size)
                    reached = scores[topics][pairs]
                    p, error = null.p_values(np.abs(reached), eps)
                    result.p[topics][pairs], result.error[topics][pairs] = p, error
                    result.nes[topics][pairs] = reached / null.mean
                    n_unknown += 0 if null.is_known else reached.size
                    bar.update()
    if n_unknown:
        logger.warning(
            "For %d pairs of topic and set hardly any random set has an ES of the same sign, so "
            "that p is not known and given as 1. score_type='pos' has no such pairs.",
            n_unknown,
        )
    return result


def _nulls(
    draws: Draws,
    vector: Floats,
    sizes: Ints,
    reach: list[float],
    two_sided: bool,
    eps: float,
    seeds: list[int],
    run: Map,
) -> Iterable[Null]:
    """The null of each size, as far up as the highest score of a set of that size."""
    highest, lowest = draws.scores(vector, sizes, run)
    counted = highest > lowest if two_sided else np.ones_like(highest, dtype=bool)

    def null(i: int) -> Null:
        size = int(sizes[i])
        rng = np.random.default_rng([*seeds, size])
        return split(draws, highest[i], counted[i], vector, size, reach[i], eps, two_sided, rng)

    return run(null, range(sizes.size))


def edges(
    members: Members, found: dict[str, Side], scores: Floats, names: npt.NDArray[np.object_]
) -> Iterator[list[str]]:
    """Leading edges of all pairs, topic by topic, each from its end of the list inwards."""
    for topic in range(len(scores)):
        lists: list[list[str]] = [[] for _ in range(scores.shape[1])]
        for name, side in found.items():
            here = (scores[topic] >= 0) == (name == "top")
            genes, starts = leading_edges(
                members, side.orders[topic], np.where(here, side.n_hits[topic], 0)
            )
            flat = names[genes].tolist()
            for i in np.flatnonzero(here):
                lists[i] = flat[starts[i] : starts[i + 1]]
        yield from lists
