import anndata
import numpy as np
import pytest

import sce2tm
from simulate import planted_topics

SETTINGS = {"n_topics": 4, "epochs": 2, "progress": False}


@pytest.fixture
def adata():
    return planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60).adata


def test_one_call_is_fit_and_annotate(adata):
    by_hand = adata.copy()
    sce2tm.SCE2TM(**SETTINGS, tau=0.5).fit(by_hand).annotate(by_hand)
    assert sce2tm.tl.sce2tm(adata, **SETTINGS, tau=0.5) is None
    for key in by_hand.obsm:
        assert np.array_equal(adata.obsm[key], by_hand.obsm[key])
    assert adata.uns["sce2tm"]["params"] == by_hand.uns["sce2tm"]["params"]


def test_a_copy_leaves_the_original(adata):
    annotated = sce2tm.tl.sce2tm(adata, **SETTINGS, copy=True)
    assert list(adata.obsm) == []
    assert "X_sce2tm" in annotated.obsm


def test_an_unknown_setting_is_refused(adata):
    with pytest.raises(TypeError, match="speed"):
        sce2tm.tl.sce2tm(adata, speed=9)


def test_a_path_is_refused_before_the_work(tmp_path):
    with pytest.raises(sce2tm.InputError, match=r"adata='big.h5ad' is no AnnData.*backed='r'"):
        sce2tm.tl.sce2tm("big.h5ad", **SETTINGS)


def test_cells_in_a_file_are_annotated_in_memory(adata, tmp_path):
    adata.write_h5ad(tmp_path / "cells.h5ad")
    before = (tmp_path / "cells.h5ad").read_bytes()
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    copied = sce2tm.tl.sce2tm(backed, **SETTINGS, copy=True)
    assert list(backed.obsm) == []
    sce2tm.tl.sce2tm(backed, **SETTINGS)
    backed.file.close()
    np.testing.assert_array_equal(backed.obsm["X_sce2tm"], copied.obsm["X_sce2tm"])
    assert not copied.isbacked
    assert (tmp_path / "cells.h5ad").read_bytes() == before
