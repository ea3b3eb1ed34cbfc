"""The gain of hidden genes: what is shown, and planted answers."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.tl.held_out import held_out_gain

N_CELLS, N_GENES, K = 300, 40, 3


class Oracle:
    """Stands for a model that knows the proportions, and notes which genes it was shown."""

    def __init__(self, theta):
        self.theta, self.shown = theta, []

    def transform(self, cells):
        self.shown.append(set(cells.var_names))
        return SimpleNamespace(theta=self.theta)


@pytest.fixture
def planted(rng):
    shares = rng.dirichlet(np.full(N_GENES, 0.5), size=K)
    theta = rng.dirichlet(np.full(K, 0.3), size=N_CELLS)
    adata = AnnData(sparse.csr_matrix(9.5 * theta @ shares, dtype=np.float32))
    adata.var_names = [f"g{number}" for number in range(N_GENES)]
    adata.uns["sce2tm"] = {"params": {"values": "lognorm", "target_sum": 1e4}}
    return adata, theta, pd.DataFrame(shares.T, index=adata.var_names)


def test_each_gene_is_hidden_once(planted):
    adata, theta, profiles = planted
    oracle = Oracle(theta)
    held_out_gain(oracle, adata, profiles, adata)
    hidden = [set(adata.var_names) - shown for shown in oracle.shown]
    assert sorted(gene for part in hidden for gene in part) == sorted(adata.var_names)
    assert [len(part) for part in hidden] == [8] * 5


def test_the_truth_gains_and_nothing_gains_more(planted, rng):
    adata, theta, profiles = planted
    best = held_out_gain(Oracle(theta), adata, profiles, adata).mean()
    blurred = held_out_gain(Oracle((theta + 0.2) / (1 + 0.2 * K)), adata, profiles, adata).mean()
    wrong = held_out_gain(Oracle(rng.permutation(theta)), adata, profiles, adata).mean()
    assert best > blurred > 0 > wrong


def test_topics_that_all_are_the_mean_gain_nothing(planted):
    adata, theta, profiles = planted
    mean = np.asarray(adata.X.sum(axis=0)).ravel()
    same = pd.DataFrame(np.tile(mean[:, None] / mean.sum(), K), index=profiles.index)
    gain = held_out_gain(Oracle(theta), adata, same, adata)
    np.testing.assert_allclose(gain, 0, atol=1e-6)
