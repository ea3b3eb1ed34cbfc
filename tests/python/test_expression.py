"""The values that the model saw, read again from the container."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.expression import lognormalised

GENES = pd.Index(["g4", "g0", "g2"])


@pytest.fixture
def counts(rng):
    cells = AnnData(sparse.csr_matrix(1 + rng.poisson(2.0, (1500, 6)), dtype=np.float32))
    cells.var_names = [f"g{i}" for i in range(6)]
    cells.uns["sce2tm"] = {"params": {"values": "counts", "target_sum": 100.0}}
    return cells


def read(cells):
    found = np.zeros((cells.n_obs, 3))
    for rows, values in lognormalised(cells, GENES):
        found[rows] = values.toarray()
    return found


def test_counts_are_normalised_over_all_genes(counts):
    dense = counts.X.toarray()
    expected = np.log1p(100 * dense / dense.sum(axis=1, keepdims=True))[:, [4, 0, 2]]
    np.testing.assert_allclose(read(counts), expected, rtol=1e-5)


def test_the_fitted_layer_is_read_and_logs_are_taken_as_they_are(counts):
    logged = counts.copy()
    logged.layers["logs"] = np.log1p(counts.X / 3)
    logged.uns["sce2tm"] = {"params": {"values": "lognorm", "layer": "logs"}}
    np.testing.assert_allclose(
        read(logged), np.log1p(counts.X.toarray() / 3)[:, [4, 0, 2]], rtol=1e-5
    )
