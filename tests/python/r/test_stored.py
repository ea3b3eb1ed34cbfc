"""Raw files of any layout are the matrix that R wrote, and stay on the disk."""

import json

import numpy as np
import pytest
from scipy import sparse

from sce2tm.r.bridge import Cells, answer
from sce2tm.r.stored import StoredCells


@pytest.fixture
def counts(rng):
    made = rng.poisson(1.0, (40, 30)).astype(np.float32)
    made[7] = 0
    return made


def stored(folder, matrix, *, by_gene=False):
    """Write cells x genes as R does, the numbers of a cell (gene) in no order."""
    rows = sparse.csr_matrix(matrix.T if by_gene else matrix)
    lengths = np.diff(rows.indptr)
    ends = np.repeat(rows.indptr[1:], lengths)
    turned = ends - 1 - (np.arange(rows.nnz) - np.repeat(rows.indptr[:-1], lengths))
    rows.data[turned].astype("<f4").tofile(folder / "values.bin")
    rows.indices[turned].astype("<i4").tofile(folder / "genes.bin")
    lengths.astype("<i4").tofile(folder / "lengths.bin")
    return StoredCells(folder, *matrix.shape, by_gene=by_gene)


@pytest.mark.parametrize("by_gene", [False, True])
def test_the_matrix_is_that_of_the_files(counts, tmp_path, by_gene):
    matrix = stored(tmp_path, counts, by_gene=by_gene).matrix()
    assert matrix.format == ("csc" if by_gene else "csr")
    np.testing.assert_array_equal(matrix.to_memory().toarray(), counts)
    np.testing.assert_array_equal(matrix[5:9].toarray(), counts[5:9])


def test_nothing_at_all_is_a_matrix_too(tmp_path):
    matrix = stored(tmp_path, np.zeros((3, 2), dtype=np.float32)).matrix()
    np.testing.assert_array_equal(matrix[:].toarray(), np.zeros((3, 2)))


def test_two_sets_of_files_can_be_open_at_once(counts, tmp_path):
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
    one = stored(folders[0], counts).matrix()
    two = stored(folders[1], counts[:20] * 2).matrix()
    np.testing.assert_array_equal(one[3:5].toarray(), counts[3:5])
    np.testing.assert_array_equal(two[3:5].toarray(), counts[3:5] * 2)


@pytest.mark.parametrize("by_gene", [False, True])
def test_a_fit_gives_the_numbers_of_the_cells_in_memory(counts, tmp_path, by_gene):
    counts[7, 3] = 1
    request = {
        "task": "fit",
        "settings": {"n_topics": 3, "epochs": 2, "n_threads": 1},
        "resume": False,
        "path": None,
        "genes": [f"g{j}" for j in range(30)],
        "cells": [f"c{i}" for i in range(40)],
        "by_gene": by_gene,
        "features": None,
        "external": None,
        "external_cells": None,
    }
    held = Cells(30)
    rows = sparse.csr_matrix(counts)
    held.add(rows.data, rows.indices, np.diff(rows.indptr))
    one, two = (
        answer(json.dumps(request), cells, None, lambda event: None)
        for cells in (held, stored(tmp_path, counts, by_gene=by_gene))
    )
    assert json.loads(two.meta)["error"] is None
    for name in one.arrays.keys() - {"model"}:
        np.testing.assert_array_equal(one.arrays[name], two.arrays[name])
