"""What the survival curves show."""

import numpy as np
import pandas as pd

from sce2tm.pl import kaplan_meier
from sce2tm.tl import kaplan_meier as curves


def test_steps_and_legend():
    score = pd.Series([0.0, 0.1, 0.2, 1.0, 1.1, 1.2], name="topic_1")
    found = curves(score, [2, 4, 6, 1, 1, 3], [1, 0, 1, 1, 1, 0])
    ax = kaplan_meier(found)
    low, ended_low, high, ended_high = ax.lines
    np.testing.assert_array_equal(low.get_xdata(), [0, 2, 4, 6])
    np.testing.assert_allclose(low.get_ydata(), [1, 2 / 3, 2 / 3, 0])
    assert low.get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(ended_low.get_xdata(), [4])
    np.testing.assert_array_equal(ended_high.get_xdata(), [3])
    np.testing.assert_allclose(high.get_ydata(), [1, 1 / 3, 1 / 3])
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["low (3)", "high (3)"]
    assert legend.get_title().get_text() == "cut at 0.6"
    assert ax.get_title().startswith("topic_1: log-rank p = ")
