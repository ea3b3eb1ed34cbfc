"""All topics against all sets: planted sets, calibration, gseapy, and the contract of the table."""

import logging
import subprocess
import sys

import gseapy
import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from gene_set_toys import annotated
from sce2tm.errors import InputError
from sce2tm.tl import gsea, topic_ranks

N_GENES = 600
GENES = [f"G{i:04d}" for i in range(N_GENES)]
COLUMNS = [
    "topic", "pathway", "pval", "padj", "log2err", "ES", "NES", "size", "leadingEdge", "padj_all",
]  # fmt: skip


@pytest.fixture
def adata():
    """Four topics of weights without structure."""
    return annotated(np.random.default_rng(1).gamma(0.5, size=(N_GENES, 4)), GENES)


@pytest.fixture
def sets():
    """30 random sets."""
    rng = np.random.default_rng(2)
    return {
        f"random {i}": list(rng.choice(GENES, rng.integers(15, 22), replace=False))
        for i in range(30)
    }


def plant(adata, sets, topic, share, end=False):
    """A set of 20: some genes from the top (or end) 60 of a topic, the others from anywhere."""
    rng = np.random.default_rng(3)
    order = topic_ranks(adata, topic).index
    core = rng.choice(order[-60:] if end else order[:60], round(20 * share), replace=False)
    rest = rng.choice([gene for gene in GENES if gene not in core], 20 - len(core), replace=False)
    return {**sets, "planted": [*core, *rest]}


def quiet(adata, sets, **arguments):
    return gsea(adata, sets, progress=False, **arguments)


def pair(table, topic="topic_2", pathway="planted"):
    (row,) = table[(table["topic"] == topic) & (table["pathway"] == pathway)].to_dict("records")
    return row


@pytest.mark.parametrize("ranking", ["rank", "weight"])
def test_a_planted_set_is_found_in_its_topic_alone(adata, sets, ranking):
    table = quiet(adata, plant(adata, sets, "topic_2", 0.7), ranking=ranking)
    found = table[table["padj_all"] < 0.01]
    assert found[["topic", "pathway"]].values.tolist() == [["topic_2", "planted"]]
    row = pair(table)
    assert row["pval"] < 1e-5
    assert row["ES"] > 0.5
    assert row["NES"] > 1.3
    top = topic_ranks(adata, "topic_2").index[:100]
    assert set(row["leadingEdge"][:12]) <= set(top)


def test_table(adata, sets):
    table = quiet(adata, sets)
    assert table.columns.tolist() == COLUMNS
    assert table["topic"].tolist() == np.repeat([f"topic_{k}" for k in (1, 2, 3, 4)], 30).tolist()
    assert table["pathway"].tolist() == list(sets) * 4
    assert table["size"].tolist() == [len(set(genes)) for genes in sets.values()] * 4
    for row in table.to_dict("records"):
        ranks = topic_ranks(adata, row["topic"])
        place = ranks.index.get_indexer(row["leadingEdge"])
        assert (np.diff(place) > 0).all()
        assert set(row["leadingEdge"]) <= set(sets[row["pathway"]])


def test_adjusted_within_a_topic_and_over_all(adata, sets):
    table = quiet(adata, plant(adata, sets, "topic_2", 0.7))
    row, m = pair(table), len(sets) + 1
    assert row["padj"] == pytest.approx(row["pval"] * m)  # the smallest of m, by hand
    assert row["padj_all"] == pytest.approx(row["pval"] * m * 4)
    assert (table["padj"] >= table["pval"]).all()
    largest = table.groupby("topic")["pval"].idxmax()
    np.testing.assert_allclose(table.loc[largest, "padj"], table.loc[largest, "pval"])


@pytest.mark.parametrize("score_type", ["pos", "neg", "std"])
@pytest.mark.parametrize("ranking", ["rank", "weight"])
def test_p_values_of_random_sets_are_uniform(ranking, score_type):
    """Genes in random order: nothing is enriched, in any topic."""
    rng = np.random.default_rng(4)
    n_topics = 20 if ranking == "rank" else 4
    adata = annotated(rng.gamma(2.0, size=(N_GENES, n_topics)), GENES)
    sets = {
        f"{i}": list(rng.choice(GENES, size, replace=False))
        for i, size in enumerate(rng.integers(15, 40, size=100))
    }
    p = quiet(adata, sets, ranking=ranking, score_type=score_type)["pval"]
    # each topic is an order of its own, each set another: pairs are as good as independent.
    # At the end of the list scores have few values when p is large: see the smaller half
    assert (p < 0.4).mean() == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / p.size))
    assert kstest(p[p < 0.4] / 0.4, "uniform").pvalue > 0.01
    assert (p < 0.01).mean() == pytest.approx(0.01, abs=4 * np.sqrt(0.01 / p.size))


def test_the_end_of_the_list(adata, sets):
    sets = plant(adata, sets, "topic_2", 0.9, end=True)
    down = pair(quiet(adata, sets, score_type="neg"))
    both = pair(quiet(adata, sets, score_type="std"))
    assert pair(quiet(adata, sets))["pval"] > 0.5
    for row in (down, both):
        assert row["ES"] < -0.3
        assert row["NES"] < -1.3
        assert row["pval"] < 0.02
    assert down["pval"] < 1e-3
    # from the end inwards
    ranks = topic_ranks(adata, "topic_2")
    assert (np.diff(ranks.index.get_indexer(down["leadingEdge"])) < 0).all()
    assert down["leadingEdge"] == both["leadingEdge"]


def test_agrees_with_gseapy_on_the_same_vector(adata, sets):
    sets = plant(adata, sets, "topic_2", 0.4)
    ours = quiet(adata, sets, score_type="std").groupby("topic").get_group("topic_2")
    ours = ours.set_index("pathway")
    theirs = gseapy.prerank(
        topic_ranks(adata, "topic_2"), sets, method="multilevel", no_plot=True, threads=1, seed=0
    ).res2d.set_index("Term")
    theirs = theirs.loc[ours.index]
    np.testing.assert_allclose(ours["ES"], theirs["ES"], atol=1e-6)
    p, q = ours["pval"].to_numpy(), theirs["NOM p-val"].to_numpy()
    error = np.hypot(ours["log2err"], theirs["log2err"])
    is_up = (ours["ES"] > 0).to_numpy()
    assert (np.abs(np.log2(p) - np.log2(q)) < 4 * error + 0.1)[is_up].all()
    np.testing.assert_allclose(ours["NES"][is_up], theirs["NES"][is_up], rtol=0.03)
    assert [";".join(edge) for edge in ours["leadingEdge"][is_up]] == theirs["Lead_genes"][
        is_up
    ].tolist()


@pytest.mark.parametrize("ranking", ["rank", "weight"])
def test_same_seed_same_numbers_whatever_the_threads(adata, sets, ranking):
    sets = plant(adata, sets, "topic_2", 0.6)
    first = quiet(adata, sets, ranking=ranking, seed=7)
    pd.testing.assert_frame_equal(quiet(adata, sets, ranking=ranking, seed=7), first)
    pd.testing.assert_frame_equal(quiet(adata, sets, ranking=ranking, seed=7, n_jobs=3), first)
    other = quiet(adata, sets, ranking=ranking, seed=8)
    assert (other["ES"] == first["ES"]).all()
    assert (other["pval"] != first["pval"]).any()


def test_the_paper_way(adata, sets):
    sets = plant(adata, dict(list(sets.items())[:4]), "topic_2", 0.7)
    lower = annotated(adata.varm["sce2tm_topic_genes"][:, :2], [gene.lower() for gene in GENES])
    table = quiet(lower, sets, method="paper", ignore_case=True)
    assert table.columns.tolist() == COLUMNS
    assert table["pathway"].tolist() == list(sets) * 2
    theirs = gseapy.prerank(
        topic_ranks(adata, "topic_2", "weight"), sets, no_plot=True, threads=1, seed=0
    ).res2d.set_index("Term")
    row = pair(table)
    assert row["ES"] == pytest.approx(theirs.loc["planted", "ES"])
    assert row["padj"] <= 0.01
    assert ";".join(row["leadingEdge"]).upper() == theirs.loc["planted", "Lead_genes"]
    assert row["size"] == 20
    assert table["log2err"].isna().all()


def test_empty_result_has_the_same_columns_and_types(adata, caplog):
    full = quiet(adata, {"a": GENES[:20]})
    with caplog.at_level(logging.WARNING, logger="sce2tm"):
        empty = quiet(adata, {"small": GENES[:3]})
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)
    assert "No gene set is left" in caplog.text


def test_signs_that_random_sets_do_not_have_are_reported(adata, caplog):
    """A large set that leaves out the top of the list, and positive weights alone."""
    adata.varm["sce2tm_topic_genes"] = np.linspace(1, 2, N_GENES)[:, None] ** [9, 9]
    adata.uns["sce2tm"]["topic_names"] = ["topic_1", "topic_2"]
    sets = {"down": GENES[:500]}
    with caplog.at_level(logging.WARNING, logger="sce2tm"):
        table = quiet(adata, sets, ranking="weight", score_type="std")
    assert (table["ES"] < 0).all()
    assert table["pval"].tolist() == [1.0, 1.0]
    assert "For 2 pairs of topic and set" in caplog.text


def test_adata_is_left_alone(adata, sets):
    before = adata.copy()
    quiet(adata, sets)
    assert list(adata.uns) == list(before.uns)
    np.testing.assert_array_equal(
        adata.varm["sce2tm_topic_genes"], before.varm["sce2tm_topic_genes"]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ranking": "z"}, "ranking='z'"),
        ({"score_type": "two"}, "score_type='two'.*'pos', 'neg' or 'std'"),
        ({"method": "simple"}, "method='simple'"),
        ({"eps": 0}, "eps=0"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 0.5}, "seed=0.5"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"min_size": 0}, "min_size=0"),
    ],
)
def test_bad_arguments_are_named(adata, sets, arguments, message):
    with pytest.raises(InputError, match=message):
        quiet(adata, sets, **arguments)


def test_other_names_are_explained(adata, sets):
    sets = {name: [gene.lower() for gene in genes] for name, genes in sets.items()}
    with pytest.raises(InputError, match="differ in case.*ignore_case=True"):
        quiet(adata, sets)
    assert len(quiet(adata, sets, ignore_case=True)) == 120


def test_import_stays_light():
    """Compiling and gseapy are for those who test gene sets."""
    code = "import sys, sce2tm.tl; print({'numba', 'gseapy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
