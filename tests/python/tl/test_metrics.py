"""Topic metrics: planted answers, and an oracle that counts sets one by one."""

import random
import tracemalloc
from itertools import combinations
from math import log

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.tl.gene_sets import read_gmt
from sce2tm.tl.metrics import (
    interpretation_purity,
    random_purity,
    topic_coherence,
    topic_diversity,
    topic_quality,
)

GENES = [f"g{number}" for number in range(12)]


def counted_coherence(topics, gene_sets):
    """TC by brute force: ask every set about every pair."""
    documents = [set(genes) for genes in gene_sets.values()]

    def share(*genes):
        return sum(all(gene in held for gene in genes) for held in documents) / len(documents)

    def npmi(a, b):
        both = share(a, b)
        if both in (0, 1):
            return both
        return (log(both) - log(share(a)) - log(share(b))) / -log(both)

    means = []
    for topic in topics:
        scores = [npmi(a, b) for a, b in combinations(topic, 2)]
        means.append(sum(scores) / len(scores))
    return sum(means) / len(means)


def test_diversity_planted():
    topics = [["A", "B", "C"], ["A", "D", "E"], ["A", "B", "F"]]
    assert topic_diversity(topics) == pytest.approx(6 / 9)  # A B C D E F
    assert topic_diversity(topics, definition="once") == pytest.approx(4 / 9)  # C D E F
    assert topic_diversity(np.array(topics)) == pytest.approx(6 / 9)


def test_diversity_never_cuts_names():
    assert topic_diversity([["HLA-A", "HLA-B"], ["HLA", "A"]]) == 1.0


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ({"1": "AB", "2": "C"}, 1.0),  # always together, never apart
        ({"1": "A", "2": "B"}, 0.0),  # never meet: no penalty
        ({"1": "AB", "2": "AB"}, 1.0),  # together everywhere
        ({"1": "AB", "2": "A", "3": "B", "4": "C"}, 0.0),  # p_ab = p_a p_b: independent
        ({"1": "A", "2": "C"}, 0.0),  # B in no set
        ({"1": "AB", "2": "A", "3": "B"}, log(3 / 4) / log(3)),  # (1/3) / (2/3 * 2/3) = 3/4
    ],
)
def test_coherence_planted(sets, expected):
    assert topic_coherence([["A", "B"]], sets) == pytest.approx(expected)


def test_coherence_equals_brute_force():
    generator = random.Random(0)  # noqa: S311
    for _ in range(5):
        sets = {
            str(number): generator.sample(GENES, generator.randint(1, 8)) * 2
            for number in range(30)
        }
        topics = [generator.sample([*GENES, "unknown"], 4) for _ in range(6)]
        assert topic_coherence(topics, sets) == pytest.approx(counted_coherence(topics, sets))


def test_quality_falls_when_a_topic_is_repeated():
    sets = {"1": "AB", "2": "CD", "3": "EF"}
    assert topic_quality([["A", "B"], ["C", "D"]], sets) == pytest.approx(1.0)
    assert topic_quality([["A", "B"], ["A", "B"]], sets) == pytest.approx(0.5)
    assert topic_quality([["A", "B"], ["A", "B"]], sets, definition="once") == 0


def test_purity_planted():
    theta = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0.5, 0.3, 0.2], [0.2, 0.8, 0], [0, 0.9, 0.1]])
    # topic 1: T T B, topic 2: B B, topic 3: nobody
    assert interpretation_purity(theta, ["T", "T", "B", "B", "B"]) == pytest.approx(4 / 5)
    assert interpretation_purity(theta, ["B"] * 5) == 1.0


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
        (lambda: topic_diversity([]), "top_genes is empty"),
        (lambda: topic_diversity(["CD3D", "CD3E"]), "'CD3D' is one name"),
        (lambda: topic_diversity([["A"], []]), r"topics \[2\] have no gene"),
        (lambda: topic_diversity([["A"]], definition="some"), "definition='some'"),
        (lambda: topic_coherence([["A"]], {"1": "A"}), "two or more genes"),
        (lambda: topic_coherence([["A", "B", "A"]], {"1": "A"}), "none of them twice"),
        (lambda: topic_coherence([["A", "B"]], {}), r"gene_sets=\{\} is empty"),
        (lambda: topic_coherence([["Ins2", "Gcg"]], {"1": ["INS", "GCG"]}), "same species"),
        (lambda: interpretation_purity(np.ones((3, 2)), ["a", "b"]), r"\(3, 2\)"),
        (lambda: interpretation_purity(np.ones(3), ["a", "b", "c"]), r"\(3,\)"),
        (lambda: interpretation_purity([[np.nan, 1]], ["a"]), "theta holds NaN"),
        (lambda: interpretation_purity(np.eye(3), ["a", None, np.nan]), "2 values are missing"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_all_of_msigdb(real_set, rng):
    folder = real_set("Yan").parents[1] / "gmt"
    sets = read_gmt(folder / "msigdb.v7.1.Hs.symbols.gmt.gz")
    assert len(sets) == 25_724
    # a topic of one pathway stands far above a random draw of genes
    hallmark = sets["HALLMARK_INTERFERON_ALPHA_RESPONSE"][:10]
    everything = sorted({gene for genes in sets.values() for gene in genes})
    chance = rng.choice(everything, size=(100, 10), replace=False)
    assert topic_coherence([hallmark], sets) > 0.3
    tracemalloc.start()
    try:
        assert topic_coherence(chance, sets) < 0.1
        assert tracemalloc.get_traced_memory()[1] < 100e6  # a dense matrix would take gigabytes
    finally:
        tracemalloc.stop()
