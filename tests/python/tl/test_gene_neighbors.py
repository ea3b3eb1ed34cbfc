"""Nearest genes: against a plain search over all pairs, and by name."""

import tracemalloc

import anndata
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sce2tm.errors import InputError
from sce2tm.tl import gene_neighbors
from sce2tm.tl.gene_neighbors import nearest_genes

N_GENES = 600  # more than one block


def with_embedding(points, names=None):
    data = anndata.AnnData(np.ones((1, len(points)), dtype=np.float32))
    if names is not None:
        data.var_names = names
    data.varm["sce2tm_gene_embedding"] = np.asarray(points)
    data.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    return data


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_as_a_search_over_all_pairs(rng, metric):
    points = rng.normal(size=(N_GENES, 5)) * rng.lognormal(size=(N_GENES, 1))
    adata = with_embedding(points)
    table = gene_neighbors(adata, list(adata.var_names), 7, metric)
    distances = cdist(points, points, metric)
    np.fill_diagonal(distances, np.inf)
    expected = distances.argsort(axis=1)[:, :7]
    assert table["neighbor"].tolist() == [str(gene) for gene in expected.ravel()]
    assert table["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7] * N_GENES


def test_both_measures_stand_in_the_table(rng):
    points = rng.normal(size=(9, 4))
    table = gene_neighbors(with_embedding(points), ["3"], 8)
    others = table["neighbor"].astype(int)
    np.testing.assert_allclose(table["cosine"], 1 - cdist(points[[3]], points[others], "cosine")[0])
    np.testing.assert_allclose(table["distance"], cdist(points[[3]], points[others])[0])


def test_genes_keep_their_order_and_unseen_ones_are_no_neighbours():
    points = [[1, 0], [0.9, 0.1], [np.nan, np.nan], [0, 1], [0.1, 1]]
    adata = with_embedding(points, ["CD3D", "CD3E", "UNSEEN", "MS4A1", "CD79A"])
    table = gene_neighbors(adata, ["MS4A1", "CD3D"], 3)
    assert table["gene"].tolist() == ["MS4A1"] * 3 + ["CD3D"] * 3
    assert table["neighbor"].tolist()[::3] == ["CD79A", "CD3E"]
    assert "UNSEEN" not in set(table["neighbor"])


def test_ties_keep_the_order_of_the_genes():
    adata = with_embedding([[1, 0]] * 6, list("fedcba"))
    assert gene_neighbors(adata, "d", 5)["neighbor"].tolist() == list("fecba")


def test_a_gene_without_direction_is_near_to_none():
    adata = with_embedding([[0, 0], [1, 0], [0.6, 0.8]], ["zero", "one", "two"])
    table = gene_neighbors(adata, ["zero", "one"], 2)
    assert table["cosine"].tolist() == pytest.approx([0, 0, 0.6, 0])


def test_all_genes_take_no_square_matrix(rng):
    points = rng.normal(size=(8_000, 8))  # the square would be 512 MB
    tracemalloc.start()
    nearest_genes(points, np.arange(len(points)), 10, "cosine")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"genes": "Cd3d"}, "genes: 'Cd3d' is not in adata.*Did you mean.*'CD3D'"),
        ({"genes": ["MS4A1", "CD3DD"]}, "'CD3DD' is not.*'CD3D'"),
        ({"genes": "ENSG00000167286"}, "'ENSG00000167286' is not in.*named like 'CD3D'"),
        ({"genes": "UNSEEN"}, "'UNSEEN' is in adata, but not among the 3 genes"),
        ({"genes": []}, "genes is empty"),
        ({"n_neighbors": 3}, "n_neighbors=3.*use 1 to 2"),
        ({"n_neighbors": 0}, "n_neighbors=0"),
        ({"metric": "l1"}, "metric='l1'.*'cosine' or 'euclidean'"),
    ],
)
def test_bad_input_is_named(arguments, message):
    points = [[1, 0], [0, 1], [1, 1], [np.nan, np.nan]]
    adata = with_embedding(points, ["CD3D", "MS4A1", "LYZ", "UNSEEN"])
    with pytest.raises(InputError, match=message):
        gene_neighbors(adata, **{"genes": "CD3D", "n_neighbors": 1, **arguments})
