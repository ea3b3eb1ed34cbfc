"""Stacked bars: whole bars, the right pieces, and what is left out said."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import topic_proportions
from sce2tm.pl.style import GREY


def pieces(ax, n_groups):
    """Widths, topics x groups."""
    return np.array([bar.get_width() for bar in ax.patches]).reshape(-1, n_groups)


def entries(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_pieces_are_the_group_means(adata):
    ax = topic_proportions(adata, "cell_type")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["B", "T"]
    # means of B and T over the two conditions, as the fixture plants them
    planted = {"topic_1": [0.15, 0.7], "topic_2": [0.6, 0.05], "topic_3": [0.25, 0.25]}
    drawn = dict(zip(entries(ax), pieces(ax, 2).tolist(), strict=True))
    assert drawn.keys() == planted.keys()
    for topic, widths in planted.items():
        np.testing.assert_allclose(drawn[topic], widths, rtol=1e-5)


def test_pieces_stand_end_to_end_and_fill_the_bar(adata):
    ax = topic_proportions(adata, "condition", n_topics=1)
    for row in (0, 1):
        bars = [bar for bar in ax.patches if round(bar.get_y() + bar.get_height() / 2) == row]
        ends = [bar.get_x() + bar.get_width() for bar in bars]
        np.testing.assert_allclose([bar.get_x() for bar in bars[1:]], ends[:-1])
        assert ends[-1] == pytest.approx(1, abs=1e-6)


def test_the_rest_is_grey_and_counted(adata):
    ax = topic_proportions(adata, "cell_type", n_topics=2)
    assert entries(ax)[-1] == "1 other topics"
    assert ax.get_legend().legend_handles[-1].get_color() == GREY
    np.testing.assert_allclose(pieces(ax, 2)[-1], 0.25, rtol=1e-5)


def test_each_group_shows_what_it_has_most_of(adata):
    # topic_1 leads in T, topic_2 in B; topic_3 leads nowhere, though it is larger on average
    adata.obsm["sce2tm_theta"] = np.where(
        (adata.obs["cell_type"] == "T").to_numpy()[:, None], [0.6, 0.0, 0.4], [0.0, 0.52, 0.48]
    )
    assert set(entries(topic_proportions(adata, "cell_type", n_topics=2))[:2]) == {
        "topic_1",
        "topic_2",
    }


def test_numbers_stand_in_pieces_with_room(adata):
    ax = topic_proportions(adata, "cell_type")
    # 6 pieces, all 0.05 or wider
    assert sorted(text.get_text() for text in ax.texts) == ["1", "1", "2", "2", "3", "3"]
    adata.obsm["sce2tm_theta"] = np.tile([0.98, 0.01, 0.01], (40, 1))
    assert [text.get_text() for text in topic_proportions(adata, "cell_type").texts] == ["1", "1"]


def test_a_hundred_topics_stay_legible(adata):
    adata.obsm["sce2tm_theta"] = np.random.default_rng(0).dirichlet(np.ones(100), size=40)
    adata.uns["sce2tm"]["topic_names"] = [f"topic_{k + 1}" for k in range(100)]
    ax = topic_proportions(adata, "condition")
    assert len(entries(ax)) == 16
    assert entries(ax)[-1] == "85 other topics"
    np.testing.assert_allclose(pieces(ax, 2).sum(axis=0), 1)


def test_bad_input(adata):
    adata.obs["gaps"] = [None, *["x"] * 39]
    with pytest.raises(InputError, match="'gaps'.*1 of 40 cells"):
        topic_proportions(adata, "gaps")
    with pytest.raises(InputError, match="'types' is no column"):
        topic_proportions(adata, "types")
    with pytest.raises(InputError, match="n_topics=0"):
        topic_proportions(adata, "cell_type", n_topics=0)
