"""All pairs, and the best of them by name."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.pl import manhattan


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "topic": ["topic_1", "topic_1", "topic_2", "topic_2"],
            "pathway": ["T cells", "B cells", "T cells", "B cells"],
            "pval": [1e-9, 0.4, 1e-4, 1e-6],
            "padj_all": [1e-8, 0.4, 1e-3, 1e-5],
        }
    )


def points(ax):
    grey, found = ax.collections[:2]
    return np.asarray(grey.get_offsets()), np.asarray(found.get_offsets())


def test_points(table):
    grey, found = points(manhattan(table))
    np.testing.assert_allclose(grey[:, 1], [-np.log10(0.4)])
    np.testing.assert_allclose(found[:, 1], [8, 3, 5])
    # strips of 0.8 around the number of the topic, two pathways a quarter from its ends
    np.testing.assert_allclose(found[:, 0], [-0.2, 0.8, 1.2])
    np.testing.assert_allclose(grey[:, 0], [0.2])


def test_best_pairs_are_named_once_each(table):
    texts = [text.get_text() for text in manhattan(table).texts]
    assert texts == ["1", "2", "1  T cells (topic_1)\n2  B cells (topic_2)"]
    assert len(manhattan(table, n_labels=1).texts) == 2


def test_neighbouring_topics_differ_in_colour(table):
    colors = manhattan(table).collections[1].get_facecolors()
    assert (colors[0] != colors[1]).any()
    assert (colors[1] == colors[2]).all()


def test_order_of_the_rows_within_a_topic_does_not_matter(table):
    """ORA sorts each topic by p: a pathway stands at the same place in each."""
    shuffled = table.iloc[[0, 1, 3, 2]].assign(overlap=1)
    _, found = points(manhattan(shuffled))
    # by name: B cells first
    np.testing.assert_allclose(found[:, 0], [0.2, 0.8, 1.2])


def test_nothing_found_and_p_of_zero(table):
    ax = manhattan(table.assign(padj_all=1.0))
    assert len(ax.texts) == 0
    _, found = points(manhattan(table.assign(padj_all=0.0)))
    assert np.isfinite(found).all()


def test_a_hundred_topics_keep_their_names_apart():
    table = pd.DataFrame({"topic": [f"topic_{k}" for k in range(1, 101)], "pathway": "p"})
    ax = manhattan(table.assign(pval=0.5, padj_all=0.5))
    assert len(ax.get_xticklabels()) == 25
