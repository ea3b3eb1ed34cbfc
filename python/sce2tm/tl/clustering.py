"""Cluster an embedding: k-means and Leiden at the true number of types, at 1.0 and on a grid."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import igraph
import numpy as np
import numpy.typing as npt
import scanpy as sc
from anndata import AnnData
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Codes = npt.NDArray[np.int64]
Points = npt.NDArray[np.float32]

N_NEIGHBORS = 15
GRID = (0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.65, 0.85, 1.1, 1.5, 2.0)
_LEIDEN_ITERATIONS = 4
_KMEANS_RESTARTS = 10
_BISECTION_RANGE = (1e-3, 10.0)
_BISECTION_STEPS = 30


def kmeans(points: Points, k: int, seed: int) -> Codes:
    """Clusters by k-means with 10 restarts; one thread, so that sums have one order."""
    with threadpool_limits(limits=1):
        model = KMeans(n_clusters=k, n_init=_KMEANS_RESTARTS, random_state=seed)
        return np.asarray(model.fit_predict(points), dtype=np.int64)


def neighbor_graph(points: Points) -> igraph.Graph:
    """Graph of the 15 exact nearest neighbours with UMAP weights."""
    cells = AnnData(sparse.csr_array((len(points), 1), dtype=np.float32), obsm={"points": points})
    with threadpool_limits(limits=1):
        sc.pp.neighbors(cells, N_NEIGHBORS, use_rep="points", transformer="sklearn", random_state=0)
    edges = sparse.triu(cells.obsp["connectivities"], k=1).tocoo()
    graph = igraph.Graph(n=len(points), edges=np.column_stack([edges.row, edges.col]).tolist())
    graph.es["weight"] = edges.data.tolist()
    return graph


def leiden(graph: igraph.Graph, resolution: float, seed: int) -> Codes:
    """Clusters by Leiden: modularity with weights, 4 iterations."""
    with _igraph_seed(seed):
        found = graph.community_leiden(
            objective_function="modularity",
            weights="weight",
            resolution=resolution,
            n_iterations=_LEIDEN_ITERATIONS,
        )
    return np.asarray(found.membership, dtype=np.int64)


def leiden_at_k(graph: igraph.Graph, k: int, seed: int) -> Codes:
    """Clusters by Leiden at the resolution, found by bisection, that gives `k` of them.

    Where no resolution that was tried gives `k` (a graph in more than `k` pieces, or a jump), the
    nearest number counts.
    """
    low, high = np.log(_BISECTION_RANGE)
    nearest = leiden(graph, 1.0, seed)
    for _ in range(_BISECTION_STEPS):
        middle = (low + high) / 2
        codes = leiden(graph, float(np.exp(middle)), seed)
        n_clusters = codes.max() + 1
        if abs(n_clusters - k) < abs(nearest.max() + 1 - k):
            nearest = codes
        if n_clusters == k:
            break
        low, high = (middle, high) if n_clusters < k else (low, middle)
    return nearest


def agreement(labels: Codes, clusters: Codes) -> tuple[float, float]:
    """ARI and NMI of a clustering with the labels."""
    return (
        float(adjusted_rand_score(labels, clusters)),
        float(normalized_mutual_info_score(labels, clusters)),
    )


@contextmanager
def _igraph_seed(seed: int) -> Iterator[None]:
    """Give igraph a generator of its own: its default draws from Python's global one."""
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        yield
    finally:
        igraph.set_random_number_generator(random)
