"""What the figure of measures shows."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from sce2tm.errors import InputError
from sce2tm.pl import metrics
from sce2tm.pl.style import PALETTE

COLUMNS = ["metric", "value", "low", "high", "note"]
ROWS = [
    ("TC", 0.2, -0.1, 0.4, ""),
    ("IP", 0.8, 0.7, 0.9, ""),
    ("IP_random", 0.3, np.nan, np.nan, ""),
    ("ORA_N", 25, 10, 40, ""),
    ("ARI_oracle", 0.5, np.nan, np.nan, ""),
]


@pytest.fixture
def table():
    return pd.DataFrame(ROWS, columns=COLUMNS)


def dots(ax):
    """Places of the dots, model by model."""
    return [
        np.asarray(found.get_offsets())
        for found in ax.collections
        if isinstance(found, PathCollection)
    ]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_scores_above_and_numbers_below(table):
    scores, numbers = metrics(table)
    assert labels(scores) == ["coherence  TC", "purity of topics  IP", "clusters  ARI_oracle"]
    assert labels(numbers) == ["ORA, gene sets  ORA_N"]
    assert dots(scores)[0].tolist() == [[0.2, 0], [0.8, 1], [0.5, 2]]
    assert dots(numbers)[0].tolist() == [[25, 0]]
    assert scores.get_ylim() == (2.5, -0.5)  # the first row on top
    assert scores.get_xlim() == (-0.1, 1.0)
    assert numbers.get_xlim()[0] == 0
    assert "95 %" in scores.get_xlabel()


def test_intervals_and_values_are_written(table):
    scores = metrics(table)[0]
    lines = scores.collections[0].get_segments()
    np.testing.assert_allclose(lines[0], [[-0.1, 0], [0.4, 0]])
    np.testing.assert_allclose(lines[1], [[0.7, 1], [0.9, 1]])
    assert {text.get_text() for text in scores.texts} == {"0.2", "0.8", "0.5", "at random"}


def test_the_floor_stands_in_the_row_of_purity(table):
    line = metrics(table)[0].lines[0]
    assert (line.get_xdata()[0], line.get_ydata()[0]) == (0.3, 1)
    assert line.get_marker() == "|"


def test_models_beside_each_other(table):
    second = table.assign(value=table["value"] / 2)
    axes = metrics({"K = 20": table, "K = 100": second[:3]})
    first, other = dots(axes[0])
    np.testing.assert_allclose(first[:, 0], [0.2, 0.8, 0.5])
    np.testing.assert_allclose(other[:2, 0], [0.1, 0.4])
    assert (first[:2, 1] < other[:2, 1]).all()
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == ["K = 20", "K = 100"]
    colors = [to_hex(found.get_facecolor()[0]).upper() for found in axes[0].collections[1::2]]
    assert colors == PALETTE[:2]
    assert [text.get_text() for text in axes[0].texts] == ["at random"]


def test_one_kind_alone_is_one_panel(table):
    assert len(metrics(table[:1])) == 1
    assert labels(metrics(table[3:4])[0]) == ["ORA, gene sets  ORA_N"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="low"), r"tables lacks the columns \['low'\]"),
        (lambda table: {"a": table, "b": table[["metric"]]}, r"tables\['b'\] lacks"),
        (lambda table: pd.concat([table, table]), "names a metric twice"),
        (lambda table: table[:0], "no measure to draw"),
        (lambda table: [table], "is a list. Give what"),
        (lambda table: {}, r"tables=\{\} holds no measure"),
    ],
)
def test_bad_input_is_named(table, change, message):
    with pytest.raises(InputError, match=message):
        metrics(change(table))
