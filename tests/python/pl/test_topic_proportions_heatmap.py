"""The heatmap of proportions: the right number in the right field."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import topic_proportions_heatmap


def texts(labels):
    return [label.get_text() for label in labels]


def test_fields_are_group_means_under_their_names(adata):
    ax = topic_proportions_heatmap(adata, "cell_type")
    drawn = np.asarray(ax.images[0].get_array())
    # B has most of topic_2, T of topic_1; topic_3 is equal in both, and ties go to the first
    assert texts(ax.get_yticklabels()) == ["B", "T"]
    assert texts(ax.get_xticklabels())[0] == "2"
    column = {name: drawn[:, i] for i, name in enumerate(texts(ax.get_xticklabels()))}
    np.testing.assert_allclose(column["1"], [0.15, 0.7], rtol=1e-5)
    np.testing.assert_allclose(column["2"], [0.6, 0.05], rtol=1e-5)
    np.testing.assert_allclose(column["3"], [0.25, 0.25], rtol=1e-5)


def test_topics_stand_under_the_group_that_has_most(adata):
    adata.obs["kind"] = np.repeat(["a", "b", "c", "d"], 10)
    rng = np.random.default_rng(0)
    adata.obsm["sce2tm_theta"] = rng.dirichlet(np.full(100, 0.1), size=40)
    adata.uns["sce2tm"]["topic_names"] = [f"topic_{k + 1}" for k in range(100)]
    ax = topic_proportions_heatmap(adata, "kind")
    leaders = np.asarray(ax.images[0].get_array()).argmax(axis=0)
    assert (np.diff(leaders) >= 0).all()
    assert sorted(texts(ax.get_xticklabels()), key=int) == [str(k + 1) for k in range(100)]
    column = ax.figure.get_size_inches()[0] * 72 / 100
    assert column > ax.get_xticklabels()[0].get_fontsize()


def test_small_proportions_are_told_from_none(adata):
    norm = topic_proportions_heatmap(adata, "cell_type").images[0].norm
    assert norm.vmin == 0
    assert norm(0.04 * norm.vmax) == pytest.approx(0.2)


def test_bad_input(adata):
    adata.obs["gaps"] = [None, *["x"] * 39]
    with pytest.raises(InputError, match="'gaps'.*1 of 40 cells"):
        topic_proportions_heatmap(adata, "gaps")
