"""What the map of moved cells shows."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.contour import QuadContourSet

from programs import LIFT, treated_cells
from sce2tm import InputError
from sce2tm.pl import perturbation
from sce2tm.pl.perturbation import title
from sce2tm.pl.style import DOWN, UP
from sce2tm.tl import perturb

OBSERVED = ("drug", "no", "yes")


@pytest.fixture
def cells():
    cells = treated_cells()
    # treatment moves right, type is height
    latent = cells.obsm["X_sce2tm"]
    cells.obsm["X_umap"] = np.column_stack([latent[:, 2], latent[:, 0] - latent[:, 1]])
    return cells


def test_arrows_go_from_control_to_treated(cells):
    moved = perturb(cells, "topic_3", value=LIFT, cells="drug == 'no'", groupby="kind")
    ax = perturbation(cells, moved, OBSERVED)
    assert len(ax.texts) == 2
    for arrow in ax.texts:
        (start_x, start_y), (end_x, end_y) = arrow.xyann, arrow.xy
        assert start_x == pytest.approx(0, abs=0.3)
        assert end_x == pytest.approx(LIFT, abs=0.4)
        assert end_y == pytest.approx(start_y, abs=0.4)
    assert ax.get_title() == "topic_3: add 3"


def test_densities_lie_on_their_cells(cells):
    moved = perturb(cells, "topic_3", value=LIFT, cells="drug == 'no'")
    ax = perturbation(cells, moved, OBSERVED)
    shapes = [item for item in ax.collections if isinstance(item, QuadContourSet)]
    middles = [
        np.mean([path.vertices.mean(axis=0)[0] for path in shape.get_paths() if len(path)])
        for shape in shapes
    ]
    assert middles[0] == pytest.approx(0, abs=0.5)
    assert middles[2] == pytest.approx(LIFT, abs=0.5)
    assert middles[4] == pytest.approx(LIFT, abs=0.5)
    assert [to_rgba(shape.get_facecolor()[0], 1) for shape in shapes[:4]] == [
        to_rgba(fill) for fill in (DOWN, DOWN, UP, UP)
    ]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "yes", "moved"]


def test_titles_stay_short(cells):
    assert title(perturb(cells, [f"topic_{k}" for k in range(1, 5)])) == "4 topics: add 1"
    moved = perturb(cells, ["topic_1", "topic_3"], "set", [0.1, 0.2])
    assert title(moved) == "topic_1, topic_3: set"


def test_coordinates_must_be_there(cells):
    moved = perturb(cells, "topic_3")
    with pytest.raises(InputError, match="'X_tsne' is not in"):
        perturbation(cells, moved, OBSERVED, basis="X_tsne")
    with pytest.raises(InputError, match="'maybe' is not in"):
        perturbation(cells, moved, ("drug", "no", "maybe"))
