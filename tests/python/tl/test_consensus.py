"""Consensus of planted runs: the same topics in other orders, and one that a seed lacks."""

import anndata
import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

import sce2tm
from sce2tm.errors import InputError
from sce2tm.tl import consensus_topics

N_CELLS, N_GENES, K = 200, 60, 5


@pytest.fixture
def truth(rng):
    """Proportions, and expression that follows from them."""
    theta = rng.dirichlet(np.full(K, 0.4), size=N_CELLS)
    shares = rng.dirichlet(np.full(N_GENES, 0.3), size=K)
    return theta, sparse.csr_matrix(9.5 * theta @ shares, dtype=np.float32)


def run(truth, order, noise=None):
    """A run whose topic j is the planted topic order[j]."""
    theta, expression = truth
    found = theta[:, order]
    if noise is not None:
        found = found * noise
        found = found / found.sum(axis=1, keepdims=True)
    adata = AnnData(expression.copy())
    adata.var_names = [f"g{number}" for number in range(N_GENES)]
    adata.obsm["sce2tm_theta"] = found.astype(np.float32)
    adata.obsm["X_sce2tm"] = np.log(found + 1e-3).astype(np.float32)
    weights = np.asarray(expression.T @ found)
    adata.varm["sce2tm_topic_genes"] = weights / weights.sum(axis=1, keepdims=True)
    adata.varm["sce2tm_gene_embedding"] = np.ones((N_GENES, 3), dtype=np.float32)
    adata.uns["sce2tm"] = {
        "schema_version": 1,
        "topic_names": np.array([f"topic_{j + 1}" for j in range(K)], dtype=object),
        "topic_embedding": np.ones((K, 3)),
        "params": {"values": "lognorm", "target_sum": 1e4, "n_topics": K},
    }
    return adata


def test_permuted_runs_average_to_the_planted_topics(truth, rng):
    orders = [rng.permutation(K) for _ in range(3)]
    runs = [run(truth, order, rng.lognormal(0, 0.3, (N_CELLS, K))) for order in orders]
    before = runs[0].obsm["sce2tm_theta"].copy()
    merged = consensus_topics(runs)
    theta = merged.obsm["sce2tm_theta"]
    # up to the order, which is that of one of the runs
    errors = [np.abs(theta - truth[0][:, order]).mean() for order in orders]
    single = np.abs(before - truth[0][:, orders[0]]).mean()
    assert min(errors) < single
    np.testing.assert_allclose(theta.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(merged.varm["sce2tm_topic_genes"].sum(axis=1), 1, rtol=1e-5)
    assert merged.uns["sce2tm"]["reproducibility"].min() > 0.9
    np.testing.assert_array_equal(runs[0].obsm["sce2tm_theta"], before)


def test_topics_that_one_run_merges_and_splits_are_reproduced_less(truth, rng):
    theta, expression = truth
    lacking = theta.copy()
    lacking[:, 4] += lacking[:, 2]  # one topic does the work of two,
    part = rng.uniform(0, 1, N_CELLS)
    lacking[:, 2] = part * lacking[:, 0]  # and another is split
    lacking[:, 0] *= 1 - part
    order = np.arange(K)
    runs = [run(truth, order), run(truth, order), run((lacking, expression), order)]
    found = consensus_topics(runs).uns["sce2tm"]["reproducibility"]
    assert found[[0, 1, 3]].min() > 0.9
    assert found[[2, 4]].max() < 0.7


def test_the_result_is_read_like_a_run_and_kept_in_a_file(truth, tmp_path):
    merged = consensus_topics([run(truth, np.arange(K)), run(truth, np.arange(K)[::-1])])
    assert len(sce2tm.tl.top_genes(merged, 3)) == 3 * K
    assert "sce2tm_gene_embedding" not in merged.varm
    assert "topic_embedding" not in merged.uns["sce2tm"]
    merged.write_h5ad(tmp_path / "consensus.h5ad")
    again = anndata.read_h5ad(tmp_path / "consensus.h5ad")
    np.testing.assert_allclose(again.uns["sce2tm"]["reproducibility"], 1, rtol=1e-6)
    assert sce2tm.tl.topic_profiles(again).shape == (N_GENES, K)


def test_other_cells_genes_or_kinds_are_refused(truth):
    a, b = run(truth, np.arange(K)), run(truth, np.arange(K))
    b.obs_names = [f"x{number}" for number in range(N_CELLS)]
    with pytest.raises(InputError, match=r"runs\[1\].obs_names differ"):
        consensus_topics([a, b])
    with pytest.raises(InputError, match=r"runs\[1\] is DataFrame"):
        consensus_topics([a, sce2tm.tl.topic_profiles(a)])
    with pytest.raises(InputError, match="two or more runs"):
        consensus_topics([a])
