"""Cohorts with planted hazards, and cohorts with none."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from sce2tm import InputError
from sce2tm.tl import kaplan_meier, survival


def cohort(n, hazards, seed=0, n_topics=None):
    """Samples whose log hazard is `hazards` times the first topics; half are censored or so."""
    rng = np.random.default_rng(seed)
    n_topics = n_topics or len(hazards)
    names = [f"topic_{k + 1}" for k in range(n_topics)]
    samples = [f"s{i}" for i in range(n)]
    scores = pd.DataFrame(rng.normal(size=(n, n_topics)), index=samples, columns=names)
    scores = (scores - scores.mean()) / scores.std(ddof=0)
    died = rng.exponential(np.exp(-scores.to_numpy()[:, : len(hazards)] @ np.array(hazards)))
    left = rng.exponential(1.5, n)
    return scores * 7 + 3, np.minimum(died, left), died <= left


def test_planted_hazards_come_back():
    scores, time, event = cohort(1500, [0.8], n_topics=4)
    found = survival(scores, time, event).set_index("topic")
    assert found.index[0] == "topic_1"
    assert found.loc["topic_1", "coef"] == pytest.approx(0.8, abs=0.1)
    assert found.loc["topic_1", "hazard_ratio"] == pytest.approx(np.exp(0.8), rel=0.1)
    assert found.loc["topic_1", "ci_low"] < np.exp(0.8) < found.loc["topic_1", "ci_high"]
    assert found.loc["topic_1", "p_adjusted"] < 1e-20
    assert (found.loc["topic_2":, "p_value"] > 0.001).all()
    assert (found["n"] == 1500).all()
    assert (found["n_events"] == event.sum()).all()


def test_covariates_take_their_part():
    scores, time, event = cohort(800, [0.7, -0.9])
    covariates = pd.DataFrame({"age": scores["topic_2"] * 3 + 50})
    covariates["centre"] = np.where(np.arange(800) % 2, "a", "b")
    alone = survival(scores[["topic_1"]], time, event)["coef"][0]
    held = survival(scores[["topic_1"]], time, event, covariates)["coef"][0]
    assert held == pytest.approx(0.7, abs=0.1)
    assert alone < held  # a strong factor left out draws others towards none


def test_without_hazards_p_is_uniform():
    chances = np.concatenate(
        [survival(*cohort(80, [0.0], seed, n_topics=10))["p_value"] for seed in range(12)]
    )
    assert kstest(chances, "uniform").pvalue > 0.01


def test_adjusted_p_is_benjamini_hochberg():
    table = survival(*cohort(200, [0.4], n_topics=6))
    steps = table["p_value"] * 6 / np.arange(1, 7)
    np.testing.assert_allclose(table["p_adjusted"], steps[::-1].cummin()[::-1])


def test_samples_are_matched_by_name():
    scores, time, event = cohort(100, [0.9])
    order = np.random.default_rng(1).permutation(100)
    named = [pd.Series(values, scores.index).iloc[order] for values in (time, event)]
    pd.testing.assert_frame_equal(survival(scores, *named), survival(scores, time, event))


def test_a_topic_that_never_varies_is_nan():
    scores, time, event = cohort(60, [0.9])
    table = survival(scores.assign(topic_2=0.1), time, event)
    assert table.loc[1, "topic"] == "topic_2"
    assert table.loc[1, ["coef", "p_value", "p_adjusted"]].isna().all()


def test_curves_by_hand():
    score = pd.Series([0.0, 0.1, 0.2, 1.0, 1.1, 1.2], name="topic_1")
    found = kaplan_meier(score, [2, 4, 6, 1, 1, 3], [1, 0, 1, 1, 1, 0])
    assert (found.name, found.cut) == ("topic_1", pytest.approx(0.6))
    low = found.curves[found.curves["group"] == "low"].set_index("time")
    assert low["survival"].to_dict() == pytest.approx({0: 1, 2: 2 / 3, 4: 2 / 3, 6: 0})
    assert low["at_risk"].to_dict() == {0: 3, 2: 3, 4: 2, 6: 1}
    high = found.curves[found.curves["group"] == "high"].set_index("time")
    assert high["survival"].to_dict() == pytest.approx({0: 1, 1: 1 / 3, 3: 1 / 3})
    assert high["censored"].to_dict() == {0: 0, 1: 0, 3: 1}
    # log-rank by hand: at 1, 2, 6; observed less expected in the low group, and its variance
    expected = 2 * 3 / 6 + 3 / 4 + 1
    variance = 2 * 3 * 3 * 4 / (36 * 5) + 3 / 16 + 0
    from scipy.stats import chi2

    assert found.p_value == pytest.approx(chi2.sf((2 - expected) ** 2 / variance, 1))


def test_a_cut_can_be_named():
    scores, time, event = cohort(90, [1.5])
    score = scores["topic_1"]
    assert kaplan_meier(score, time, event, 5.0).curves["at_risk"].iloc[0] == (score <= 5).sum()
    assert kaplan_meier(score, time, event).p_value < 1e-4
    with pytest.raises(InputError, match="leaves 0 of 90"):
        kaplan_meier(score, time, event, 1e6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": [1.0] * 9}, "time has 9 values for 60"),
        ({"time": [0.0] * 60}, "time must be above 0"),
        ({"event": [2] * 60}, r"event 0 or 1.*2\.0"),
        ({"event": [0] * 60}, "event is 0 in all"),
        ({"scores": np.nan}, "miss a value"),
    ],
)
def test_what_cannot_be(change, message):
    scores, time, event = cohort(60, [0.5])
    given = {"scores": scores, "time": time, "event": event}
    if "scores" in change:
        change = {"scores": scores.assign(topic_1=change["scores"])}
    with pytest.raises(InputError, match=message):
        survival(**given | change)


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "lifelines", None)
    with pytest.raises(ImportError, match=r"extra 'survival'.*pysce2tm\[survival\]"):
        survival(*cohort(60, [0.5]))
