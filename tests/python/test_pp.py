import numpy as np
import pytest

import sce2tm
from simulate import planted_topics


@pytest.fixture
def adata():
    return planted_topics(n_cells=120, n_groups=3, n_markers=20, n_genes=200).adata


def test_the_steps_lead_to_what_fit_does_itself(adata):
    alone = adata.copy()
    settings = {"n_topics": 4, "epochs": 2, "progress": False, "n_genes": 80}
    one = sce2tm.SCE2TM(**settings).fit(alone)
    sce2tm.pp.normalize(adata)
    sce2tm.pp.variable_genes(adata, n_genes=80)
    two = sce2tm.SCE2TM(**settings).fit(adata)
    assert one.gene_names == two.gene_names == adata.var_names[adata.var.highly_variable].tolist()
    assert np.array_equal(one.transform(alone).latent, two.transform(adata).latent)


def test_counts_stay_and_layer_is_normalised(adata):
    before = adata.X.copy()
    sce2tm.pp.normalize(adata, target_sum=100, key="logs")
    assert (before != adata.X).nnz == 0
    np.testing.assert_allclose(np.expm1(adata.layers["logs"].toarray()).sum(1), 100, rtol=1e-4)


def test_components_separate_the_groups_and_neighbours_stay_within(adata):
    sce2tm.pp.normalize(adata)
    sce2tm.pp.components(adata, n_components=10)
    assert adata.obsm["X_sce2tm_components"].shape == (120, 10)
    sce2tm.pp.neighbors(adata, n_neighbors=5)
    cells, others = adata.obsp["sce2tm_neighbors"].nonzero()
    groups = adata.obs["group"].to_numpy()
    assert (groups[cells] == groups[others]).mean() > 0.95


def test_steps_out_of_order_say_what_to_call(adata):
    with pytest.raises(sce2tm.InputError, match=r"'lognorm' is not in adata.layers.*pp.normalize"):
        sce2tm.pp.variable_genes(adata)
    with pytest.raises(sce2tm.InputError, match=r"not in adata.obsm.*pp.components"):
        sce2tm.pp.neighbors(adata)
    sce2tm.pp.normalize(adata)
    with pytest.raises(sce2tm.InputError, match="log-transformed already"):
        sce2tm.pp.normalize(adata, layer="lognorm")
