"""The curve, the members, and the values below it."""

import numpy as np
import pytest

from gene_set_toys import annotated
from sce2tm.errors import InputError
from sce2tm.pl import gsea_running_sum
from sce2tm.tl import gsea

GENES = [f"G{i}" for i in range(60)]


@pytest.fixture
def weights():
    return np.column_stack([np.linspace(0.9, 0.1, 60), np.linspace(0.1, 0.9, 60)])


def test_curve_by_hand():
    adata = annotated([[0.5, 0.5], [0.3, 0.7], [0.2, 0.8]], ["A", "B", "C"])
    ax = gsea_running_sum(adata, {"s": ["A", "C"]}, "topic_1", "s", ranking="weight")
    # 5/7 up, one miss down, 2/7 up
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0, 5 / 7, -2 / 7, 0], atol=1e-9)
    assert ax.get_title() == "s, topic_1: ES 0.71"
    assert ax.get_xlabel() == "genes by weight (1 of 2 in the leading edge)"
    members, values = ax.child_axes
    others, leading = (lines.get_segments() for lines in members.collections)
    assert [segment[0][0] for segment in leading] == [1]
    assert [segment[0][0] for segment in others] == [3]
    assert values.get_ylabel() == "weight"


@pytest.mark.parametrize(("topic", "sign"), [("topic_1", 1), ("topic_2", -1)])
def test_peak_and_leading_edge_are_those_of_the_table(weights, topic, sign):
    adata, sets = annotated(weights, GENES), {"s": [*GENES[2:14], GENES[40]]}
    table = gsea(adata, sets, min_size=5, score_type="std", progress=False)
    row = table[table["topic"] == topic].iloc[0]
    ax = gsea_running_sum(adata, sets, topic, "s")
    heights = ax.lines[0].get_ydata()
    assert heights[np.abs(heights).argmax()] == pytest.approx(row["ES"])
    assert np.sign(row["ES"]) == sign
    members = ax.child_axes[0]
    assert len(members.collections[1].get_segments()) == len(row["leadingEdge"])


def test_case(weights):
    adata, sets = annotated(weights, GENES), {"s": ["g1", "g2"]}
    with pytest.raises(InputError, match="0 of its 2 genes"):
        gsea_running_sum(adata, sets, "topic_1", "s")
    assert gsea_running_sum(adata, sets, "topic_1", "s", ignore_case=True).get_title()


@pytest.mark.parametrize(
    ("topic", "pathway", "message"),
    [
        ("topic_9", "s", "topic='topic_9'"),
        ("topic_1", "t", "pathway='t' is none of the 2 gene sets, such as 's'"),
        ("topic_1", "all", "60 of its 60 genes"),
    ],
)
def test_bad_input(weights, topic, pathway, message):
    adata = annotated(weights, GENES)
    with pytest.raises(InputError, match=message):
        gsea_running_sum(adata, {"s": GENES[:5], "all": GENES}, topic, pathway)
