"""The table of top genes, from planted weights."""

import anndata
import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.tl.top_genes import top_genes

NAN = [np.nan] * 3
WEIGHTS = {
    "CD3D": [0.8, 0.1, 0.1],
    "SHARED": [0.45, 0.45, 0.1],
    "UNSEEN": NAN,
    "MS4A1": [0.2, 0.4, 0.4],
    "LYZ": [0.3, 0.1, 0.6],
}


@pytest.fixture
def adata():
    data = anndata.AnnData(np.ones((2, len(WEIGHTS)), dtype=np.float32))
    data.var_names = list(WEIGHTS)
    data.varm["sce2tm_topic_genes"] = np.array(list(WEIGHTS.values()), dtype=np.float32)
    data.uns["sce2tm"] = {"topic_names": np.array(["topic_1", "topic_2", "topic_3"])}
    return data


def genes_of(table):
    return {topic: list(rows["gene"]) for topic, rows in table.groupby("topic", sort=False)}


def test_by_weight(adata):
    table = top_genes(adata, n_genes=2)
    assert genes_of(table) == {
        "topic_1": ["CD3D", "SHARED"],
        "topic_2": ["SHARED", "MS4A1"],
        "topic_3": ["LYZ", "MS4A1"],
    }
    assert list(table.columns) == ["topic", "rank", "gene", "weight", "contrast"]
    assert table["rank"].tolist() == [1, 2] * 3
    assert table["weight"].tolist() == pytest.approx([0.8, 0.45, 0.45, 0.4, 0.6, 0.4])


def test_by_contrast(adata):
    table = top_genes(adata, n_genes=4, score="contrast")
    assert genes_of(table)["topic_3"] == ["LYZ", "MS4A1", "SHARED", "CD3D"]
    best = table.set_index(["topic", "gene"])["contrast"]
    assert best["topic_1", "CD3D"] == pytest.approx(np.log(8))  # eight times the runner-up
    assert best["topic_3", "LYZ"] == pytest.approx(np.log(2))
    assert best["topic_1", "SHARED"] == best["topic_2", "SHARED"] == 0  # a tie wins nothing
    assert best["topic_2", "CD3D"] == pytest.approx(-np.log(8))


def test_unseen_genes_are_left_out(adata):
    assert "UNSEEN" not in set(top_genes(adata, n_genes=4)["gene"])


def test_ties_keep_gene_order(adata):
    adata.varm["sce2tm_topic_genes"] = np.full((5, 3), 1 / 3)
    assert genes_of(top_genes(adata, n_genes=3))["topic_2"] == ["CD3D", "SHARED", "UNSEEN"]


def test_underflowed_weights_stay_finite(adata):
    weights = np.zeros((5, 3))
    weights[:, 0] = 1
    adata.varm["sce2tm_topic_genes"] = weights
    assert np.isfinite(top_genes(adata, n_genes=5)["contrast"]).all()


def test_survives_a_file(adata, tmp_path):
    adata.write_h5ad(tmp_path / "x.h5ad")
    again = anndata.read_h5ad(tmp_path / "x.h5ad")
    assert top_genes(again, n_genes=2).equals(top_genes(adata, n_genes=2))


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda a: a.varm.clear(), {}, r"varm\['sce2tm_topic_genes'\] is missing.*sce2tm.tl"),
        (lambda a: a.uns.clear(), {}, r"uns\['sce2tm'\].*is missing.*sce2tm.tl.sce2tm"),
        (lambda a: a.uns["sce2tm"].clear(), {}, "topic_names"),
        (lambda a: a.uns["sce2tm"].update(topic_names=["one"]), {}, "1 topic names"),
        (lambda a: None, {"n_genes": 5}, "n_genes=5.*knows 4 genes"),
        (lambda a: None, {"n_genes": 0}, "n_genes=0"),
        (lambda a: None, {"score": "z"}, "score='z'"),
    ],
)
def test_bad_input_is_named(adata, change, arguments, message):
    change(adata)
    with pytest.raises(InputError, match=message):
        top_genes(adata, **{"n_genes": 2, **arguments})
