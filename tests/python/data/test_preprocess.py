import numpy as np
import pandas as pd
import pytest
import scanpy as sc
from anndata import AnnData
from scipy import sparse

from sce2tm.data import preprocess
from sce2tm.errors import InputError

PLANTED = [119, 203, 231, 280, 344]


@pytest.fixture
def counts(rng):
    """Five genes vary far more than others of their mean; one gene is unseen."""
    means = np.tile(np.linspace(2, 6, 400), (200, 1))
    means[:, PLANTED] *= np.repeat([0.05, 1.95], 100)[:, None]
    means[:, 399] = 0
    return sparse.csr_matrix(rng.poisson(means).astype("float32"))


@pytest.fixture
def lognorm(counts):
    return preprocess.log_normalise(counts, np.asarray(counts.sum(1)).ravel(), 1e4)


def test_normalisation_is_that_of_scanpy(counts):
    adata = AnnData(counts.copy())
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    before = counts.copy()
    ours = preprocess.log_normalise(counts, np.asarray(counts.sum(1)).ravel(), 1e4)
    np.testing.assert_allclose(ours.toarray(), adata.X.toarray(), rtol=1e-5)
    assert (counts != before).nnz == 0


def test_target_sum_zero_only_takes_the_logarithm(counts):
    ours = preprocess.log_normalise(counts, np.ones(200), 0)
    np.testing.assert_allclose(ours.toarray(), np.log1p(counts.toarray()), rtol=1e-6)


def test_planted_variable_genes_are_found(lognorm):
    assert np.flatnonzero(preprocess.variable_genes(lognorm, 5)).tolist() == PLANTED


def test_unseen_genes_are_never_variable(lognorm):
    mask = preprocess.variable_genes(lognorm, 1000)
    assert mask.sum() == 399
    assert not mask[399]


def test_the_callers_mask_is_used_without_unseen_genes(lognorm):
    var = pd.DataFrame({"highly_variable": np.arange(400) >= 397})
    assert np.flatnonzero(preprocess.choose_genes(lognorm, var, 5)).tolist() == [397, 398]
    assert preprocess.choose_genes(lognorm, pd.DataFrame(index=range(400)), 5)[PLANTED].all()


def test_useless_masks_are_refused(lognorm):
    with pytest.raises(InputError, match="marks 1 genes, none of which has a count"):
        preprocess.choose_genes(
            lognorm, pd.DataFrame({"highly_variable": np.arange(400) == 399}), 5
        )
    holes = pd.DataFrame({"highly_variable": [None, *[True] * 399]})
    with pytest.raises(InputError, match="missing for 1 genes: '0'"):
        preprocess.choose_genes(lognorm, holes, 5)


def test_components_are_those_of_a_dense_decomposition(lognorm):
    dense = lognorm.toarray().astype("float64")
    centred = dense - dense.mean(0)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    scores = left[:, :5] * size[:5]
    axes = preprocess.components(lognorm, 5, seed=0)
    ours = axes.project(lognorm)
    np.testing.assert_allclose(np.abs(ours), np.abs(scores) / scores[:, 0].std(), atol=2e-3)
    assert ours[:, 0].std() == pytest.approx(1, abs=1e-4)


def test_no_more_components_than_there_can_be(lognorm):
    assert preprocess.components(lognorm[:4], 50, seed=0).axes.shape == (400, 3)


def test_absent_genes_are_taken_at_their_mean(lognorm):
    axes = preprocess.components(lognorm, 3, seed=0)
    absent = np.arange(400) < 2
    filled = lognorm.toarray()
    filled[:, absent] = axes.mean[absent]
    emptied = lognorm.toarray()
    emptied[:, absent] = 0
    np.testing.assert_allclose(
        axes.project(sparse.csr_matrix(emptied), absent),
        axes.project(sparse.csr_matrix(filled)),
        atol=1e-4,
    )


def test_equal_cells_are_refused():
    with pytest.raises(InputError, match="all 4 cells have the same values in the 3 genes"):
        preprocess.components(sparse.csr_matrix(np.ones((4, 3), "float32")), 2, seed=0)
