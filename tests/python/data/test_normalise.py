import numpy as np
import pytest
import scanpy as sc
from anndata import AnnData
from scipy import sparse

from sce2tm.data.normalise import Normalisation, select

ALL = slice(None)


@pytest.fixture
def counts(rng):
    return sparse.csr_matrix(rng.poisson(2.0, size=(50, 30)).astype("float32"))


def totals(matrix):
    return np.asarray(matrix.sum(1)).ravel()


def test_normalisation_is_that_of_scanpy(counts):
    adata = AnnData(counts.copy())
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    before = counts.copy()
    ours = Normalisation("counts", totals(counts), 1e4).logs(counts, ALL)
    np.testing.assert_allclose(ours.toarray(), adata.X.toarray(), rtol=1e-5)
    assert (counts != before).nnz == 0


def test_rows_take_their_own_totals(counts):
    normalisation = Normalisation("counts", totals(counts), 1e4)
    whole = normalisation.logs(counts, ALL)[20:30]
    part = normalisation.logs(counts[20:30], slice(20, 30))
    assert (whole != part).nnz == 0


def test_target_sum_zero_only_takes_the_logarithm(counts):
    ours = Normalisation("counts", np.ones(50), 0).logs(counts, ALL)
    np.testing.assert_allclose(ours.toarray(), np.log1p(counts.toarray()), rtol=1e-6)


def test_log_normalised_values_stay(counts):
    logs = counts.log1p()
    normalisation = Normalisation("lognorm", totals(logs), 1e4)
    assert normalisation.logs(logs, ALL) is logs
    np.testing.assert_allclose(normalisation.linear(logs, ALL), counts.data, rtol=1e-5)


def test_columns_move_and_absent_places_are_empty(counts):
    position = np.full(30, -1)
    position[[4, 20, 7]] = [2, 0, 5]
    ours = select(counts, position, 6)
    expected = np.zeros((50, 6))
    expected[:, [2, 0, 5]] = counts.toarray()[:, [4, 20, 7]]
    np.testing.assert_array_equal(ours.toarray(), expected)
    assert ours.has_sorted_indices
