"""Running sums of all sets, against a walk by hand, the textbook and gseapy."""

from itertools import pairwise

import gseapy
import numpy as np
import pandas as pd
import pytest

from gene_set_toys import textbook_walk
from sce2tm.tl._enrichment.members import cut
from sce2tm.tl._enrichment.running import exact, leading_edges, running_sums


def sums(sets, values):
    """Genes are g0, g1, ... in the order of the values."""
    genes = [f"g{i}" for i in range(len(values))]
    members = cut(sets, genes, 1, len(genes), False)
    order = np.arange(len(genes))
    found = running_sums(members, order, exact(np.asarray(values, float), len(genes)))
    edge, starts = leading_edges(members, order, found.n_hits)
    return found.score, [[genes[i] for i in edge[a:b]] for a, b in pairwise(starts)]


def test_by_hand():
    # hits 1 and 3 of weights 3 and 1; three misses: +3/4 at once, -1/3, +1/4 = 2/3 at the third
    # hits 2 and 5 of weights 2 and 1: -1/3 + 2/3 = 1/3, then down to -1/3, and up to 0
    score, edge = sums({"a": ["g0", "g2"], "b": ["g1", "g4"]}, [3, 2, 1, 1, 1])
    assert score == pytest.approx([3 / 4, 1 / 3], abs=1e-12)
    assert edge == [["g0"], ["g1"]]


def test_a_set_at_the_end_reaches_zero_only_with_its_last_gene():
    score, edge = sums({"a": ["g3", "g4"]}, [5, 4, 3, 2, 1])
    assert score == pytest.approx([0], abs=1e-12)
    assert edge == [["g3", "g4"]]


def test_zero_weights_count_alike():
    score, _ = sums({"a": ["g1", "g3"]}, [1, 0, 0, 0])
    assert score == pytest.approx([0.0])  # -1/2 + 1/2 at the second gene, then -1/2 + 1/2


def test_against_the_textbook_and_gseapy(rng):
    values = np.sort(rng.normal(size=400))[::-1]
    names = [f"g{i}" for i in range(400)]
    sets = {
        f"set {i}": list(rng.choice(names, rng.integers(5, 60), replace=False)) for i in range(60)
    }
    score, edge = sums(sets, values)
    walks = [textbook_walk(values, [int(gene[1:]) for gene in sets[name]]) for name in sets]
    np.testing.assert_allclose(score, [max(walk) for walk in walks], atol=1e-9)

    theirs = gseapy.prerank(
        pd.Series(values, index=names), sets, min_size=1, permutation_num=1, no_plot=True, threads=1
    ).res2d.set_index("Term")
    is_up = [max(walk) > -min(walk) for walk in walks]
    for i in np.flatnonzero(is_up):
        assert float(theirs.loc[f"set {i}", "ES"]) == pytest.approx(score[i], abs=1e-6)
        assert theirs.loc[f"set {i}", "Lead_genes"].split(";") == edge[i]
    assert sum(is_up) > 20


def test_sums_are_exact_in_any_order(rng):
    vector = exact(rng.gamma(0.3, size=500), 500)
    shuffled = [rng.permutation(vector).cumsum()[-1] for _ in range(20)]
    assert len(set(shuffled)) == 1


def test_rounding_is_negligible(rng):
    values = rng.gamma(1.0, size=5000)
    np.testing.assert_allclose(exact(values, 500), values, atol=values.max() * 2**-42)
    assert exact(np.zeros(3), 2).min() > 0
