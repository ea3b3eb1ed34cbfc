"""What the loss curves show."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import history


def test_one_panel_for_each_term_and_the_sum_first(adata):
    axes = history(adata)
    assert len(axes) == 3
    assert axes[0].get_title() == "loss (sum of all terms)"
    curves = adata.uns["sce2tm"]["history"]
    for ax, term in zip(axes, ["loss", "kl", "ecr"], strict=True):
        x, y = ax.lines[0].get_data()
        np.testing.assert_array_equal(x, curves["step"])
        np.testing.assert_array_equal(y, curves[term])


def test_no_empty_panels(adata):
    steps = adata.uns["sce2tm"]["history"]["step"]
    terms = ("loss", "reconstruction", "kl", "ecr", "consistency", "contrast", "balance")
    adata.uns["sce2tm"]["history"] = {"step": steps} | dict.fromkeys(terms, steps)
    axes = history(adata)
    assert len(axes) == 7
    assert len(axes[0].figure.axes) == 7


def test_state_is_drawn_from_zero_and_counts_in_whole_numbers(adata):
    steps = np.arange(1, 9)
    state = {
        "dead_topics": np.zeros(8),
        "transport_iterations": np.array([1, 2] * 4),
        "transported_mass": np.full(8, 1 - 1e-7),
        "learning_rate": np.full(8, 1e-3),
    }
    adata.uns["sce2tm"]["history"] = {"step": steps, "loss": 1e3 / steps} | state
    loss, *others = history(adata)
    assert loss.get_ylim()[0] > 0
    for ax, values in zip(others, state.values(), strict=True):
        low, high = ax.get_ylim()
        assert low == 0
        assert values.max() < high
    for ax in others[:2]:
        assert all(tick == round(tick) for tick in ax.get_yticks())


def test_one_value_alone_is_a_point(adata):
    adata.uns["sce2tm"]["history"] = {"step": np.array([5]), "loss": np.array([2.0])}
    (ax,) = history(adata)
    assert ax.lines[0].get_marker() == "o"


def test_no_results(adata):
    del adata.uns["sce2tm"]
    with pytest.raises(InputError, match="history"):
        history(adata)
