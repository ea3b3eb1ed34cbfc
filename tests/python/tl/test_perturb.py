"""What moved cells hold and express, against answers worked out by hand."""

import numpy as np
import pytest
from anndata import AnnData

from programs import LIFT, treated_cells
from sce2tm import SCE2TM, InputError
from sce2tm.tl import perturb
from simulate import planted_topics


@pytest.fixture
def cells():
    return treated_cells()


def test_add_multiplies_the_odds(cells):
    found = perturb(cells, "topic_3", value=np.log(2))
    before, after = (
        table["topic_3"] / (1 - table["topic_3"]) for table in (found.theta_before, found.theta)
    )
    np.testing.assert_allclose(after, 2 * before)
    np.testing.assert_allclose(found.theta.sum(axis=1), 1)
    others = ["topic_1", "topic_2", "topic_4"]
    np.testing.assert_array_equal(found.latent[others], found.latent_before[others])


def test_scale_is_the_same_in_odds(cells):
    added = perturb(cells, "topic_3", value=np.log(2))
    np.testing.assert_allclose(perturb(cells, "topic_3", "scale", 2).theta, added.theta)
    assert perturb(cells, "topic_3", "scale", 0).theta["topic_3"].max() < 1e-4


def test_set_gives_the_proportion_and_keeps_the_others_ratios(cells):
    found = perturb(cells, ["topic_3", "topic_4"], "set", [0.5, 0.1])
    np.testing.assert_allclose(found.theta["topic_3"], 0.5)
    np.testing.assert_allclose(found.theta["topic_4"], 0.1)
    np.testing.assert_allclose(
        found.theta["topic_1"] / found.theta["topic_2"],
        found.theta_before["topic_1"] / found.theta_before["topic_2"],
    )


def test_reference_gives_the_distribution_of_the_reference(cells):
    found = perturb(
        cells, "topic_3", "reference", cells="drug == 'no'", reference="drug == 'yes'",
        groupby="kind",
    )  # fmt: skip
    shift = found.latent["topic_3"] - found.latent_before["topic_3"]
    assert shift.mean() == pytest.approx(LIFT, abs=0.1)
    for kind in "TB":
        mask = (cells.obs["kind"] == kind).to_numpy()
        real = cells.obsm["X_sce2tm"][mask & (cells.obs["drug"] == "yes").to_numpy(), 2]
        names = cells.obs_names[mask & (cells.obs["drug"] == "no").to_numpy()]
        # as many cells on both sides: the sorted values are those of the reference
        np.testing.assert_allclose(np.sort(found.latent.loc[names, "topic_3"]), np.sort(real))
        order = found.latent_before.loc[names, "topic_3"].argsort()
        assert found.latent.loc[names, "topic_3"].to_numpy()[order].tolist() == sorted(real)


def test_expression_is_decoded_and_scaled_to_the_cells_total(cells):
    found = perturb(cells, "topic_3", cells="drug == 'no'", groupby="kind", genes=["g25", "g3"])
    weights, scaling = cells.varm["sce2tm_topic_genes"], cells.varm["sce2tm_decoder"]

    def expected(theta, total):
        odds = np.exp(weights @ theta * scaling[:, 0] + scaling[:, 1])
        return total * odds / odds.sum()

    chosen = cells[cells.obs["drug"] == "no"]
    totals = np.asarray(chosen.X.sum(axis=1)).ravel()
    after = np.array([expected(*pair) for pair in zip(found.theta.to_numpy(), totals, strict=True)])
    single = found.expression.pivot(index="cell", columns="gene", values="perturbed")
    np.testing.assert_allclose(
        single.loc[chosen.obs_names, ["g25", "g3"]], after[:, [25, 3]], rtol=1e-4
    )
    table = found.genes[found.genes["group"] == "T"].set_index("gene")
    kind = (chosen.obs["kind"] == "T").to_numpy()
    np.testing.assert_allclose(table["perturbed"], after[kind].mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(
        table["log_fold_change"], table["perturbed"] - table["baseline"], atol=1e-12
    )
    assert (table["n_cells"] == kind.sum()).all()
    up = table["log_fold_change"].nlargest(10).index
    assert set(up) == {f"g{i}" for i in range(20, 30)}
    assert "up: " in repr(found)
    assert repr(found).startswith("topic_3: add 1\n120 cells, 40 genes")


def test_the_same_from_counts_as_from_their_logs():
    planted = planted_topics(n_cells=90, n_groups=3, n_markers=10, n_genes=80).adata
    model = SCE2TM(4, None, epochs=2, n_genes=60, progress=False).fit(planted)
    model.annotate(planted)
    logged = planted.copy()
    totals = np.asarray(planted.X.sum(axis=1)).ravel()
    logged.X = (planted.X.multiply(1e4 / totals[:, None])).log1p().tocsr().astype(np.float32)
    one, other = (perturb(cells, "topic_2").genes for cells in (planted, logged))
    np.testing.assert_allclose(one["perturbed"], other["perturbed"], rtol=1e-5)
    seen = planted.var_names[~np.isnan(planted.varm["sce2tm_topic_genes"][:, 0])]
    assert list(one["gene"]) == list(seen)
    theta = planted.obsm["sce2tm_theta"]
    lognorm = np.asarray(logged[:, seen].X.sum(axis=1)).ravel()
    shares = model.decode(theta, genes=list(seen))
    np.testing.assert_allclose(one["baseline"], (shares * lognorm[:, None]).mean(axis=0), rtol=1e-4)


def test_a_mask_and_a_query_choose_the_same(cells):
    mask = (cells.obs["drug"] == "no").to_numpy()
    one, other = (
        perturb(cells, "topic_3", cells=mask),
        perturb(cells, "topic_3", cells="drug=='no'"),
    )
    assert one.genes.equals(other.genes)
    assert list(one.latent.index) == list(cells.obs_names[mask])
    assert one.expression.empty


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"topics": "topic_9"}, "topic_9.*topic_1 to topic_4"),
        ({"topics": []}, r"topics=\[\]"),
        ({"topics": ["topic_1", "topic_1"]}, "each once"),
        ({"how": "double"}, "'double' is unknown"),
        ({"how": "set"}, "value=None.*needs a number"),
        ({"how": "set", "value": 1.0}, "sum must be below 1"),
        ({"how": "scale", "value": -1}, "zero or more"),
        ({"value": [1, 2]}, "one for each of 1"),
        ({"how": "reference"}, "needs reference cells"),
        ({"reference": "drug == 'yes'"}, "take none"),
        ({"how": "reference", "reference": "drug == 'yes'", "value": 1}, "no meaning"),
        ({"cells": "drog == 'no'"}, "is no query.*'drug'"),
        ({"cells": "drug == 'maybe'"}, "leaves no cell"),
        ({"cells": [True, False]}, "one boolean for each of the 240"),
        ({"genes": ["ISG15"]}, "did not see: 'ISG15'"),
        ({"groupby": "donor"}, "'donor' is no column"),
    ],
)
def test_what_cannot_be(cells, arguments, message):
    with pytest.raises(InputError, match=message):
        perturb(cells, **{"topics": "topic_3"} | arguments)


def test_a_group_without_reference_is_named(cells):
    with pytest.raises(InputError, match=r"no cell in \['B'\]"):
        perturb(
            cells, "topic_3", "reference", groupby="kind", cells="drug == 'no'",
            reference="drug == 'yes' and kind == 'T'",
        )  # fmt: skip


def test_no_dense_matrix_of_all_cells(monkeypatch):
    from sce2tm.decoder import Decoder

    sizes = []
    shares = Decoder.shares
    monkeypatch.setattr(
        Decoder, "shares", lambda self, theta: sizes.append(len(theta)) or shares(self, theta)
    )
    assert isinstance(perturb(treated_cells(5000), "topic_3").genes.shape, tuple)
    assert max(sizes) <= 2048 < 5000


def test_cells_without_results():
    with pytest.raises(InputError, match=r"Run sce2tm\.tl\.sce2tm"):
        perturb(AnnData(np.ones((3, 2), dtype=np.float32)), "topic_1")
