"""Hubs: a planted centre, and counts as scikit-learn's lists give them."""

import anndata
import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from sce2tm.errors import InputError
from sce2tm.tl import hub_genes


def with_embedding(points, weights=None):
    data = anndata.AnnData(np.ones((1, len(points)), dtype=np.float32))
    data.var_names = [f"g{i}" for i in range(len(points))]
    data.varm["sce2tm_gene_embedding"] = points
    data.varm["sce2tm_topic_genes"] = np.full((len(points), 2), 0.5) if weights is None else weights
    data.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    return data


def test_the_middle_of_a_star_is_the_hub():
    rays = np.vstack([np.eye(6), -np.eye(6)])
    weights = np.vstack([np.tile([0.9, 0.1], (12, 1)), [[0.2, 0.8]]])
    adata = with_embedding(np.vstack([rays, np.zeros(6)]), weights)
    best = hub_genes(adata, 1, n_neighbors=1, metric="euclidean").iloc[0]
    assert (best["gene"], best["occurrence"]) == ("g12", 12)  # all rays have the middle as nearest
    assert (best["topic"], best["weight"]) == ("topic_2", 0.8)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_counts_are_those_of_nearest_neighbour_lists(rng, metric):
    points = rng.normal(size=(300, 6))
    table = hub_genes(with_embedding(points), 300, n_neighbors=8, metric=metric)
    lists = NearestNeighbors(n_neighbors=8, metric=metric).fit(points).kneighbors()[1]
    expected = {f"g{gene}": int((lists == gene).sum()) for gene in range(300)}
    assert dict(zip(table["gene"], table["occurrence"], strict=True)) == expected
    assert table["occurrence"].is_monotonic_decreasing
    assert table["occurrence"].mean() == 8
    assert table["rank"].tolist() == list(range(1, 301))


def test_bad_input_is_named(rng):
    adata = with_embedding(rng.normal(size=(5, 3)))
    with pytest.raises(InputError, match="n_genes=6.*1 to 5"):
        hub_genes(adata, 6)
    with pytest.raises(InputError, match="n_neighbors=10.*1 to 4"):
        hub_genes(adata, 2)
