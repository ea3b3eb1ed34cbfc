"""k-means and Leiden on planted blobs."""

import random

import numpy as np
import pytest

from sce2tm.tl import clustering


@pytest.fixture
def blobs(rng):
    labels = np.repeat([0, 1, 2, 3], [60, 50, 40, 30])
    centres = np.array([[0, 0, 0], [12, 0, 0], [0, 12, 0], [0, 0, 12]])
    return centres[labels] + rng.normal(size=(180, 3)), labels


def test_kmeans_finds_blobs(blobs):
    points, labels = blobs
    assert clustering.agreement(labels, clustering.kmeans(points, 4, seed=0)) == (1.0, 1.0)


def test_graph_joins_nearest_cells_alone(blobs):
    points, labels = blobs
    graph = clustering.neighbor_graph(points)
    first, second = np.array(graph.get_edgelist()).T
    assert graph.is_simple()
    assert (labels[first] == labels[second]).all()
    assert 0 < min(graph.es["weight"]) <= max(graph.es["weight"]) <= 1
    # brute force: an edge joins cells of which one is among the 14 others nearest to the other
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    rank = distance.argsort(axis=1).argsort(axis=1)
    assert np.minimum(rank[first, second], rank[second, first]).max() <= 14


@pytest.mark.parametrize("k", [4, 5, 6, 8])
def test_leiden_at_k_gives_k(blobs, k):
    points, labels = blobs
    codes = clustering.leiden_at_k(clustering.neighbor_graph(points), k, seed=0)
    assert codes.max() + 1 == k
    if k == 4:
        assert clustering.agreement(labels, codes) == (1.0, 1.0)


def test_leiden_at_k_takes_the_nearest(blobs):
    points, _ = blobs
    codes = clustering.leiden_at_k(clustering.neighbor_graph(points), 2, seed=0)
    assert codes.max() + 1 == 4  # four pieces cannot make two clusters


def test_same_seed_same_clusters_and_global_state_untouched(blobs):
    points, _ = blobs
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    graphs = [clustering.neighbor_graph(points) for _ in range(2)]
    runs = [clustering.leiden(graph, 2.0, seed=3) for graph in graphs]
    clustering.kmeans(points, 4, seed=3)
    assert (runs[0] == runs[1]).all()
    assert random.getstate() == python_state
    assert all(
        np.array_equal(before, after)
        for before, after in zip(numpy_state, np.random.get_state(), strict=True)  # noqa: NPY002
    )


def test_python_seed_does_not_matter_and_igraph_is_given_back(blobs):
    import igraph

    graph = clustering.neighbor_graph(blobs[0])
    state = random.getstate()
    try:
        found = []
        for seed in (1, 2):
            random.seed(seed)
            found.append(clustering.leiden(graph, 2.0, seed=0))
        assert (found[0] == found[1]).all()
        random.seed(5)
        before = igraph.Graph.Erdos_Renyi(n=30, m=40).get_edgelist()
        random.seed(5)
        assert igraph.Graph.Erdos_Renyi(n=30, m=40).get_edgelist() == before
    finally:
        random.setstate(state)
