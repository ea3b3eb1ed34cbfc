"""What the embedding figure shows: every cell, in the colour of its label or value."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from sce2tm.errors import InputError
from sce2tm.pl import embedding
from sce2tm.pl.style import PALETTE


def color_of(ax, point):
    """Colour of the dot at these coordinates."""
    dots = ax.collections[0]
    offsets = np.asarray(dots.get_offsets())
    nearest = np.abs(offsets - point).sum(axis=1).argmin()
    np.testing.assert_allclose(offsets[nearest], point)
    return tuple(dots.get_facecolors()[nearest])


def test_each_cell_has_the_colour_of_its_label(adata):
    ax = embedding(adata, "cell_type")
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["B", "T"]
    assert len(ax.collections[0].get_offsets()) == 40
    for cell, label in enumerate(adata.obs["cell_type"]):
        expected = to_rgba(PALETTE["BT".index(label)])
        assert color_of(ax, adata.obsm["X_umap"][cell]) == expected


def test_legend_has_the_colours_of_the_dots(adata):
    ax = embedding(adata, "condition")
    handles = ax.get_legend().legend_handles
    assert [to_rgba(handle.get_color()) for handle in handles] == [
        to_rgba(color) for color in PALETTE[:2]
    ]


def test_topic_is_drawn_by_its_proportion(adata):
    ax = embedding(adata, "topic_3")
    dots = ax.collections[0]
    assert ax.get_title() == "topic_3"
    values = np.asarray(dots.get_array())
    np.testing.assert_allclose(np.sort(values), np.repeat([0.1, 0.4], 20), rtol=1e-6)
    assert len(ax.figure.axes) == 2  # the colour bar


def test_largest_values_lie_on_top(adata):
    values = np.asarray(embedding(adata, "depth").collections[0].get_array())
    assert (np.diff(values) >= 0).all()


def test_many_labels_are_numbered_on_the_figure_and_in_the_legend(adata):
    adata.obs["fine"] = [f"type {i % 10}" for i in range(40)]
    ax = embedding(adata, "fine")
    assert sorted(int(text.get_text()) for text in ax.texts) == list(range(1, 11))
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert entries[0] == "1  type 0"
    assert len(entries) == 10


def test_number_stands_on_a_cell_of_its_label_even_if_these_are_in_two_places(adata):
    adata.obs["fine"] = ["far apart" if i < 10 or i >= 30 else f"type {i % 9}" for i in range(40)]
    ax = embedding(adata, "fine")
    place = next(text.get_position() for text in ax.texts if text.get_text() == "1")
    own = adata.obsm["X_umap"][adata.obs["fine"] == "far apart"]
    assert np.abs(own - place).sum(axis=1).min() < 1e-9


def test_units_are_not_shown(adata):
    ax = embedding(adata, "condition")
    assert ax.get_xlabel() == "UMAP1"
    assert list(ax.get_xticks()) == []


def test_drawn_on_the_given_axes_and_the_data_are_left_alone(adata):
    own = plt.subplots()[1]
    before = adata.copy()
    assert embedding(adata, "cell_type", ax=own) is own
    assert adata.obs.equals(before.obs)
    assert adata.uns.keys() == before.uns.keys()


def test_unknown_color(adata):
    with pytest.raises(InputError, match="color='celltype'.*cell_type"):
        embedding(adata, "celltype")


def test_no_coordinates(adata):
    del adata.obsm["X_umap"]
    with pytest.raises(InputError, match=r"basis='X_umap'.*sc\.tl\.umap"):
        embedding(adata, "cell_type")
