"""The volcano: every topic once, in the colour of its direction, the clear ones named."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from sce2tm.errors import InputError
from sce2tm.pl import volcano
from sce2tm.pl.style import DOWN, UP


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "topic": ["topic_1", "topic_2", "topic_3", "topic_4"],
            "group": "STIM",
            "reference": "CTRL",
            "test": "paired t, donors",
            "difference": [0.3, -0.2, 0.1, 0.0],
            "auc": [0.9, 0.2, 0.6, 0.5],
            "padj": [0.0, 1e-4, 0.2, 1.0],
        }
    )


def named(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_dots_are_effects_and_minus_log_p(table):
    dots = np.asarray(volcano(table).collections[0].get_offsets())
    np.testing.assert_allclose(dots[:, 0], table["difference"])
    np.testing.assert_allclose(dots[:, 1], [300, 4, -np.log10(0.2), 0], atol=1e-12)


def test_colours_tell_up_down_and_neither(table):
    fills = volcano(table).collections[0].get_facecolors()
    assert tuple(fills[0]) == to_rgba(UP)
    assert tuple(fills[1]) == to_rgba(DOWN)
    assert tuple(fills[2]) == tuple(fills[3]) == to_rgba("#9A9A9A")


def test_by_auc_a_half_is_the_middle(table):
    ax = volcano(table, effect="auc")
    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 0], table["auc"])
    assert np.mean(ax.get_xlim()) == pytest.approx(0.5)
    assert tuple(ax.collections[0].get_facecolors()[1]) == to_rgba(DOWN)


def test_significant_topics_are_named_the_surest_first(table):
    assert named(volcano(table)) == ["topic_1", "topic_2"]
    assert named(volcano(table, n_labels=1)) == ["topic_1"]
    assert named(volcano(table, threshold=0.5)) == ["topic_1", "topic_2", "topic_3"]


def test_axes_say_what_is_compared_and_how(table):
    ax = volcano(table)
    assert ax.get_xlabel() == "difference of means, STIM against CTRL"
    assert ax.get_title() == "topics that differ (paired t, donors)"


def test_one_group_of_several(table):
    both = pd.concat([table, table.assign(group="DRUG", difference=0.5)])
    ax = volcano(both, "DRUG")
    assert len(ax.collections[0].get_offsets()) == 4
    assert "DRUG against CTRL" in ax.get_xlabel()
    with pytest.raises(InputError, match=r"2 groups.*\['STIM', 'DRUG'\]"):
        volcano(both)
    with pytest.raises(InputError, match="group='B'.*'STIM'"):
        volcano(both, "B")


def test_a_hundred_topics(rng):
    table = pd.DataFrame(
        {
            "topic": [f"topic_{k + 1}" for k in range(100)],
            "group": "a",
            "reference": "rest",
            "test": "Mann-Whitney, cells",
            "difference": rng.normal(size=100),
            "auc": 0.5,
            "padj": 10 ** -rng.uniform(0, 90, size=100),
        }
    )
    ax = volcano(table)
    assert len(ax.collections[0].get_offsets()) == 100
    assert 10 <= len(named(ax)) <= 20


def test_nothing_differs(table):
    ax = volcano(table.assign(padj=1.0, difference=0.0))
    assert named(ax) == []


def test_bad_input_and_own_axes(table):
    own = plt.subplots()[1]
    assert volcano(table, ax=own) is own
    with pytest.raises(InputError, match="effect='p'"):
        volcano(table, effect="p")
    with pytest.raises(InputError, match=r"lacks the columns \['padj'\]"):
        volcano(table.drop(columns="padj"))
    with pytest.raises(InputError, match="0 rows"):
        volcano(table[:0])
