"""Which dots there are, how large and of what colour."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import enrichment_dots


def names(labels):
    return [label.get_text() for label in labels]


def pairs(rows, **more):
    table = pd.DataFrame(rows, columns=["topic", "pathway", "pval", "NES"])
    return table.assign(padj_all=table["pval"] * 10, **more)


@pytest.fixture
def table():
    return pairs(
        [
            ("topic_1", "T cells", 1e-9, 2.1),
            ("topic_1", "B cells", 0.6, 0.7),
            ("topic_2", "T cells", 1e-4, 1.6),
            ("topic_2", "B cells", 1e-6, 1.9),
            ("topic_3", "T cells", 0.9, 0.5),
            ("topic_3", "B cells", 0.9, 0.5),
        ]
    )


def test_dots(table):
    ax = enrichment_dots(table)
    dots = ax.collections[0]
    assert names(ax.get_xticklabels()) == ["topic_1", "topic_2"]  # topic_3 has none
    assert names(ax.get_yticklabels()) == ["T cells", "B cells"]
    assert {tuple(at) for at in dots.get_offsets()} == {(0, 0), (1, 0), (1, 1)}
    by_place = dict(zip(map(tuple, dots.get_offsets()), dots.get_array(), strict=True))
    assert by_place == {(0, 0): 2.1, (1, 0): 1.6, (1, 1): 1.9}
    sizes = dict(zip(map(tuple, dots.get_offsets()), dots.get_sizes(), strict=True))
    assert sizes[0, 0] / sizes[1, 0] == pytest.approx(8 / 3)  # 1e-8 and 1e-3
    assert ax.get_legend().get_title().get_text() == "adjusted p"


def test_topics_can_be_named(table):
    ax = enrichment_dots(table, ["topic_2", "topic_3"])
    assert names(ax.get_xticklabels()) == ["topic_2", "topic_3"]
    assert len(ax.collections[0].get_offsets()) == 2


def test_the_best_pathway_of_each_topic_comes_first():
    rows = [("topic_1", f"p{i}", 10.0 ** -(20 - i), 2.0) for i in range(10)]
    table = pairs([*rows, ("topic_2", "own", 1e-4, 1.5)])
    shown = names(enrichment_dots(table, n_pathways=3).get_yticklabels())
    assert shown == ["p0", "p1", "own"]


def test_most_enriched_topics_are_taken():
    table = pairs([(f"topic_{k}", "p", 10.0**-k, 2.0) for k in range(2, 40)])
    ax = enrichment_dots(table, n_topics=3)
    assert names(ax.get_xticklabels()) == ["topic_37", "topic_38", "topic_39"]
    assert ax.collections[0].get_sizes().max() == ax.collections[0].get_sizes().min()  # both cut


def test_ora_is_coloured_by_fold(table):
    table = table.drop(columns="NES").assign(foldEnrichment=8.0)
    ax = enrichment_dots(table)
    assert set(np.asarray(ax.collections[0].get_array())) == {3.0}


def test_long_names_are_cut():
    ax = enrichment_dots(pairs([("topic_1", "x" * 100, 1e-9, 2.0)]))
    (name,) = names(ax.get_yticklabels())
    assert name == "x" * 47 + "…"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"topics": ["topic_9"]}, r"topics=\['topic_9'\]"),
        ({"threshold": 1e-12}, "no pathway is enriched. The smallest padj_all is 1e-08"),
        ({"topics": ["topic_3"]}, "no pathway is enriched"),
    ],
)
def test_bad_input(table, arguments, message):
    with pytest.raises(InputError, match=message):
        enrichment_dots(table, **arguments)
