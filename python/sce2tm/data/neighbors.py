"""Mutual nearest neighbours, with every cell joined to at least one other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree

from sce2tm.errors import InputError

# beyond this many cells the exact search, quadratic in cells, gives way to an approximate one
EXACT_UP_TO = 20_000


@dataclass(frozen=True)
class Neighbors:
    """Neighbours of each cell, nearest first, in a table padded with -1.

    Attributes
    ----------
    table
        Cells x at most k, indices of neighbours.
    counts
        Number of neighbours of each cell, at least 1.
    """

    table: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    def draw(self, cells: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Pick one neighbour of each of `cells` at random."""
        picks = (rng.random(cells.size) * self.counts[cells]).astype(np.int64)
        return self.table[cells, picks]


def mutual_neighbors(points: Any, n_neighbors: int, seed: int) -> Neighbors:
    """Neighbours that chose each other, joined by the minimum spanning tree of all who chose.

    Parameters
    ----------
    points
        Cells x features, dense or sparse.
    n_neighbors
        Nearest neighbours (Euclidean) from which the mutual ones are kept; also the most that
        a cell keeps.
    seed
        Of the approximate search, used beyond 20,000 cells.

    Returns
    -------
    A table of neighbours. Pairs count when each is among the other's `n_neighbors` nearest;
    the edges of the spanning tree (forest, where the graph is in pieces) are added, so that no
    cell stands alone.

    Raises
    ------
    InputError
        When there are no more cells than neighbours.

    Examples
    --------
    >>> mutual_neighbors(np.array([[0.0], [1.0], [5.0]]), 1, seed=0).table.ravel()
    array([1, 0, 1])
    """
    n_cells = points.shape[0]
    if n_cells <= n_neighbors:
        raise InputError(
            f"n_neighbors={n_neighbors} needs more than {n_neighbors} cells, but there are "
            f"{n_cells}. Lower n_neighbors, or train without an external view (external=None)."
        )
    chosen = _nearest(points, n_neighbors, seed)
    mutual = chosen.minimum(chosen.T)
    tree = minimum_spanning_tree(chosen.maximum(chosen.T))
    graph = sparse.csr_matrix(mutual.maximum(tree.maximum(tree.T)))
    return _nearest_first(graph, n_neighbors)


def _nearest(points: Any, k: int, seed: int) -> sparse.csr_matrix:
    """Graph of the k nearest; entries are distances plus one, so that none is an absent zero."""
    n_cells = points.shape[0]
    if n_cells <= EXACT_UP_TO:
        from sklearn.neighbors import NearestNeighbors  # a second, and only with a view

        search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points)
        distances, indices = search.kneighbors()
    else:
        from pynndescent import NNDescent  # compiles on import: only where it is needed

        n_threads = torch.get_num_threads()  # which numba changes when it starts its own
        search = NNDescent(points, n_neighbors=k + 1, random_state=seed, n_jobs=1)
        indices, distances = _without_self(*search.neighbor_graph)
        torch.set_num_threads(n_threads)
    rows = np.arange(n_cells + 1) * k
    data = distances.astype(np.float64).ravel() + 1.0
    return sparse.csr_matrix((data, indices.ravel(), rows), shape=(n_cells, n_cells))


def _without_self(
    indices: npt.NDArray[np.int64], distances: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Drop each cell from its own list, or the farthest where duplicates crowded it out."""
    k = indices.shape[1] - 1
    own = indices == np.arange(indices.shape[0])[:, None]
    own[~own.any(axis=1), -1] = True
    return indices[~own].reshape(-1, k), distances[~own].reshape(-1, k)


def _nearest_first(graph: sparse.csr_matrix, most: int) -> Neighbors:
    """Lay the rows of a graph side by side, sorted by distance and cut at `most`."""
    degrees = np.diff(graph.indptr)
    cells = np.repeat(np.arange(graph.shape[0]), degrees)
    order = np.lexsort((graph.indices, graph.data, cells))
    rank = np.arange(graph.nnz) - np.repeat(graph.indptr[:-1], degrees)
    keep = rank < most
    counts = np.minimum(degrees, most).astype(np.int64)
    table = np.full((graph.shape[0], int(counts.max())), -1, dtype=np.int64)
    table[cells[keep], rank[keep]] = graph.indices[order][keep]
    return Neighbors(table, counts)
