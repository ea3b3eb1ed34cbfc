"""Reading the results back: by name, and by group of cells."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from sce2tm.errors import InputError
from sce2tm.results import (
    column,
    gene_embedding,
    labels,
    latent,
    names,
    proportions,
    topic_embedding,
    topic_genes,
    topic_shift,
)


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


@pytest.fixture
def fitted(adata):
    """With a latent, and weights and embeddings of the two genes of three that were modelled."""
    cells = AnnData(np.ones((4, 3)), obs=adata.obs, obsm=adata.obsm, uns=adata.uns)
    cells.var_names = ["ISG15", "MALAT1", "CD3D"]
    cells.obsm["X_sce2tm"] = np.array([[2.0, -1.0], [1.0, 0.0], [0.0, 3.0], [-0.5, 0.5]])
    unseen = np.nan
    cells.varm["sce2tm_topic_genes"] = np.array([[0.1, 0.9], [unseen, unseen], [0.7, 0.3]])
    cells.varm["sce2tm_gene_embedding"] = np.array([[1.0, 2, 3], [unseen] * 3, [4, 5, 6]])
    return cells


def test_latent_carries_the_names(fitted):
    table = latent(fitted)
    assert list(table.columns) == names(fitted) == ["topic_1", "topic_2"]
    assert list(table.index) == list(fitted.obs_names)
    assert table.loc["2"].tolist() == [0.0, 3.0]


def test_genes_that_were_not_modelled_are_left_out(fitted):
    weights, places = topic_genes(fitted), gene_embedding(fitted)
    assert list(weights.index) == list(places.index) == ["ISG15", "CD3D"]  # the order of var
    assert weights.loc["CD3D", "topic_1"] == 0.7
    assert places.loc["CD3D"].tolist() == [4, 5, 6]
    assert places.shape == (2, 3)  # as wide as the space, which is not the number of topics


@pytest.mark.parametrize("read", [topic_genes, gene_embedding])
@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_a_modelled_gene_twice(fitted, read):
    fitted.var_names = ["ISG15", "MALAT1", "ISG15"]
    with pytest.raises(InputError, match="adata.var_names.*'ISG15'.*var_names_make_unique"):
        read(fitted)


@pytest.mark.parametrize("read", [topic_genes, gene_embedding])
@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_a_name_twice_among_the_others_does_no_harm(fitted, read):
    fitted.var_names = ["ISG15", "ISG15", "CD3D"]
    assert list(read(fitted).index) == ["ISG15", "CD3D"]


@pytest.mark.parametrize(
    ("read", "slot", "key"),
    [
        (latent, "obsm", "X_sce2tm"),
        (topic_genes, "varm", "sce2tm_topic_genes"),
        (gene_embedding, "varm", "sce2tm_gene_embedding"),
    ],
)
def test_each_missing_part_is_named(fitted, read, slot, key):
    del getattr(fitted, slot)[key]
    with pytest.raises(InputError, match=f"adata.{slot}.*{key}.*Run sce2tm"):
        read(fitted)


@pytest.mark.parametrize("read", [latent, proportions, topic_genes])
def test_names_that_do_not_fit_the_numbers(fitted, read):
    fitted.uns["sce2tm"]["topic_names"] = ["topic_1", "topic_2", "topic_3"]
    with pytest.raises(InputError, match=r", 2\), but there are 3 topic names"):
        read(fitted)


def test_no_names(fitted):
    fitted.uns = {}
    with pytest.raises(InputError, match="topic_names.*Run sce2tm"):
        names(fitted)


def test_a_column_that_is_not_there(adata):
    assert column(adata, "drug").tolist() == ["no", "no", "yes", "other"]
    with pytest.raises(
        InputError, match=r"'dose' is no column of adata.obs. Use one of \['drug'\]"
    ):
        column(adata, "dose")


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
