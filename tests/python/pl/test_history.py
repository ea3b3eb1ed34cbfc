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


def test_no_results(adata):
    del adata.uns["sce2tm"]
    with pytest.raises(InputError, match="history"):
        history(adata)
