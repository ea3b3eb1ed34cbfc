"""Topic coherence: planted answers, and an oracle that counts sets one by one."""

import random
import subprocess
import sys
import textwrap
from itertools import combinations
from math import log

import pytest

from sce2tm.errors import InputError
from sce2tm.tl.metrics import topic_coherence, topic_quality
from sce2tm.tl.metrics.coherence import coherences

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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: topic_coherence([["A"]], {"1": "A"}), "two or more genes"),
        (lambda: topic_coherence([["A", "B", "A"]], {"1": "A"}), "none of them twice"),
        (lambda: topic_coherence([["A", "B"]], {}), r"gene_sets=\{\} is empty"),
        (lambda: topic_coherence([["Ins2", "Gcg"]], {"1": ["INS", "GCG"]}), "same species"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_coherence_of_each_topic():
    sets = {"1": "AB", "2": "C", "3": "DE", "4": "D", "5": "E", "6": "F"}
    # D and E: p_de = 1/6, p_d = p_e = 1/3
    expected = [1.0, 0.0, log(1.5) / log(6)]
    topics = [["A", "B"], ["A", "C"], ["D", "E"]]
    assert coherences(topics, sets).tolist() == pytest.approx(expected)
    assert topic_coherence(topics, sets) == pytest.approx(sum(expected) / 3)


WHOLE = textwrap.dedent("""
    import re, sys
    from pathlib import Path
    import numpy as np
    from sce2tm.tl.gene_sets import read_gmt
    from sce2tm.tl.metrics import topic_coherence

    sets = read_gmt(sys.argv[1])
    everything = sorted(set().union(*sets.values()))
    chance = np.random.default_rng(0).choice(everything, size=(100, 10), replace=False)
    # a topic of one pathway stands far above a random draw of genes
    hallmark = sets["HALLMARK_INTERFERON_ALPHA_RESPONSE"][:10]
    found = len(sets), topic_coherence([hallmark], sets), topic_coherence(chance, sets)
    # of this process alone: what getrusage says begins with the parent's
    status = Path("/proc/self/status").read_text()
    print(*found, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024)
""")


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_all_of_msigdb_stays_small(real_set):
    path = real_set("Yan").parents[1] / "gmt" / "msigdb.v7.1.Hs.symbols.gmt.gz"
    run = subprocess.run(
        [sys.executable, "-c", WHOLE, str(path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    n_sets, planted, chance, peak_mb = map(float, run.stdout.split())
    assert n_sets == 25_724
    assert planted > 0.3
    assert chance < 0.1
    assert peak_mb < 1000  # reading the file included; a dense matrix would take 11 GB
