"""Rare types: a planted topic for six cells, and figures as scikit-learn counts them."""

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from sce2tm.errors import InputError
from sce2tm.tl import rare_types

GENES = [f"g{i}" for i in range(50)]


@pytest.fixture
def adata(rng):
    """200 T and 100 B cells in topics 1 and 2, 6 rare cells in topic 4; topic 3 is noise."""
    kinds = np.repeat(["T", "B", "rare"], [200, 100, 6])
    own = {"T": 0, "B": 1, "rare": 3}
    scores = rng.normal(size=(306, 4))
    scores[np.arange(306), [own[kind] for kind in kinds]] += 3
    theta = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    cells = anndata.AnnData(np.ones((306, 50), dtype=np.float32))
    cells.var_names = GENES
    cells.obs["kind"] = pd.Categorical(kinds)
    cells.obsm["sce2tm_theta"] = theta
    weights = rng.dirichlet(np.ones(4), size=50)
    weights[:5] = [0.02, 0.02, 0.02, 0.94]  # genes of the rare type
    cells.varm["sce2tm_topic_genes"] = weights
    cells.uns["sce2tm"] = {"topic_names": [f"topic_{k + 1}" for k in range(4)]}
    return cells


def test_each_label_gets_its_topic_the_rarest_first(adata):
    table = rare_types(adata, "kind").set_index("label")
    assert list(table.index) == ["rare", "B", "T"]
    assert table["topic"].to_dict() == {"rare": "topic_4", "B": "topic_2", "T": "topic_1"}
    assert table["n_cells"].tolist() == [6, 100, 200]


def test_figures_are_those_of_scikit_learn(adata):
    theta = adata.obsm["sce2tm_theta"]
    for row in rare_types(adata, "kind").itertuples():
        truth = adata.obs["kind"] == row.label
        topic = int(row.topic[-1]) - 1
        found = theta.argmax(axis=1) == topic
        assert row.n_topic_cells == found.sum()
        assert row.precision == pytest.approx(precision_score(truth, found))
        assert row.recall == pytest.approx(recall_score(truth, found))
        assert row.f1 == pytest.approx(f1_score(truth, found))
        assert row.auprc == pytest.approx(average_precision_score(truth, theta[:, topic]))
        others = [f1_score(truth, theta.argmax(axis=1) == k) for k in range(4)]
        assert row.f1 == pytest.approx(max(others))


def test_markers_of_the_rare_type_lead_its_topic(adata):
    markers = {"rare": [*GENES[:5], "ABSENT"], "B": GENES[20:30]}
    table = rare_types(adata, "kind", markers).set_index("label")
    assert table.loc["rare", "n_markers"] == 5
    assert table.loc["rare", "marker_auc"] == 1.0
    assert table.loc["rare", "marker_padj"] < 0.001
    assert 0.2 < table.loc["B", "marker_auc"] < 0.8
    weights = adata.varm["sce2tm_topic_genes"][:, 1]
    rest = np.delete(weights, range(20, 30))
    expected = mannwhitneyu(weights[20:30], rest, alternative="greater", method="asymptotic")
    assert table.loc["B", "marker_pval"] == pytest.approx(expected.pvalue)
    assert table.loc["T", "n_markers"] == 0
    assert table.loc["T", ["marker_auc", "marker_pval", "marker_padj"]].isna().all()


def test_adjusted_over_the_labels_with_markers_only(adata):
    table = rare_types(adata, "kind", {"rare": GENES[:5]}).set_index("label")
    assert table.loc["rare", "marker_padj"] == table.loc["rare", "marker_pval"]


@pytest.mark.parametrize(
    ("markers", "message"),
    [
        ({"NK": ["g1"]}, r"markers has genes for \['NK'\].*holds \['B', 'T', 'rare'\]"),
        ({}, "markers has genes for"),
        ({"B": "g1"}, r"markers\['B'\]='g1' is one text"),
        ({"B": ["CD79A", "MS4A1"]}, "none of 'CD79A', 'MS4A1' is among the 50 genes.*such as 'g0'"),
    ],
)
def test_markers_that_cannot_be_used(adata, markers, message):
    with pytest.raises(InputError, match=message):
        rare_types(adata, "kind", markers)


def test_labels_that_cannot_be_used(adata):
    adata.obs["one"] = "T"
    adata.obs["gaps"] = adata.obs["kind"].where(adata.obs["kind"] != "rare")
    with pytest.raises(InputError, match="'one'.*one label only"):
        rare_types(adata, "one")
    with pytest.raises(InputError, match="'gaps'.*6 of 306 cells"):
        rare_types(adata, "gaps")
    with pytest.raises(InputError, match="'type' is no column"):
        rare_types(adata, "type")
