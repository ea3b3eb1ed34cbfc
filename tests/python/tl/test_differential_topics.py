"""Differential topics: planted shifts, another's p-values, and honest nulls over donors."""

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sce2tm.errors import InputError
from sce2tm.tl import differential_topics

N_TOPICS = 5


def cells_of(latent, **columns):
    cells = anndata.AnnData(np.ones((len(latent), 1), dtype=np.float32))
    for name, values in columns.items():
        cells.obs[name] = np.asarray(values)
    odds = np.exp(latent)
    cells.obsm["X_sce2tm"] = latent
    cells.obsm["sce2tm_theta"] = odds / odds.sum(axis=1, keepdims=True)
    cells.uns["sce2tm"] = {"topic_names": [f"topic_{k + 1}" for k in range(latent.shape[1])]}
    return cells


@pytest.fixture
def adata(rng):
    """Three kinds of 40 cells; topic_2 is high in B."""
    latent = rng.normal(size=(120, N_TOPICS))
    latent[:40, 1] += 2
    kinds = np.repeat(["B", "NK", "T"], 40)
    return cells_of(latent, kind=kinds, half=np.where(kinds == "B", "B", "other"))


@pytest.fixture
def donors(rng):
    """6 donors x control and drug, 30 cells each; the drug raises topic_3 in every donor."""
    donor, drug = np.repeat(np.arange(6), 60), np.tile(np.repeat(["ctrl", "drug"], 30), 6)
    latent = rng.normal(size=(6, N_TOPICS))[donor] + rng.normal(size=(360, N_TOPICS))
    latent[drug == "drug", 2] += 1
    return cells_of(latent, donor=donor, drug=drug)


@pytest.mark.parametrize(("values", "key"), [("theta", "sce2tm_theta"), ("latent", "X_sce2tm")])
def test_over_cells_as_scipy_one_by_one(adata, values, key):
    table = differential_topics(adata, "kind", values=values)
    assert len(table) == 3 * N_TOPICS
    assert set(table["reference"]) == {"rest"}
    numbers = adata.obsm[key]
    for row in table.itertuples():
        inside = adata.obs["kind"] == row.group
        topic = numbers[:, int(row.topic[-1]) - 1]
        one, other = topic[inside], topic[~inside]
        expected = stats.mannwhitneyu(one, other, method="asymptotic")
        assert row.pval == pytest.approx(expected.pvalue)
        assert row.auc == pytest.approx(np.mean(one[:, None] > other))
        assert row.difference == pytest.approx(one.mean() - other.mean())
        assert (row.n, row.n_reference) == (40, 80)


def test_planted_topic_comes_first_in_its_group(adata):
    table = differential_topics(adata, "kind")
    assert table["group"].tolist() == ["B"] * 5 + ["NK"] * 5 + ["T"] * 5
    best = table.iloc[0]
    assert best["topic"] == "topic_2"
    assert best["padj"] < 1e-6
    assert best["auc"] > 0.85


def test_adjusted_over_the_whole_table(adata):
    table = differential_topics(adata, "kind")
    rank = table["pval"].rank(method="first")
    by_hand = [
        min(1, (table["pval"] * len(table) / rank)[table["pval"] >= p].min()) for p in table["pval"]
    ]
    np.testing.assert_allclose(table["padj"], by_hand)


@pytest.mark.parametrize(
    ("arguments", "pairs"),
    [
        ({"groupby": "half"}, [("other", "B")]),
        ({"groupby": "half", "groups": "B"}, [("B", "other")]),
        ({"groupby": "half", "groups": ["other"]}, [("other", "B")]),
        ({"groupby": "kind", "reference": "T"}, [("B", "T"), ("NK", "T")]),
        ({"groupby": "kind", "groups": ["T", "B"]}, [("T", "rest"), ("B", "rest")]),
        ({"groupby": "kind", "groups": ["B"], "reference": "NK"}, [("B", "NK")]),
    ],
)
def test_what_is_compared_with_what(adata, arguments, pairs):
    table = differential_topics(adata, **arguments)
    assert list(dict.fromkeys(zip(table["group"], table["reference"], strict=True))) == pairs


def test_constant_topics_have_p_one(donors):
    donors.obsm["sce2tm_theta"] = np.full((360, N_TOPICS), 1 / N_TOPICS)
    for donor in (None, "donor"):
        table = differential_topics(donors, "drug", donor=donor)
        assert (table["pval"] == 1).all()
        assert (table["auc"] == 0.5).all()


def test_donors_on_both_sides_are_paired(donors):
    table = differential_topics(donors, "drug", donor="donor", values="latent")
    assert set(table["test"]) == {"paired t, donors"}
    assert (table["n"] == 6).all()
    best = table.iloc[0]
    assert (best["topic"], best["auc"]) == ("topic_3", 1.0)
    assert best["padj"] < 0.05
    means = pd.DataFrame(donors.obsm["X_sce2tm"]).groupby(
        [donors.obs["drug"].to_numpy(), donors.obs["donor"].to_numpy()]
    )
    means = means.mean()
    expected = stats.ttest_rel(means.loc["drug"], means.loc["ctrl"])
    pval = table.set_index("topic")["pval"].sort_index()
    np.testing.assert_allclose(pval, expected.pvalue)


def test_other_donors_on_each_side_are_tested_by_welch_on_log_odds(donors):
    cells = donors[(donors.obs["donor"] < 3) == (donors.obs["drug"] == "drug")].copy()
    table = differential_topics(cells, "drug", donor="donor")
    assert set(table["test"]) == {"Welch t, donors"}
    assert (table["n"] == 3).all()
    means = pd.DataFrame(cells.obsm["sce2tm_theta"]).groupby(cells.obs["donor"].to_numpy()).mean()
    odds = stats.logistic.ppf(means)
    expected = stats.ttest_ind(odds[:3], odds[3:], equal_var=False)
    table = table.set_index("topic").sort_index()
    np.testing.assert_allclose(table["pval"], expected.pvalue)
    np.testing.assert_allclose(table["mean"], means.iloc[:3].mean())  # effects stay proportions
    above = means.to_numpy()[:3, None] > means.to_numpy()[None, 3:]
    np.testing.assert_allclose(table["auc"], above.mean(axis=(0, 1)))


def test_proportions_of_zero_stay_finite(donors):
    donors.obsm["sce2tm_theta"][:, 0] = 0
    table = differential_topics(donors, "drug", donor="donor").set_index("topic")
    assert table.loc["topic_1", "pval"] == 1
    assert table["padj"].notna().all()


def null_pvals(rng, paired, donor, values):
    """P-values of 300 topics that differ between donors and not between groups."""
    n_topics, n_cells = 300, 40
    donors = np.repeat(np.arange(8), 2 * n_cells if paired else n_cells)
    group = np.tile(np.repeat(["a", "b"], n_cells), 8) if paired else np.where(donors < 4, "a", "b")
    spread = rng.normal(size=(8, n_topics))
    if paired:  # the two samples of a donor differ, too, as any two samples do
        samples = spread[:, None] + rng.normal(scale=0.6, size=(8, 2, n_topics))
        latent = samples[donors, (group == "b").astype(int)]
    else:
        latent = spread[donors]
    latent = latent + rng.normal(size=latent.shape)
    cells = cells_of(latent, donor=donors, group=group)
    return differential_topics(cells, "group", donor=donor, values=values)["pval"]


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("values", ["theta", "latent"])
def test_donors_keep_the_false_positive_rate_and_cells_do_not(rng, paired, values):
    by_donor = np.concatenate([null_pvals(rng, paired, "donor", values) for _ in range(4)])
    # 1,200 tests at 0.05: 99.9 % of the time between 0.03 and 0.07
    assert 0.03 < np.mean(by_donor < 0.05) < 0.07
    assert np.mean(null_pvals(rng, paired, None, values) < 0.05) > 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groupby": "type"}, "'type' is no column of adata.obs.*'drug'"),
        ({"groupby": "same"}, "'same'.*one group only"),
        ({"groupby": "gaps"}, "'gaps'.*1 of 360 cells"),
        ({"groups": "pill"}, "'pill' is no group.*'ctrl', 'drug'"),
        ({"groups": []}, "groups is empty"),
        ({"groups": ["drug"], "reference": "drug"}, "reference='drug' is also"),
        ({"groupby": "single"}, "'single'.*has 1 cells and its reference 359"),
        ({"values": "counts"}, "values='counts'.*'theta' or 'latent'"),
        ({"donor": "patient"}, "'patient' is no column"),
        ({"donor": "gaps"}, "'gaps'.*1 of 360 cells"),
        ({"donor": "two"}, "donor='two'.*2 donors.*2. At least 3"),
        ({"donor": "drug"}, "donor='drug'.*1 donors"),
        ({"donor": "mixed"}, "donor='mixed'.*share 1 of 7 donors.*'0'"),
    ],
)
def test_bad_input_is_named(donors, arguments, message):
    obs = donors.obs
    obs["same"], obs["two"] = "x", obs["donor"] % 2
    obs["gaps"] = ["a", None] + ["b"] * 358
    obs["single"] = ["one"] + ["many"] * 359
    side = np.where(obs["drug"] == "drug", 10, 20)
    obs["mixed"] = np.where(obs["donor"] == 0, 0, side + obs["donor"] % 3)
    with pytest.raises(InputError, match=message):
        differential_topics(donors, **{"groupby": "drug", **arguments})
