"""What the curves of a K selection show."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import select_k

KS = [3, 5, 8, 10, 20, 50]


@pytest.fixture
def table():
    """Three seeds; K=8 is the best by both rules."""
    likely = dict(zip(KS, [0.1, 0.2, 0.3, 0.29, 0.25, 0.2], strict=True))
    rows = [
        {
            "n_topics": k,
            "seed": seed,
            "stability": 0.9 - 0.1 * abs(np.log(k / 8)) + 0.01 * seed,
            "held_out": likely[k] + 0.001 * seed,
            "held_out_se": 0.005,
            "diversity": 1 - k / 100,
            "coherence": 0.2,
            "dead_topics": k // 20,
            "duplicate_topics": 0,
            "seconds": 1.0,
        }
        for k in KS
        for seed in (0, 1, 2)
    ]
    return pd.DataFrame(rows)


def titles(axes):
    return [ax.get_title().split(" (")[0] for ax in axes]


def test_a_panel_for_each_figure(table):
    axes = select_k(table)
    assert titles(axes) == [
        "held-out likelihood",
        "stability over seeds",
        "topic diversity",
        "topic coherence",
        "topics that lead no cell",
        "pairs of like topics",
    ]
    assert all(ax.get_xlabel() == "number of topics K" for ax in axes[3:])


def test_the_line_is_the_mean_over_seeds_and_each_model_a_dot(table):
    for ax, name in zip(select_k(table)[1:], ("stability", "diversity"), strict=False):
        line = ax.lines[1]
        np.testing.assert_array_equal(line.get_xdata(), KS)
        np.testing.assert_allclose(line.get_ydata(), table.groupby("n_topics")[name].mean())
        dots = ax.collections[0].get_offsets()
        np.testing.assert_allclose(dots, table[["n_topics", name]])


def test_the_recommendation_is_marked_in_every_panel(table):
    axes = select_k(table)
    assert axes[0].figure.get_suptitle() == "recommended: K = 8"
    assert all(ax.lines[0].get_xdata() == [8, 8] for ax in axes)


def test_a_line_parts_the_k_that_are_as_likely_as_the_best(table):
    means = table.groupby("n_topics")["held_out"].mean()
    for error, likely in ((0.005, [8]), (0.02, [8, 10])):
        table["held_out_se"] = error
        ax = select_k(table)[0]
        (bar,) = ax.collections[1].get_segments()
        assert bar[0][0] == 8
        (line,) = [line for line in ax.lines if line.get_linestyle() == ":"]
        assert line.get_ydata()[0] == pytest.approx(bar[0][1])
        assert means.index[means >= line.get_ydata()[0]].tolist() == likely


def test_figures_that_are_absent_or_unknown_have_no_panel(table):
    table["stability"] = np.nan
    axes = select_k(table.drop(columns="coherence"))
    assert "stability over seeds" not in titles(axes)
    assert "topic coherence" not in titles(axes)
    assert len(axes[0].figure.axes) == len(axes) == 4


def test_ticks_are_the_k_that_were_tried_where_there_is_room(table):
    assert select_k(table)[0].get_xticks().tolist() == [3, 5, 8, 20, 50]


def test_one_k_alone_can_be_drawn(table):
    axes = select_k(table[table["n_topics"] == 8])
    assert axes[0].figure.get_suptitle() == "recommended: K = 8"


def test_another_table(table):
    with pytest.raises(InputError, match="held_out"):
        select_k(table.drop(columns="held_out"))
