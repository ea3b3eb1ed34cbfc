"""Reading the results back: by name, and by group of cells."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from sce2tm.errors import InputError
from sce2tm.results import labels, proportions, topic_embedding, topic_shift


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


def test_labels_are_text_in_the_order_of_the_column(adata):
    adata.obs["day"] = pd.Categorical([2, 10, 2, 2], categories=[10, 2, 3], ordered=True)
    days = labels(adata, "day")
    assert list(days) == ["2", "10", "2", "2"]
    assert list(days.cat.categories) == ["10", "2"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_cells_without_a_label(adata, missing):
    adata.obs["drug"] = ["no", missing, "yes", missing]
    with pytest.raises(InputError, match="'drug'.*2 of 4 cells.*notna"):
        labels(adata, "drug")


def test_topic_embedding_carries_the_names(adata):
    adata.uns["sce2tm"]["topic_embedding"] = np.eye(2, 5)
    table = topic_embedding(adata)
    assert list(table.index) == ["topic_1", "topic_2"]
    assert table.shape == (2, 5)


def test_topic_embedding_of_other_topics(adata):
    with pytest.raises(InputError, match="topic_embedding.*missing.*Run sce2tm"):
        topic_embedding(adata)
    adata.uns["sce2tm"]["topic_embedding"] = np.eye(3)
    with pytest.raises(InputError, match=r"shape \(3, 3\).*2 topic names"):
        topic_embedding(adata)
