"""The protocol that compares embeddings: planted blobs and real cells."""

import random

import anndata
import numpy as np
import pytest
import scanpy as sc

from sce2tm.errors import InputError
from sce2tm.tl.compare import compare_embeddings


@pytest.fixture
def cells(rng):
    labels = np.repeat(["alpha", "beta", "delta"], [80, 60, 40])
    centres = {"alpha": [0, 0], "beta": [15, 0], "delta": [0, 15]}
    good = np.array([centres[label] for label in labels]) + rng.normal(size=(180, 2))
    return {"good": good, "noise": rng.normal(size=(180, 5))}, labels


def values(table, embedding):
    rows = table[table["embedding"] == embedding]
    return rows.set_index(["method", "metric"])["value"]


def test_blobs_are_perfect_and_noise_is_not(cells):
    table = compare_embeddings(*cells)
    good, noise = values(table, "good"), values(table, "noise")
    for method in ("kmeans", "leiden_k", "oracle"):
        assert good[method, "ari"] == good[method, "nmi"] == 1
    assert good["summary", "S"] == 1
    assert good["leiden_k", "n_clusters"] == 3
    assert good["knn", "accuracy"] == good["knn", "balanced_accuracy"] == 1
    assert noise["summary", "S"] < 0.15
    assert noise["knn", "accuracy"] < 0.6
    assert noise["knn", "balanced_accuracy"] == pytest.approx(1 / 3, abs=0.1)


def test_the_table_is_tidy_and_says_what_was_told(cells):
    table = compare_embeddings(*cells)
    assert list(table.columns) == ["embedding", "method", "metric", "told", "value", "sd"]
    assert not table.duplicated(["embedding", "method", "metric"]).any()
    assert len(table) == 2 * 15
    told = table.groupby("method")["told"].agg(set)
    assert told["kmeans"] == told["leiden_k"] == {"k"}
    assert told["leiden_1"] == told["leiden_grid"] == {"nothing"}
    assert told["oracle"] == {"labels"}
    assert table["sd"].isna().sum() == 2 * 2  # kNN has one value


def test_summaries_are_means_of_their_figures(cells):
    noise = values(compare_embeddings(*cells), "noise")
    parts = [noise[m, f] for m in ("kmeans", "leiden_k", "oracle") for f in ("ari", "nmi")]
    assert noise["summary", "S"] == pytest.approx(sum(parts) / 6)
    parts = [noise["leiden_1", "ari"], noise["leiden_1", "nmi"], noise["leiden_grid", "nmi"]]
    assert noise["summary", "L"] == pytest.approx(sum(parts) / 3)


def test_deterministic_whatever_the_company(cells):
    embeddings, labels = cells
    python_state, numpy_state = random.getstate(), np.random.get_state()[1]  # noqa: NPY002
    both = compare_embeddings(embeddings, labels)
    alone = compare_embeddings({"noise": embeddings["noise"]}, labels)
    assert values(both, "noise").equals(values(alone, "noise"))
    assert random.getstate() == python_state
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002


def test_rare_types_are_allowed(cells):
    embeddings, labels = cells
    labels = labels.astype(object)
    labels[:2] = "rare"
    good = values(compare_embeddings({"good": embeddings["good"]}, labels), "good")
    assert good["knn", "accuracy"] == pytest.approx(178 / 180)
    assert good["knn", "balanced_accuracy"] == pytest.approx(3 / 4)


def test_three_cell_lines(real_set):
    cells = anndata.read_h5ad(real_set("sc_mixology_10x_3cl"))
    sc.pp.normalize_total(cells, target_sum=1e4)
    sc.pp.log1p(cells)
    sc.pp.pca(cells, n_comps=20)
    found = values(compare_embeddings({"pca": cells.obsm["X_pca"]}, cells.obs["cell_type"]), "pca")
    assert found["kmeans", "ari"] > 0.99
    assert found["leiden_k", "ari"] > 0.99
    assert found["summary", "S"] > 0.99
    assert found["knn", "accuracy"] > 0.99


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        (np.ones((29, 2)), ["a", "b"] * 15, r"embeddings\['x'\] has shape \(29, 2\)"),
        (np.ones(30), ["a", "b"] * 15, r"shape \(30,\)"),
        (np.full((30, 2), np.nan), ["a", "b"] * 15, "holds NaN"),
        (np.ones((30, 2)), ["a", None] * 15, "15 values are missing"),
        (np.ones((10, 2)), ["a", "b"] * 5, "10 values. At least 20"),
        (np.ones((30, 2)), ["a"] * 30, "1 types"),
        (np.ones((30, 2)), [str(n // 3) for n in range(30)], "largest of 3 cells"),
    ],
)
def test_bad_input_is_named(points, labels, message):
    with pytest.raises(InputError, match=message):
        compare_embeddings({"x": points}, labels)
