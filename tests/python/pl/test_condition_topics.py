"""What the bars of changed topics show."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from sce2tm.errors import InputError
from sce2tm.pl import condition_topics
from sce2tm.pl.style import DOWN, UP


def test_bars_are_differences_of_means_largest_rise_on_top(adata):
    ax = condition_topics(adata, "condition", n_genes=1)
    # means, CTRL: 0.5, 0.4, 0.1; STIM: 0.35, 0.25, 0.4
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "topic_3  ISG15"
    assert set(labels[1:]) == {"topic_1  CD3D", "topic_2  MS4A1"}
    np.testing.assert_allclose(
        [bar.get_width() for bar in ax.patches], [0.3, -0.15, -0.15], rtol=1e-5
    )
    assert ax.yaxis_inverted()
    assert "STIM minus CTRL" in ax.get_xlabel()


def test_rise_and_fall_differ_in_colour(adata):
    bars = condition_topics(adata, "condition").patches
    assert [bar.get_facecolor() for bar in bars] == [to_rgba(UP), to_rgba(DOWN), to_rgba(DOWN)]


def test_groups_say_the_direction(adata):
    ax = condition_topics(adata, "condition", groups=("STIM", "CTRL"))
    assert ax.patches[-1].get_width() == pytest.approx(-0.3)


def test_only_the_largest_differences(adata):
    ax = condition_topics(adata, "condition", n_topics=1)
    assert len(ax.patches) == 1
    assert ax.patches[0].get_width() == pytest.approx(0.3)


def test_more_than_two_groups(adata):
    adata.obs["batch"] = list("abcd") * 10
    with pytest.raises(InputError, match="4 groups.*groups="):
        condition_topics(adata, "batch")
    assert len(condition_topics(adata, "batch", groups=("a", "b")).patches) == 3


def test_unknown_column_and_group(adata):
    with pytest.raises(InputError, match="'drug' is no column.*condition"):
        condition_topics(adata, "drug")
    with pytest.raises(InputError, match="'IFN'.*CTRL"):
        condition_topics(adata, "condition", groups=("CTRL", "IFN"))
