"""Profiles of topics, recovered where they were planted."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.errors import InputError
from sce2tm.tl import profiles as module
from sce2tm.tl import topic_profiles

N_CELLS, N_GENES, K = 1500, 30, 4


@pytest.fixture
def planted(rng):
    """Cells that are mixtures of known profiles, in log-normalised values without noise."""
    shares = rng.dirichlet(np.full(N_GENES, 0.3), size=K)
    theta = rng.dirichlet(np.full(K, 0.5), size=N_CELLS)
    adata = AnnData(sparse.csr_matrix(9.5 * theta @ shares, dtype=np.float32))
    adata.var_names = [f"g{number}" for number in range(N_GENES)]
    adata.obsm["sce2tm_theta"] = theta
    adata.varm["sce2tm_topic_genes"] = np.full((N_GENES, K), 1 / K)
    adata.uns["sce2tm"] = {
        "topic_names": [f"topic_{number + 1}" for number in range(K)],
        "params": {"values": "lognorm", "target_sum": 1e4},
    }
    return adata, pd.DataFrame(shares.T, index=adata.var_names)


def test_planted_profiles_are_recovered(planted):
    adata, shares = planted
    found = topic_profiles(adata)
    assert list(found.columns) == ["topic_1", "topic_2", "topic_3", "topic_4"]
    assert list(found.index) == list(adata.var_names)
    np.testing.assert_allclose(found.sum(), 1, rtol=1e-5)
    np.testing.assert_allclose(found, shares, atol=0.02)


def test_genes_that_the_model_did_not_see_are_left_out(planted):
    adata, _ = planted
    adata.varm["sce2tm_topic_genes"][3] = np.nan
    assert "g3" not in topic_profiles(adata).index


def test_many_cells_are_sampled(planted, monkeypatch):
    adata, shares = planted
    monkeypatch.setattr(module, "_MOST_CELLS", 400)
    found = topic_profiles(adata)
    np.testing.assert_allclose(found, shares, atol=0.03)
    pd.testing.assert_frame_equal(found, topic_profiles(adata))


def test_counts_are_normalised_as_the_model_did(planted, rng):
    adata, _ = planted
    counts = rng.poisson(5.0, adata.shape).astype(np.float32)
    adata.layers["counts"] = sparse.csr_matrix(counts)
    adata.X = sparse.csr_matrix(np.log1p(1e4 * counts / counts.sum(1, keepdims=True)))
    from_logs = topic_profiles(adata)
    adata.uns["sce2tm"]["params"] |= {"values": "counts", "layer": "counts"}
    np.testing.assert_allclose(topic_profiles(adata), from_logs, rtol=1e-4)


def test_another_kind_of_values_is_refused(planted):
    adata, _ = planted
    adata.uns["sce2tm"]["params"]["values"] = "counts"
    with pytest.raises(InputError, match="values='counts'.*log"):
        topic_profiles(adata)
