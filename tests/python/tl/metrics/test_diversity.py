"""Topic diversity: planted answers."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.tl.metrics import topic_diversity


def test_diversity_planted():
    topics = [["A", "B", "C"], ["A", "D", "E"], ["A", "B", "F"]]
    assert topic_diversity(topics) == pytest.approx(6 / 9)  # A B C D E F
    assert topic_diversity(topics, definition="once") == pytest.approx(4 / 9)  # C D E F
    assert topic_diversity(np.array(topics)) == pytest.approx(6 / 9)


def test_diversity_never_cuts_names():
    assert topic_diversity([["HLA-A", "HLA-B"], ["HLA", "A"]]) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: topic_diversity([]), "top_genes is empty"),
        (lambda: topic_diversity(["CD3D", "CD3E"]), "'CD3D' is one name"),
        (lambda: topic_diversity([["A"], []]), r"topics \[2\] have no gene"),
        (lambda: topic_diversity([["A"]], definition="some"), "definition='some'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
