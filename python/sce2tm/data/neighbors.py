"""Mutual nearest neighbours, with every cell joined to at least one other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree
from torch import Tensor

from sce2tm.errors import InputError

# beyond this many cells the exact search, quadratic in cells, gives way to an approximate one,
# which has to be compiled first in each process
EXACT_UP_TO = 40_000
# cells of a block in the exact search: 60 MB where the cells are 5,000 genes wide
_ROWS, _OTHERS = 512, 1024
# below this share of a cell's squared distance to the centre, single precision knows a squared
# distance between cells to less than three digits
_UNSURE = 1e-3


@dataclass(frozen=True)
class Neighbors:
    """Neighbours of each cell, nearest first, in a table padded with -1.

    Attributes
    ----------
    table
        Cells x at most k, indices of neighbours.
    counts
        Number of neighbours of each cell.
    """

    table: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    def draw(self, cells: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Pick one neighbour of each of `cells` at random."""
        picks = (rng.random(cells.size) * self.counts[cells]).astype(np.int64)
        return self.table[cells, picks]

    def among(self, cells: npt.NDArray[np.int64], n_cells: int) -> "Neighbors":
        """Tell the neighbours by their numbers among `n_cells`, of which these are `cells`.

        The others have none.

        Examples
        --------
        >>> two = Neighbors(np.array([[1], [0]]), np.array([1, 1]))
        >>> two.among(np.array([0, 2]), 3).table.ravel().tolist()
        [2, -1, 0]
        """
        table = np.full((n_cells, self.table.shape[1]), -1)
        table[cells] = np.where(self.table < 0, -1, cells[self.table])
        counts = np.zeros(n_cells, dtype=self.counts.dtype)
        counts[cells] = self.counts
        return Neighbors(table, counts)


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
        Of the approximate search, used beyond 40,000 cells.

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
        indices, distances = _exact(points, k)
    else:
        from pynndescent import NNDescent  # compiles on import: only where it is needed

        n_threads = torch.get_num_threads()  # which numba changes when it starts its own
        search = NNDescent(points, n_neighbors=k + 1, random_state=seed, n_jobs=1)
        indices, distances = _without_self(*search.neighbor_graph)
        torch.set_num_threads(n_threads)
    rows = np.arange(n_cells + 1) * k
    data = distances.astype(np.float64).ravel() + 1.0
    return sparse.csr_matrix((data, indices.ravel(), rows), shape=(n_cells, n_cells))


def _exact(points: Any, k: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The k nearest of each, all pairs compared, a block of them at a time.

    Dense points in single precision, faster where they are wide, and those whose neighbours could
    change places by its rounding (or overflow) again in double, as are sparse points.
    """
    everyone = np.arange(points.shape[0])
    if sparse.issparse(points):
        chosen, squared, _ = _search(points, everyone, k, torch.float64)
    else:
        chosen, squared, lengths = _search(points, everyone, k, torch.float32)
        unsure = everyone[~(squared[:, 0] > _UNSURE * lengths).numpy()]
        squared = squared.double()
        chosen[unsure], squared[unsure], _ = _search(points, unsure, k, torch.float64)
    return chosen.numpy(), squared.clamp_min_(0.0).sqrt_().numpy()


def _search(
    points: Any, cells: npt.NDArray[np.int64], k: int, dtype: torch.dtype
) -> tuple[Tensor, Tensor, Tensor]:
    """Nearest k of some cells, squared distances to them, and to the centre."""
    centre = np.asarray(points.mean(axis=0), dtype=np.float64).ravel()
    n_cells = points.shape[0]
    nearest = torch.full((len(cells), k), torch.inf, dtype=dtype)
    chosen = torch.zeros((len(cells), k), dtype=torch.int64)
    lengths = torch.empty(len(cells), dtype=dtype)
    for others in _blocks(n_cells, _OTHERS):
        theirs = _dense(points[others], centre, dtype)
        for rows in _blocks(len(cells), _ROWS):
            block = _dense(points[cells[rows]], centre, dtype)
            lengths[rows] = torch.linalg.vecdot(block, block)
            squared = _squared_distances(block, theirs, lengths[rows])
            # a cell is no neighbour of its own
            own = (cells[rows] >= others.start) & (cells[rows] < others.stop)
            squared[own, cells[rows][own] - others.start] = torch.inf
            found, picks = squared.topk(min(k, squared.shape[1]), largest=False)
            nearest[rows], best = torch.cat([nearest[rows], found], 1).topk(k, largest=False)
            both = torch.cat([chosen[rows], picks + others.start], 1)
            chosen[rows] = both.gather(1, best)
    return chosen, nearest, lengths


def _blocks(n_cells: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, n_cells)) for start in range(0, n_cells, size)]


def _dense(rows: Any, centre: npt.NDArray[np.float64], dtype: torch.dtype) -> Tensor:
    """Rows about the centre, where squares are small and lose no digits to each other."""
    values = rows.toarray() if sparse.issparse(rows) else rows
    return torch.from_numpy(values - centre).to(dtype)


def _squared_distances(rows: Tensor, others: Tensor, lengths: Tensor) -> Tensor:
    squares = torch.linalg.vecdot(others, others)
    crossed = torch.addmm(squares, rows, others.T, alpha=-2.0)
    return crossed.add_(lengths[:, None])


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
