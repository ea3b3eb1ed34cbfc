"""The rules of the recommendation, on tables made by hand."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.errors import InputError
from sce2tm.tl import recommend_k


def table(held_out, stability, error=0.01, spread=0.0, ks=(5, 10, 20, 40)):
    """Two seeds for each K."""
    rows = [
        {
            "n_topics": k,
            "seed": seed,
            "held_out": value,
            "held_out_se": error,
            "stability": steady + (spread if seed else -spread),
        }
        for k, value, steady in zip(ks, held_out, stability, strict=True)
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows)


def test_the_most_stable_of_the_likely():
    choice = recommend_k(table([0.1, 0.295, 0.30, 0.298], [0.99, 0.7, 0.9, 0.8]))
    assert choice.n_topics == 20
    assert "best at K=20 (0.300)" in choice.reason
    assert "standard error of it: K=10 (0.295), K=20 (0.300), K=40 (0.298)." in choice.reason
    assert "most stable is K=20 (0.90" in choice.reason


def test_the_smallest_of_the_equally_stable():
    # spread 0.1 over two seeds: a standard error of 0.1
    choice = recommend_k(table([0.1, 0.295, 0.30, 0.298], [0.99, 0.85, 0.9, 0.8], spread=0.1))
    assert choice.n_topics == 10
    assert "K=10 (0.85) is the smallest within one standard error" in choice.reason


def test_seeds_that_disagree_widen_the_error():
    figures = table([0.1, 0.29, 0.30, 0.2], [0.5, 0.9, 0.5, 0.5], error=0.001)
    assert recommend_k(figures).n_topics == 20
    figures["held_out"] += np.where(figures["seed"] == 1, 0.01, -0.01)
    assert recommend_k(figures).n_topics == 10


def test_an_unlikely_k_is_not_saved_by_its_stability():
    choice = recommend_k(table([0.1, 0.2, 0.25, 0.3], [0.99, 0.9, 0.8, 0.3]))
    assert choice.n_topics == 40
    assert "largest K that was tried: try larger" in choice.reason
    assert "half of what a topic is changes with the seed" in choice.reason


def test_the_smallest_tried_is_said():
    choice = recommend_k(table([0.3, 0.3, 0.3, 0.2], [0.9, 0.8, 0.7, 0.6]))
    assert choice.n_topics == 5
    assert "smallest K that was tried: try smaller" in choice.reason


def test_without_stability_the_smallest_likely():
    choice = recommend_k(table([0.1, 0.295, 0.30, 0.298], [np.nan] * 4))
    assert choice.n_topics == 10
    assert "With one seed nothing is known" in choice.reason


def test_one_k_alone():
    choice = recommend_k(table([0.3], [0.9], ks=[7]))
    assert choice.n_topics == 7
    assert "tried" not in choice.reason


def test_another_table_is_refused():
    with pytest.raises(InputError, match=r"lacks \['held_out_se'\]"):
        recommend_k(table([0.3], [0.9], ks=[7]).drop(columns="held_out_se"))
    with pytest.raises(InputError, match="lacks rows"):
        recommend_k(table([], [], ks=[]).reindex(columns=table([0.3], [0.9], ks=[7]).columns))
