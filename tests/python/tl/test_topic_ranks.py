"""The ranked list of one topic."""

import pytest

from gene_set_toys import annotated
from sce2tm.errors import InputError
from sce2tm.tl import topic_ranks


@pytest.fixture
def adata():
    nan = float("nan")
    weights = [[0.2, 0.8], [0.9, 0.1], [nan, nan], [0.2, 0.8]]
    return annotated(weights, ["b", "c", "unseen", "a"])


def test_scores_of_ranks(adata):
    ranks = topic_ranks(adata, "topic_1")
    assert ranks.index.tolist() == ["c", "a", "b"]  # the tie by name
    assert ranks.tolist() == pytest.approx([1 + 1 / 2 + 1 / 3, 1 / 2 + 1 / 3, 1 / 3])
    assert ranks.name == "topic_1"


def test_weights(adata):
    ranks = topic_ranks(adata, "topic_2", "weight")
    assert ranks.to_dict() == {"a": 0.8, "b": 0.8, "c": 0.1}
    assert ranks.index.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("topic_9",), "topic='topic_9'.*topic_1 to topic_2"), (("topic_1", "z"), "ranking='z'")],
)
def test_bad_input(adata, arguments, message):
    with pytest.raises(InputError, match=message):
        topic_ranks(adata, *arguments)
