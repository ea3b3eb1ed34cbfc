"""The right topic agrees with the treatment, others do not."""

import numpy as np
import pytest
from scipy.stats import hypergeom, spearmanr

from programs import LIFT, treated_cells
from sce2tm import InputError
from sce2tm.tl import compare_perturbation, perturb

OBSERVED = ("drug", "no", "yes")


@pytest.fixture
def cells():
    return treated_cells()


def compared(adata, topics, **settings):
    moved = perturb(adata, topics, value=LIFT, cells="drug == 'no'", groupby="kind")
    settings = {"n_random": 30, "n_top": 10, "progress": False} | settings
    return compare_perturbation(adata, moved, OBSERVED, **settings)


def of_all(found):
    return found.scores[found.scores["group"] == "all"].set_index("statistic")


def test_the_treatments_topic_agrees(cells):
    scores = of_all(compared(cells, "topic_3"))
    assert scores.loc["rank_correlation", "value"] > 0.7
    assert scores.loc["overlap", "value"] >= 9
    assert scores.loc["distance_closed", "value"] > 0.9
    assert (scores["value"] > scores["random_mean"]).all()
    assert scores.loc["overlap", "hypergeometric_p"] == pytest.approx(
        float(hypergeom.sf(scores.loc["overlap", "value"] - 1, 40, 10, 10))
    )
    # one draw in four is the topic itself
    assert (scores["p_value"] < 0.5).all()


def test_another_topic_does_not(cells):
    scores = of_all(compared(cells, "topic_4"))
    right = of_all(compared(cells, "topic_3"))
    # not nothing: whatever comes in, the cells' own program makes room for it
    assert (scores["value"] < right["value"]).all()
    assert scores.loc["overlap", "value"] <= 3
    assert scores.loc["distance_closed", "value"] < 0
    assert (scores["p_value"] > right["p_value"]).all()


def test_observed_changes_are_differences_of_means(cells):
    found = compared(cells, "topic_3").genes
    table = found[found["group"] == "T"].set_index("gene")
    logs, kind, drug = cells.X.toarray(), cells.obs["kind"] == "T", cells.obs["drug"] == "yes"
    np.testing.assert_allclose(
        table["observed"],
        logs[kind & drug].mean(axis=0) - logs[kind & ~drug].mean(axis=0),
        atol=1e-5,
    )
    scores = compared(cells, "topic_3").scores.set_index(["group", "statistic"])
    assert scores.loc[("T", "rank_correlation"), "value"] == pytest.approx(
        spearmanr(table["observed"], table["predicted"]).statistic
    )


def test_all_is_the_mean_over_groups_by_moved_cells(cells):
    moved = perturb(
        cells, "topic_3", cells="drug == 'no' and (kind == 'T' or index < 'cell15')", groupby="kind"
    )
    settings = {"n_random": 1, "progress": False}
    genes = compare_perturbation(cells, moved, OBSERVED, **settings).genes
    table = genes.pivot(index="gene", columns="group", values="predicted")
    sizes = moved.genes.groupby("group")["n_cells"].first()
    np.testing.assert_allclose(
        table["all"], (table["T"] * sizes["T"] + table["B"] * sizes["B"]) / sizes.sum(), atol=1e-7
    )


def test_the_judging_cells_can_be_others(cells):
    half = np.arange(cells.n_obs) < 120
    found = compared(cells, "topic_3", cells=half).genes
    again = compared(cells, "topic_3").genes
    assert not np.allclose(found["observed"], again["observed"])
    np.testing.assert_allclose(found["predicted"], again["predicted"])


def test_seeds_decide_the_draws(cells):
    one, same, other = (compared(cells, "topic_3", seed=seed).scores for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_small_groups_are_left_out(cells):
    rare = (cells.obs["kind"] == "B").to_numpy() & (np.arange(cells.n_obs) > 30)
    found = compared(cells[~rare].copy(), "topic_3")
    assert found.genes["group"].unique().tolist() == ["all", "T"]
    with pytest.raises(InputError, match="no group of 'kind' has 10"):
        compared(cells[:24].copy(), "topic_3")


def test_no_groups_is_one_row_each(cells):
    moved = perturb(cells, "topic_3", cells="drug == 'no'")
    found = compare_perturbation(cells, moved, OBSERVED, n_random=1, progress=False)
    assert found.scores["group"].tolist() == ["all"] * 3


def test_what_cannot_be(cells):
    moved = perturb(cells, "topic_3", cells="drug == 'no'")
    with pytest.raises(InputError, match="'maybe' is not in"):
        compare_perturbation(cells, moved, ("drug", "no", "maybe"))
    with pytest.raises(InputError, match=r"adata lacks \d+ of the 120 moved"):
        compare_perturbation(cells[:50], moved, OBSERVED)
    with pytest.raises(InputError, match="n_random=0"):
        compare_perturbation(cells, moved, OBSERVED, n_random=0)
    whole = perturb(cells, [f"topic_{k}" for k in range(1, 5)])
    with pytest.raises(InputError, match="moved all topics"):
        compare_perturbation(cells, whole, OBSERVED)
