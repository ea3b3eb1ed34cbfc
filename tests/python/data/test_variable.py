import numpy as np
import pandas as pd
import pytest
import scanpy as sc
from anndata import AnnData
from scipy import sparse

from sce2tm.data import variable
from sce2tm.data.blocks import blocks, summarise
from sce2tm.data.normalise import Normalisation
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
def moments(counts):
    expression = blocks(AnnData(counts))
    normalisation = Normalisation("counts", summarise(expression).totals, 1e4)
    return variable.gene_moments(expression, normalisation)


def test_moments_are_those_of_the_dense_matrix(counts, moments):
    scaled = counts.toarray().astype("float64") * 1e4 / counts.toarray().sum(1, keepdims=True)
    np.testing.assert_allclose(moments.mean, scaled.mean(0), rtol=1e-5)
    np.testing.assert_allclose(moments.variance, scaled.var(0, ddof=1), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(moments.entries, (counts.toarray() > 0).sum(0))


def test_planted_variable_genes_are_found(moments):
    assert np.flatnonzero(variable.variable_genes(moments, 5)).tolist() == PLANTED


@pytest.mark.parametrize("n_genes", [20, 100, 300])
def test_genes_are_those_of_scanpy(counts, moments, n_genes):
    seen = counts[:, :399]
    adata = AnnData(seen.copy())
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    sc.pp.highly_variable_genes(adata, n_top_genes=n_genes, flavor="seurat")
    ours = variable.variable_genes(moments, n_genes)[:399]
    assert ours.sum() == n_genes
    assert (ours & adata.var["highly_variable"].to_numpy()).sum() >= n_genes - 1


def test_genes_are_those_of_scanpy_on_real_cells(real_set):
    adata = sc.read_h5ad(real_set("PBMC3k"))
    expression = blocks(adata)
    normalisation = Normalisation("counts", summarise(expression).totals, 1e4)
    ours = variable.variable_genes(variable.gene_moments(expression, normalisation), 2000)
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    sc.pp.highly_variable_genes(adata, n_top_genes=2000, flavor="seurat")
    assert (ours & adata.var["highly_variable"].to_numpy()).sum() >= 1998


def test_unseen_genes_are_never_variable(moments):
    mask = variable.variable_genes(moments, 1000)
    assert mask.sum() == 399
    assert not mask[399]


def test_the_callers_mask_is_used_without_unseen_genes(moments):
    var = pd.DataFrame({"highly_variable": np.arange(400) >= 397})
    with pytest.warns(UserWarning, match="marks 1 genes without any count: '399'. They are left"):
        chosen = variable.choose_genes(moments, var, 5)
    assert np.flatnonzero(chosen).tolist() == [397, 398]
    assert variable.choose_genes(moments, pd.DataFrame(index=range(400)), 5)[PLANTED].all()


def test_useless_masks_are_refused(moments):
    unseen = pd.DataFrame({"highly_variable": np.arange(400) == 399})
    with pytest.raises(InputError, match="marks 1 genes, none of which has a count"):
        variable.choose_genes(moments, unseen, 5)
    holes = pd.DataFrame({"highly_variable": [None, *[True] * 399]})
    with pytest.raises(InputError, match="missing for 1 genes: '0'"):
        variable.choose_genes(moments, holes, 5)
