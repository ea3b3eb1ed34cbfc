"""All measures at once, on cells whose answers are known."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import sce2tm
from sce2tm.errors import InputError
from sce2tm.tl import evaluate

TYPES = ["B", "T", "NK", "Mono"]
PROGRAM = 20
GENES = [f"{kind}_{number}" for kind in [*TYPES[:3], "other"] for number in range(PROGRAM)]
SETS = {
    kind: [gene for gene in GENES if gene.startswith(f"{kind}_")] for kind in [*TYPES[:3], "other"]
}


@pytest.fixture
def adata(rng):
    """Four types, four topics; the last topic has the genes of the third, in the same order."""
    topics = np.repeat(range(4), 20)
    programs = [0, 1, 2, 2]
    weights = rng.uniform(0.1, 0.2, size=(len(GENES), 4))
    for topic, program in enumerate(programs):
        weights[program * PROGRAM : (program + 1) * PROGRAM, topic] = np.linspace(0.9, 0.5, PROGRAM)
    cells = AnnData(np.ones((80, len(GENES)), dtype=np.float32))
    cells.var_names = GENES
    cells.obs["cell_type"] = pd.Categorical(np.array(TYPES)[topics])
    cells.obsm["sce2tm_theta"] = np.where(np.eye(4)[topics] > 0, 0.7, 0.1)
    cells.obsm["X_sce2tm"] = 20 * np.eye(4)[topics] + rng.normal(size=(80, 4))
    cells.varm["sce2tm_topic_genes"] = weights
    cells.uns["sce2tm"] = {"topic_names": [f"topic_{number}" for number in range(1, 5)]}
    return cells


def values(table):
    return dict(zip(table["metric"], table["value"], strict=True))


EXPECTED = {
    "TC": 1.0,  # top genes are in one set each, the same one
    "TD": 30 / 40,
    "TD_once": 20 / 40,
    "TQ": 30 / 40,
    "IP": 1.0,
    "ORA_N": 3,
    "ORA_U": 3 / 4,  # the third program twice
    "ORA_Q": 9 / 4,
    "GSEA_N": 3,
    "GSEA_U": 3 / 4,
    "GSEA_Q": 9 / 4,
    "ARI": 1.0,
    "NMI": 1.0,
    "AMI": 1.0,
    "purity": 1.0,
}


def test_planted(adata):
    table = evaluate(adata, SETS, "cell_type")
    assert list(table) == ["metric", "value", "low", "high", "note"]
    found = values(table)
    # 20 of 80 would be a quarter; the largest of four counts in a group of 20 is more
    assert 0.25 < found.pop("IP_random") < 0.5
    assert found == pytest.approx(EXPECTED)
    assert table["metric"].tolist().index("IP_random") == 5
    assert (table["note"] != "").all()


def test_intervals_hold_their_values(adata):
    table = evaluate(adata, SETS, "cell_type").set_index("metric")
    over_topics = table[table["low"].notna()]
    assert set(table.index) - set(over_topics.index) == {"IP_random", "ARI", "NMI", "AMI", "purity"}
    assert (over_topics["low"] <= over_topics["value"] + 1e-12).all()
    assert (over_topics["value"] <= over_topics["high"] + 1e-12).all()
    assert tuple(over_topics.loc["TC", ["low", "high"]]) == pytest.approx((1, 1))
    assert over_topics.loc["TD", "low"] < 0.75 < over_topics.loc["TD", "high"] <= 1


def test_without_sets_or_labels_their_rows_are_absent(adata):
    assert list(evaluate(adata)["metric"]) == ["TD", "TD_once"]
    with_labels = [
        "TD", "TD_once", "IP", "IP_random", "ARI", "NMI", "AMI", "purity",
    ]  # fmt: skip
    assert list(evaluate(adata, labels="cell_type")["metric"]) == with_labels
    assert not {"IP", "ARI"} & set(evaluate(adata, SETS)["metric"])


def test_the_oracle_says_so(adata):
    table = evaluate(adata, labels="cell_type", resolution="oracle").set_index("metric")
    assert table.loc["ARI_oracle", "value"] == 1
    assert "looked at the labels" in table.loc["purity_oracle", "note"]
    assert "ARI" not in table.index


def test_labels_do_not_choose_the_default(adata, rng):
    adata.obs["shuffled"] = rng.permutation(adata.obs["cell_type"])
    notes = [evaluate(adata, labels=key)["note"].iloc[-1] for key in ("cell_type", "shuffled")]
    assert notes[0] == notes[1]
    assert "4 clusters" in notes[0]


def test_a_resolution_is_taken_as_given(adata):
    table = evaluate(adata, labels="cell_type", resolution=0.7)
    assert table["note"].iloc[-1] == "Leiden, resolution 0.7 as given: 4 clusters"


def test_a_gmt_file_is_the_same_as_its_sets(adata, tmp_path):
    path = tmp_path / "sets.gmt"
    path.write_text(
        "".join(f"{name}\t\t" + "\t".join(genes) + "\n" for name, genes in SETS.items())
    )
    pd.testing.assert_frame_equal(evaluate(adata, path), evaluate(adata, SETS))


def test_genes_in_no_set_are_counted(adata):
    sets = {"B": SETS["B"], "T": SETS["T"], "elsewhere": ["ACTB"]}
    note = evaluate(adata, sets).set_index("metric").loc["TC", "note"]
    assert note == "3 gene sets; 10 of 30 top genes in none"


def test_unmodelled_genes_and_input_stay_as_they_are(adata):
    wider = AnnData(np.ones((80, len(GENES) + 1), dtype=np.float32), obs=adata.obs, obsm=adata.obsm)
    wider.var_names = [*GENES, "UNSEEN"]
    wider.varm["sce2tm_topic_genes"] = np.vstack(
        [adata.varm["sce2tm_topic_genes"], np.full(4, np.nan)]
    )
    wider.uns = adata.uns
    before = wider.copy()
    table = evaluate(wider, SETS, "cell_type")
    pd.testing.assert_frame_equal(table, evaluate(adata, SETS, "cell_type"))
    assert list(wider.obs) == list(before.obs)
    assert set(wider.obsm) == set(before.obsm)
    assert set(wider.uns) == set(before.uns)
    np.testing.assert_array_equal(wider.X, before.X)


def test_the_embedded_cells_repeat(rng):
    adata = sce2tm.datasets.kang_ifnb()[:200].copy()
    adata.obsm["sce2tm_theta"] = rng.dirichlet(np.ones(6), size=200)
    adata.obsm["X_sce2tm"] = rng.normal(size=(200, 6))
    adata.varm["sce2tm_topic_genes"] = rng.dirichlet(np.ones(6), size=adata.n_vars)
    adata.uns["sce2tm"] = {"topic_names": [f"topic_{number}" for number in range(1, 7)]}
    first, second = (evaluate(adata, labels="cell_type", seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    found = values(first)
    assert found["IP"] == pytest.approx(found["IP_random"], abs=0.1)  # topics know nothing
    assert abs(found["ARI"]) < 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": "celltype"}, "'celltype' is no column of adata.obs.*cell_type"),
        ({"labels": "gaps"}, "labels='gaps': 2 values are missing"),
        ({"resolution": "best"}, "resolution='best' is unknown"),
        ({"resolution": 0}, "resolution=0 is unknown"),
        ({"resolution": True}, "resolution=True is unknown"),
        ({"n_genes": 0}, "n_genes=0 is out of range"),
        ({"n_genes": 1, "gene_sets": SETS}, "two or more genes"),
        ({"gene_sets": {"a": ["Ins2"]}}, "same species and naming"),
        ({"gene_sets": {}}, r"gene_sets=\{\} is empty"),
        ({"gene_sets": [["a", "b"]]}, r"gene_sets=\[\['a', 'b'\]\]"),
        ({"gene_sets": "absent.gmt"}, "absent.gmt.*cannot be read"),
    ],
)
def test_bad_input_is_named(adata, arguments, message):
    adata.obs["gaps"] = [None, None, *["B"] * 78]
    with pytest.raises(InputError, match=message):
        evaluate(adata, **arguments)


def test_too_few_cells_and_no_result(adata):
    with pytest.raises(InputError, match="adata has 10 cells, too few to cluster"):
        evaluate(adata[:10].copy(), labels="cell_type")
    assert len(evaluate(adata[:10].copy())) == 2
    with pytest.raises(InputError, match="Run sce2tm"):
        evaluate(AnnData(np.ones((30, 2))))
