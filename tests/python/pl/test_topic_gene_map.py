"""The map of genes and topics, as it is drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from sce2tm.errors import InputError
from sce2tm.pl import topic_gene_map
from sce2tm.pl.style import PALETTE


@pytest.fixture
def table():
    """Two topics, three genes each, far apart."""
    genes = [f"g{i}" for i in range(6)]
    return pd.DataFrame(
        {
            "name": [*genes, "topic_1", "topic_2"],
            "kind": ["gene"] * 6 + ["topic"] * 2,
            "x": [0, 1, 2, 20, 21, 22, 1, 21],
            "y": [0.0, 2, 0, 20, 22, 20, 1, 21],
            "topic": ["topic_1"] * 3 + ["topic_2"] * 3 + ["topic_1", "topic_2"],
            "weight": [0.5, 0.9, 0.6, 0.8, 0.7, 0.75, np.nan, np.nan],
        }
    )


def named(ax):
    return {text.get_text() for text in ax.texts if text.get_text()}


def test_genes_have_the_colour_of_their_topic(table):
    dots, stars = topic_gene_map(table).collections
    np.testing.assert_allclose(dots.get_offsets(), table[["x", "y"]][:6])
    np.testing.assert_allclose(stars.get_offsets(), table[["x", "y"]][6:])
    expected = [to_rgba(PALETTE[topic])[:3] for topic in (0, 0, 0, 1, 1, 1)]
    np.testing.assert_allclose(dots.get_facecolors()[:, :3], expected)
    np.testing.assert_allclose(stars.get_facecolors(), [to_rgba(color) for color in PALETTE[:2]])


def test_stars_are_numbered_and_the_top_gene_of_each_is_named(table):
    assert named(topic_gene_map(table)) == {"1", "2", "g1", "g3"}
    assert named(topic_gene_map(table, n_genes=2)) == {"1", "2", "g1", "g2", "g3", "g5"}


def test_chosen_genes_are_named(table):
    assert named(topic_gene_map(table, ["g0", "g4"])) == {"1", "2", "g0", "g4"}
    assert named(topic_gene_map(table, [])) == {"1", "2"}


def test_a_hundred_topics_are_all_numbered(rng):
    places = rng.uniform(0, 100, size=(100, 2))
    names = [f"topic_{k + 1}" for k in range(100)]
    genes = pd.DataFrame(
        {
            "name": [f"g{i}" for i in range(300)],
            "kind": "gene",
            "x": np.repeat(places[:, 0], 3) + rng.normal(size=300),
            "y": np.repeat(places[:, 1], 3) + rng.normal(size=300),
            "topic": np.repeat(names, 3),
            "weight": rng.random(300),
        }
    )
    stars = pd.DataFrame(
        {"name": names, "kind": "topic", "x": places[:, 0], "y": places[:, 1], "topic": names}
    )
    shown = named(topic_gene_map(pd.concat([genes, stars])))
    assert len(shown & {str(k + 1) for k in range(100)}) >= 95
    assert len(shown - {str(k + 1) for k in range(100)}) >= 50


def test_bad_input(table):
    with pytest.raises(InputError, match="genes: 'CD3D' are not on the map"):
        topic_gene_map(table, ["g0", "CD3D"])
    with pytest.raises(InputError, match=r"lacks the columns \['x'\].*tl.topic_gene_map"):
        topic_gene_map(table.drop(columns="x"))
