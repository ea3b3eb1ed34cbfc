"""Against a construction with sets and Kruskal's algorithm, in plain Python."""

import numpy as np
import pytest
from scipy import sparse

from sce2tm.data import neighbors
from sce2tm.data.neighbors import mutual_neighbors
from sce2tm.errors import InputError


def by_hand(points, k):
    """Mutual pairs and spanning-tree edges, as a set of pairs."""
    n = len(points)
    distance = {
        (i, j): float(np.linalg.norm(points[i] - points[j]))
        for i in range(n)
        for j in range(n)
        if i != j
    }
    near = [
        {j for _, j in sorted((distance[i, j], j) for j in range(n) if j != i)[:k]}
        for i in range(n)
    ]
    pairs = {frozenset((i, j)) for i in range(n) for j in near[i] if i in near[j]}
    group = list(range(n))
    for _, one, two in sorted((distance[i, j], i, j) for i in range(n) for j in near[i]):
        if group[one] != group[two]:
            pairs.add(frozenset((one, two)))
            kept, old = group[one], group[two]
            group = [kept if g == old else g for g in group]
    return pairs


def as_pairs(found):
    return {
        frozenset((cell, int(other)))
        for cell, row in enumerate(found.table)
        for other in row[row >= 0]
    }


@pytest.mark.parametrize("k", [1, 3, 6])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_neighbours_are_those_built_by_hand(rng, k, form):
    points = np.concatenate([rng.normal(size=(25, 4)), rng.normal(size=(6, 4)) * 0.1 + 9])
    # a table cut at k rows may lose an edge on one side: the other side still holds it
    found = mutual_neighbors(form(points), k, seed=0)
    expected = by_hand(points, k)
    assert as_pairs(found) <= expected
    degree = {i: sum(i in pair for pair in expected) for i in range(31)}
    assert found.counts.tolist() == [min(degree[i], k) for i in range(31)]
    kept = {pair for pair in expected if all(degree[i] <= k for i in pair)}
    assert kept <= as_pairs(found)


def test_no_cell_stands_alone_and_none_is_its_own_neighbour(rng):
    # hubs: a far cell that nobody chooses
    points = np.concatenate([rng.normal(size=(40, 2)), [[50.0, 50.0]]])
    found = mutual_neighbors(points, 5, seed=0)
    assert (found.counts >= 1).all()
    assert not (found.table == np.arange(41)[:, None]).any()


def test_nearest_come_first(rng):
    points = rng.normal(size=(30, 3))
    found = mutual_neighbors(points, 6, seed=0)
    for cell, row in enumerate(found.table):
        lengths = np.linalg.norm(points[row[row >= 0]] - points[cell], axis=1)
        assert (np.diff(lengths) >= -1e-9).all()


def test_near_cells_far_from_the_centre_are_told_apart(rng):
    # two crowds, a thousand times farther from each other than their cells
    points = rng.normal(size=(40, 3)) + np.repeat([[-1000.0], [1000.0]], 20, axis=0)
    found = mutual_neighbors(points.astype("float32"), 4, seed=0)
    assert as_pairs(found) == as_pairs(mutual_neighbors(sparse.csr_matrix(points), 4, seed=0))


def test_cells_whose_squares_overflow_single_precision(rng):
    points = rng.normal(size=(30, 3)).astype("float32")
    assert as_pairs(mutual_neighbors(points * 1e25, 4, seed=0)) == as_pairs(
        mutual_neighbors(points, 4, seed=0)
    )


def test_identical_cells_are_neighbours_too():
    found = mutual_neighbors(np.zeros((6, 2)), 2, seed=0)
    assert (found.counts >= 1).all()


def test_draws_are_neighbours_and_reach_all(rng):
    points = rng.normal(size=(20, 2))
    found = mutual_neighbors(points, 4, seed=0)
    cells = np.repeat(np.arange(20), 200)
    drawn = found.draw(cells, rng)
    assert {(int(c), int(d)) for c, d in zip(cells, drawn, strict=True)} == {
        (cell, int(other)) for cell, row in enumerate(found.table) for other in row[row >= 0]
    }


def test_approximate_search_finds_nearly_the_same(rng, monkeypatch):
    points = rng.normal(size=(600, 8)).astype("float32")
    exact = as_pairs(mutual_neighbors(points, 10, seed=0))
    monkeypatch.setattr(neighbors, "EXACT_UP_TO", 100)
    near = as_pairs(mutual_neighbors(points, 10, seed=0))
    assert len(exact & near) > 0.95 * len(exact)
    assert near == as_pairs(mutual_neighbors(points, 10, seed=0))


def test_neighbours_of_some_cells_are_told_by_their_numbers_among_all(rng):
    cells = np.array([1, 4, 5, 8, 9])
    found = mutual_neighbors(rng.normal(size=(5, 2)), 2, seed=0)
    told = found.among(cells, 11)
    assert as_pairs(told) == {frozenset(cells[list(pair)].tolist()) for pair in as_pairs(found)}
    drawn = told.draw(np.repeat(cells, 50), rng)
    assert set(drawn.tolist()) <= set(cells.tolist())


def test_too_few_cells_are_refused():
    with pytest.raises(InputError, match=r"n_neighbors=15 needs more than 15 cells.*there are 10"):
        mutual_neighbors(np.zeros((10, 2)), 15, seed=0)
