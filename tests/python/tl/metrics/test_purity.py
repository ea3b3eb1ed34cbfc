"""Interpretation purity: planted answers, counting, and its floor."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.tl.metrics import interpretation_purity, random_purity
from sce2tm.tl.metrics.purity import majorities


def test_purity_planted():
    theta = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0.5, 0.3, 0.2], [0.2, 0.8, 0], [0, 0.9, 0.1]])
    # topic 1: T T B, topic 2: B B, topic 3: nobody
    assert interpretation_purity(theta, ["T", "T", "B", "B", "B"]) == pytest.approx(4 / 5)
    assert interpretation_purity(theta, ["B"] * 5) == 1.0


def test_majorities_of_topics_that_lead():
    theta = np.eye(4)[[0, 0, 0, 3, 3, 1]]
    assert majorities(theta, list("TTBBBT")).tolist() == [[2, 3], [1, 1], [2, 2]]


def test_purity_equals_counting(rng):
    theta, labels = rng.dirichlet(np.ones(7), size=200), rng.choice(["a", "b", "c"], size=200)
    groups = {}
    for row, label in zip(theta.tolist(), labels.tolist(), strict=True):
        groups.setdefault(row.index(max(row)), []).append(label)
    majority = sum(max(map(group.count, group)) for group in groups.values())
    assert interpretation_purity(theta, labels) == pytest.approx(majority / 200)


def test_random_purity_is_the_floor(rng):
    labels = np.repeat(["a", "b"], 500)
    perfect = np.eye(2)[np.repeat([0, 1], 500)]
    floor = random_purity(perfect, labels, rng)
    assert interpretation_purity(perfect, labels) == 1.0
    # the majority of 500 fair coins: about half plus a standard deviation's 0.8
    assert floor == pytest.approx(0.5 + 0.8 * np.sqrt(0.25 / 500) * np.sqrt(0.5), abs=0.01)
    alone = np.eye(1000)  # each cell its own topic: purity is 1 by chance, too
    assert random_purity(alone, labels, rng) == 1.0


def test_random_purity_repeats_with_its_generator(rng):
    theta, labels = rng.dirichlet(np.ones(5), size=50), rng.choice(list("abc"), size=50)
    first, second = (random_purity(theta, labels, np.random.default_rng(4)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interpretation_purity(np.ones((3, 2)), ["a", "b"]), r"\(3, 2\)"),
        (lambda: interpretation_purity(np.ones(3), ["a", "b", "c"]), r"\(3,\)"),
        (lambda: interpretation_purity([[np.nan, 1]], ["a"]), "theta holds NaN"),
        (lambda: interpretation_purity(np.eye(3), ["a", None, np.nan]), "2 values are missing"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
