"""Order of genes, and the scores of their ranks."""

import logging

import numpy as np
import pandas as pd

from sce2tm.tl._enrichment.ranks import orders, rank_scores


def test_order_by_weight_then_name(caplog):
    weights = pd.DataFrame({"t1": [0.2, 0.9, 0.2], "t2": [0.3, 0.2, 0.1]}, index=["b", "c", "a"])
    with caplog.at_level(logging.INFO, logger="sce2tm"):
        order = orders(weights)
    assert order.tolist() == [[1, 2, 0], [0, 1, 2]]
    assert "2 weights equal another of their topic (1 of 2 topics)" in caplog.text


def test_nothing_is_said_without_ties(caplog):
    with caplog.at_level(logging.INFO, logger="sce2tm"):
        orders(pd.DataFrame({"t": [0.1, 0.2]}, index=["a", "b"]))
    assert caplog.text == ""


def test_scores_are_means_of_sorted_exponential_numbers(rng):
    drawn = -np.sort(-rng.exponential(size=(20_000, 6)), axis=1)
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(rank_scores(6) - drawn.mean(axis=0)) < 4 * error).all()
