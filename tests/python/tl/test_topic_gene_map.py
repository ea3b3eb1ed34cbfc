"""The map: planted clusters of genes lie round their own topic's star."""

import anndata
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sce2tm.errors import InputError
from sce2tm.tl import topic_gene_map

N_TOPICS = 4


@pytest.fixture
def adata(rng):
    """Four topics at right angles with 30 genes near each, and a gene that the model never saw."""
    topics = 2 * np.eye(N_TOPICS, 8)
    owner = np.repeat(np.arange(N_TOPICS), 30)
    genes = topics[owner] + rng.normal(scale=0.15, size=(len(owner), 8))
    data = anndata.AnnData(np.ones((1, len(owner) + 1), dtype=np.float32))
    data.var_names = [*(f"g{i}" for i in range(len(owner))), "UNSEEN"]
    logits = -cdist(genes, topics, "sqeuclidean")
    weights = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    unseen = np.full((1, 8), np.nan)
    data.varm["sce2tm_gene_embedding"] = np.vstack([genes, unseen])
    data.varm["sce2tm_topic_genes"] = np.vstack([weights, unseen[:, :N_TOPICS]])
    data.uns["sce2tm"] = {
        "topic_names": [f"topic_{k + 1}" for k in range(N_TOPICS)],
        "topic_embedding": topics,
    }
    return data


def test_genes_lie_nearest_to_the_star_of_their_topic(adata):
    table = topic_gene_map(adata)
    genes, stars = table[table["kind"] == "gene"], table[table["kind"] == "topic"]
    assert genes["topic"].tolist() == np.repeat(list(stars["name"]), 30).tolist()
    nearest = cdist(genes[["x", "y"]], stars[["x", "y"]]).argmin(axis=1)
    assert (stars["name"].to_numpy()[nearest] == genes["topic"]).all()


def test_table(adata):
    table = topic_gene_map(adata)
    assert list(table.columns) == ["name", "kind", "x", "y", "topic", "weight"]
    assert table["name"].tolist() == [f"g{i}" for i in range(120)] + [
        "topic_1", "topic_2", "topic_3", "topic_4",
    ]  # fmt: skip
    stars = table[table["kind"] == "topic"]
    assert (stars["topic"] == stars["name"]).all()
    assert stars["weight"].isna().all()
    largest = adata.varm["sce2tm_topic_genes"][:-1].max(axis=1)
    np.testing.assert_allclose(table["weight"][:-4], largest)


def test_same_seed_same_map_and_the_global_state_is_left_alone(adata):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = topic_gene_map(adata, seed=1)
    assert first.equals(topic_gene_map(adata, seed=1))
    assert not first.equals(topic_gene_map(adata, seed=2))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_too_few_points(adata):
    with pytest.raises(InputError, match="10 modelled genes and 4 topics.*more than 15"):
        topic_gene_map(adata[:, :10].copy())


def test_embeddings_of_two_models(adata):
    adata.uns["sce2tm"]["topic_embedding"] = np.eye(N_TOPICS)
    with pytest.raises(InputError, match="8 dimensions.*4"):
        topic_gene_map(adata)
