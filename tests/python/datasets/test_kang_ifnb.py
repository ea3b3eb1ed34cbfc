"""The embedded example against the full set and against what is known of interferon."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

from sce2tm.datasets import kang_ifnb


@pytest.fixture(scope="module")
def adata():
    return kang_ifnb()


def test_shape_labels_and_source(adata):
    assert adata.shape == (2800, 3000)
    assert sp.isspmatrix_csr(adata.X)
    assert adata.X.dtype == np.float32
    assert adata.X.has_sorted_indices
    assert adata.obs["cell_type"].nunique() == 13
    assert adata.obs["condition"].value_counts().to_dict() == {"STIM": 1490, "CTRL": 1310}
    assert "GSE96583" in adata.uns["source"]
    assert "Kang" in adata.uns["citation"]
    assert adata.obs_names.is_unique
    assert adata.var_names.is_unique


def test_values_are_counts(adata):
    assert adata.X.data.min() >= 1
    assert np.array_equal(adata.X.data, np.rint(adata.X.data))


@pytest.mark.parametrize("gene", ["ISG15", "IFI6", "IFIT1", "IFIT3", "MX1", "OAS1"])
def test_interferon_genes_rise(adata, gene):
    stimulated = (adata.obs["condition"] == "STIM").to_numpy()
    counts = adata[:, gene].X.toarray().ravel()
    assert counts[stimulated].mean() > 4 * counts[~stimulated].mean()


def test_total_of_the_kept_genes_follows_the_library_size(adata):
    kept = np.asarray(adata.X.sum(axis=1)).ravel()
    library = adata.obs["n_counts"].to_numpy()
    assert (kept <= library).all()
    assert np.corrcoef(np.log(kept), np.log(library))[0, 1] > 0.99


def test_each_call_gives_its_own_copy(adata):
    other = kang_ifnb()
    other.X.data[:] = 0
    assert kang_ifnb().X.data.min() >= 1


def test_counts_are_those_of_the_full_set(adata, real_set):
    full = ad.read_h5ad(real_set("Kang_ifnb2800"))
    same = full[adata.obs_names, adata.var_names]
    assert (same.X != adata.X).nnz == 0
    assert (same.obs["cell_type"].astype(str) == adata.obs["cell_type"].astype(str)).all()
    assert np.array_equal(np.asarray(full.X.sum(axis=1)).ravel(), adata.obs["n_counts"])
