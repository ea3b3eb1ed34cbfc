"""Agreement of clusters with types: planted answers."""

from math import log

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.tl.metrics import cluster_scores


def test_the_same_under_other_names():
    scores = cluster_scores(["T", "T", "B", "NK"], [7, 7, 0, 3])
    assert scores == pytest.approx({"ARI": 1.0, "NMI": 1.0, "AMI": 1.0, "purity": 1.0})


def test_planted():
    # types 3 T, 3 B; clusters: T T | T B B B. Pairs together: 6 by type, 7 by cluster, 4 by both
    scores = cluster_scores(list("TTTBBB"), [0, 0, 1, 1, 1, 1])
    chance = 6 * 7 / 15
    assert scores["ARI"] == pytest.approx((4 - chance) / ((6 + 7) / 2 - chance))
    assert scores["purity"] == pytest.approx(5 / 6)
    types, clusters = log(2), log(3) / 3 + 2 / 3 * log(3 / 2)
    inside = 2 / 3 * (log(4) / 4 + 3 / 4 * log(4 / 3))  # entropy of types within clusters
    assert scores["NMI"] == pytest.approx((types - inside) / ((types + clusters) / 2))


def test_chance_is_zero_where_adjusted(rng):
    scores = cluster_scores(rng.choice(list("abc"), 300), rng.integers(40, size=300))
    assert abs(scores["ARI"]) < 0.02
    assert abs(scores["AMI"]) < 0.02
    assert scores["NMI"] > 0.04
    assert scores["purity"] > 0.4


@pytest.mark.parametrize(
    ("labels", "clusters", "message"),
    [
        (["a", "b"], [0], "labels has 2 values and clusters has 1"),
        ([], [], "labels has 0 values"),
        (["a", None, np.nan], [0, 1, 2], "labels: 2 values are missing"),
        (["a", "b"], [0.0, np.nan], "clusters: 1 values are missing"),
    ],
)
def test_bad_input_is_named(labels, clusters, message):
    with pytest.raises(InputError, match=message):
        cluster_scores(labels, clusters)
