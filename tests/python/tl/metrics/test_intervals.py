"""Intervals over topics: planted answers, and how often they hold the truth."""

import numpy as np
import pytest

from sce2tm.tl.metrics import topic_diversity
from sce2tm.tl.metrics.intervals import topic_interval


def test_the_interval_of_a_mean(rng):
    values = list(rng.normal(0.3, 0.1, size=200))
    low, high = topic_interval(np.mean, values, rng)
    half = 1.96 * np.std(values) / np.sqrt(200)
    assert (low + high) / 2 == pytest.approx(np.mean(values), abs=0.1 * half)
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)


def test_topics_that_are_alike_give_no_width(rng):
    assert topic_interval(np.mean, [0.4] * 10, rng) == pytest.approx((0.4, 0.4))
    apart = [[f"g{10 * topic + gene}" for gene in range(10)] for topic in range(20)]
    assert topic_interval(topic_diversity, apart, rng) == pytest.approx((1.0, 1.0))


def test_it_is_cut_to_the_range(rng):
    values = [0.0] * 9 + [1.0] * 2
    assert topic_interval(np.mean, values, rng, (0.1, 0.3)) == (0.1, 0.3)


def test_too_few_topics(rng):
    assert np.isnan(topic_interval(np.mean, [0.1, 0.2], rng)).all()


@pytest.mark.parametrize(
    "statistic",
    [topic_diversity, lambda tops: float(len({gene for top in tops for gene in top}))],
    ids=["diversity", "number"],
)
def test_it_holds_the_truth(rng, statistic):
    # topics of 5 genes, some of them far more popular than others
    popularity = 1 / np.arange(1, 101)

    def model():
        keys = rng.exponential(size=(40, 100)) / popularity
        return np.argsort(keys, axis=1)[:, :5].tolist()

    truth = np.mean([statistic(model()) for _ in range(1000)])
    held = 0
    for _ in range(100):
        topics = model()
        low, high = topic_interval(statistic, topics, rng)
        assert low < statistic(topics) < high
        held += low <= truth <= high
    # drawing the topics themselves with replacement would hold it almost never
    assert held >= 90
