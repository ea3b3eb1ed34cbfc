"""Reading the results back: by name, and by group of cells."""

import numpy as np
import pytest
from anndata import AnnData

from sce2tm.errors import InputError
from sce2tm.results import proportions, topic_shift


@pytest.fixture
def adata():
    cells = AnnData(np.ones((4, 2)))
    cells.obs["drug"] = ["no", "no", "yes", "other"]
    cells.obsm["sce2tm_theta"] = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9], [0.5, 0.5]])
    cells.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    return cells


def test_proportions_carry_the_names(adata):
    table = proportions(adata)
    assert list(table.columns) == ["topic_1", "topic_2"]
    assert list(table.index) == list(adata.obs_names)
    assert table.loc["2", "topic_2"] == 0.9


def test_shift_is_between_the_named_groups_only(adata):
    shift = topic_shift(adata, "drug", ("no", "yes"))
    assert list(shift.index) == ["topic_2", "topic_1"]
    np.testing.assert_allclose(shift.loc["topic_2"], [0.3, 0.9, 0.6])


def test_groups_without_cells_do_not_count(adata):
    adata.obs["drug"] = adata.obs["drug"].astype("category")
    shift = topic_shift(adata[:3].copy(), "drug")
    assert list(shift.columns) == ["no", "yes", "difference"]


def test_cells_without_results(adata):
    del adata.obsm["sce2tm_theta"]
    with pytest.raises(InputError, match="sce2tm_theta.*Run sce2tm"):
        proportions(adata)
