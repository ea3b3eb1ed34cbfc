"""What the scatter of changes shows."""

import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from sce2tm import InputError
from sce2tm.pl import fold_changes
from sce2tm.pl.style import DOWN, GREY, UP
from sce2tm.tl.compare_perturbation import Comparison


@pytest.fixture
def comparison():
    genes = pd.DataFrame(
        {
            "group": "all",
            "gene": ["ISG15", "CD14", "JUN", "LYZ", "ACTB"],
            "observed": [4.0, -2.0, 1.5, 0.1, 0.0],
            "predicted": [0.4, -0.3, -0.3, 0.0, 0.01],
        }
    )
    row = {"group": "all", "statistic": "rank_correlation", "value": 0.5}
    random = {"random_mean": 0.1, "random_sd": 0.2, "p_value": 0.01}
    return Comparison(pd.DataFrame([row | random]), genes)


def test_points_and_names(comparison):
    ax = fold_changes(comparison, n_genes=3)
    dots = ax.collections[0]
    places = {tuple(place): tuple(fill) for place, fill in zip(
        dots.get_offsets().tolist(), dots.get_facecolors(), strict=True)}  # fmt: skip
    assert places[4.0, 0.4] == to_rgba(UP)
    assert places[-2.0, -0.3] == to_rgba(DOWN)
    assert places[1.5, -0.3] == to_rgba("black")
    assert places[0.1, 0.0] == to_rgba(GREY)
    assert {text.get_text() for text in ax.texts} - {""} == {"ISG15", "CD14", "JUN"}
    assert "0.50" in ax.get_title()
    assert "0.10 ± 0.20, p = 0.01" in ax.get_title()


def test_an_unknown_group(comparison):
    with pytest.raises(InputError, match=r"group='B'.*\['all'\]"):
        fold_changes(comparison, group="B")
