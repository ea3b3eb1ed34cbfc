"""P-values against closed forms, enumeration of all sets, and long plain sampling."""

from itertools import combinations
from math import comb, log2

import numpy as np
import pytest

from gene_set_toys import textbook_walk
from sce2tm.tl._enrichment.null import Draws, split
from sce2tm.tl._enrichment.ranks import rank_scores
from sce2tm.tl._enrichment.running import exact


def null(vector, size, reach, seed, n_draws=1000, two_sided=False):
    draws = Draws(vector.size, size, n_draws, np.random.default_rng([seed, 0]))
    highest, lowest = (part[0] for part in draws.scores(vector, np.array([size]), map))
    counted = highest > lowest if two_sided else np.ones(n_draws, dtype=bool)
    rng = np.random.default_rng([seed, 1])
    return split(draws, highest, counted, vector, size, reach, 1e-50, two_sided, rng)


@pytest.mark.parametrize("two_sided", [False, True])
def test_against_all_sets_of_a_small_universe(two_sided):
    vector = exact(np.linspace(2, -2, 16), 5)
    walks = [textbook_walk(vector, places) for places in combinations(range(16), 5)]
    top = np.array([max(walk) for walk in walks])
    bottom = np.array([-min(walk) for walk in walks])
    is_counted = top > bottom + 1e-9 if two_sided else np.ones(top.size, dtype=bool)
    levels = np.quantile(top[is_counted], [0.5, 0.9, 0.99, 0.999, 1.0])
    reached = levels - 1e-9  # the walk by hand adds up in another order
    truth = np.log2([(top[is_counted] >= x).mean() for x in reached])
    runs = [
        null(vector, 5, reached[-1], seed, two_sided=two_sided).p_values(reached, 1e-50)
        for seed in range(16)
    ]
    p = np.log2([run[0] for run in runs])
    error = np.mean([run[1] for run in runs], axis=0)
    # right on average, and as far off as it says
    assert (np.abs(p.mean(axis=0) - truth) < 4 * error / np.sqrt(len(runs)) + 0.05).all()
    assert (p.std(axis=0) < 2 * error).all()
    assert (p.std(axis=0) > error / 2).all()


@pytest.mark.parametrize(("n", "size"), [(60, 8), (200, 20)])
def test_the_best_set_of_all_is_one_of_all(n, size):
    """Only the first genes reach 1, so the chance is one in the number of sets."""
    found = null(exact(rank_scores(n), size), size, 1.0, seed=3)
    p, error = found.p_values(np.array([1.0]), 1e-50)
    assert abs(log2(p[0]) + log2(comb(n, size))) < 4 * error[0]


def test_against_long_plain_sampling():
    vector = exact(rank_scores(1000), 30)
    draws = Draws(1000, 30, 100_000, np.random.default_rng(5))
    sampled = np.sort(draws.scores(vector, np.array([30]), map)[0][0])
    reached = sampled[-np.array([10_000, 1000, 100, 30])]  # p 0.1 to 0.0003
    p, error = null(vector, 30, reached.max(), seed=6).p_values(reached, 1e-50)
    truth = np.log2([0.1, 0.01, 0.001, 0.0003])
    own = np.array([0.02, 0.05, 0.15, 0.3])  # of plain sampling
    assert (np.abs(np.log2(p) - truth) < 4 * np.hypot(error, own)).all()


def test_large_p_values_come_from_plain_sampling():
    vector = exact(rank_scores(100), 5)
    found = null(vector, 5, 0.0, seed=0)
    assert len(found.levels) == 1
    median = found.levels[0].scores[500]
    assert found.p_values(np.array([median, 0.0]), 1e-50)[0] == pytest.approx([501 / 1001, 1])
    assert found.mean == pytest.approx(found.levels[0].scores.mean())


def test_eps_bounds_p():
    vector = exact(rank_scores(300), 20)
    p, error = null(vector, 20, 1.0, seed=0).p_values(np.array([1.0, 0.3]), 1e-10)
    assert p[0] == 1e-10
    assert np.isnan(error[0])
    assert p[1] > 1e-10


def test_ties_end():
    """All weights alike: scores take few values, and most sets of a level tie."""
    vector = exact(np.ones(8), 2)
    p, _ = null(vector, 2, 1.0, seed=0, n_draws=200).p_values(np.array([1.0, 1.5]), 1e-50)
    assert abs(log2(p[0]) + log2(28)) < 1.5
    assert p[1] < p[0]  # no set gets there


def test_a_sign_that_random_sets_hardly_have_gives_no_p():
    vector = exact(rank_scores(50), 40)
    draws = Draws(50, 40, 200, np.random.default_rng(0))
    highest = draws.scores(vector, np.array([40]), map)[0][0]
    rng = np.random.default_rng(1)
    counted = np.zeros(200, dtype=bool)
    found = split(draws, highest, counted, vector, 40, 0.1, 1e-50, True, rng)
    p, error = found.p_values(np.array([0.1]), 1e-50)
    assert (p.tolist(), np.isnan(error).tolist(), found.is_known) == ([1.0], [True], False)
