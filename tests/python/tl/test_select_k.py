"""Choosing K: a planted number is found, runs survive, and nonsense is refused."""

import multiprocessing
import os
import signal

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.parallel import SequentialBackend

import sce2tm
from sce2tm.errors import InputError, ModelFileError
from sce2tm.tl import grid as module
from sce2tm.tl import recommend_k, select_k
from simulate import planted_topics

QUICK = {"epochs": 2, "progress": False, "external": None}
KS, SEEDS = [5, 3], [0, 1]


def cells(seed=0):
    return planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60, seed=seed).adata


def same(one, two):
    """The same figures; how long it took may differ."""
    pd.testing.assert_frame_equal(
        one.drop(columns="seconds"), two.drop(columns="seconds"), check_exact=True
    )


@pytest.fixture(scope="module")
def whole():
    """The grid in one go, in memory."""
    return select_k(cells(), KS, SEEDS, **QUICK)


@pytest.fixture
def fits(monkeypatch):
    """Models that were fitted, as they are."""
    fitted, original = [], module.fit_one

    def noting(task, *parts):
        fitted.append((task.n_topics, task.seed))
        return original(task, *parts)

    monkeypatch.setattr(module, "fit_one", noting)
    return fitted


def test_the_planted_number_is_recommended():
    planted = planted_topics(n_cells=300, n_groups=4, n_markers=15, n_genes=100)
    programs = {f"program {number}": sorted(names) for number, names in enumerate(planted.markers)}
    table = select_k(
        planted.adata,
        [2, 4, 8],
        [0, 1],
        gene_sets=programs,
        external=None,
        progress=False,
    )
    choice = recommend_k(table)
    assert choice.n_topics == 4, choice.reason
    means = table.groupby("n_topics").mean()
    assert means.at[4, "stability"] > 0.9
    assert means["stability"].idxmax() == 4
    assert means.at[4, "held_out"] > means.at[2, "held_out"] + 0.005
    assert means.at[4, "held_out"] > means.at[8, "held_out"] - 0.002
    # two topics for four programs mix their genes; more than four need not
    assert means.at[4, "coherence"] > means.at[2, "coherence"] + 0.2
    assert means.at[4, "dead_topics"] == 0


def test_a_row_for_each_k_and_seed_in_the_order_asked_for(whole):
    assert whole[["n_topics", "seed"]].to_numpy().tolist() == [[5, 0], [5, 1], [3, 0], [3, 1]]
    assert whole.drop(columns="seed").notna().all(axis=None)
    assert whole["diversity"].between(0, 1).all()
    assert "coherence" not in whole
    # two seeds: one pair, so both have the same stability
    assert whole.groupby("n_topics")["stability"].nunique().tolist() == [1, 1]


def test_the_cells_are_not_changed(whole):
    adata = cells()
    select_k(adata, [3], [0, 1], **QUICK)
    assert list(adata.obsm) == []
    assert adata.uns == {}


def test_processes_give_the_same_numbers(whole):
    same(select_k(cells(), KS, SEEDS, n_jobs=2, **QUICK), whole)


def test_joblib_decides_where_runs_go_and_need_not_report_early(whole):
    class Mute(SequentialBackend):
        supports_return_generator = False

    joblib.register_parallel_backend("mute", Mute)
    with joblib.parallel_config(backend="mute"):
        same(select_k(cells(), KS, SEEDS, **QUICK), whole)


def killed(folder, n_finished, where):
    """Body of a child process: die without warning at some point of a later run."""
    original, count = module._write, 0

    def write(*arguments):
        nonlocal count
        if count == n_finished and where == "before the measures":
            os.kill(os.getpid(), signal.SIGKILL)
        original(*arguments)
        count += 1
        if count == n_finished and where == "after the measures":
            os.kill(os.getpid(), signal.SIGKILL)

    module._write = write
    select_k(cells(), KS, SEEDS, folder=folder, **QUICK)


@pytest.mark.parametrize("where", ["before the measures", "after the measures"])
def test_killed_and_called_again_is_never_killed(tmp_path, whole, fits, where):
    # the server imports everything once, so that each child starts at once
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sce2tm", __name__])
    child = context.Process(target=killed, args=(tmp_path, 2, where))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert len(list(tmp_path.glob("*.measures.safetensors"))) == 2
    same(select_k(cells(), KS, SEEDS, folder=tmp_path, **QUICK), whole)
    assert fits == [(3, 0), (3, 1)]  # the largest were done


def test_ctrl_c_leaves_what_is_finished(tmp_path, whole, fits, monkeypatch):
    noting = module.fit_one

    def interrupted(task, *parts):
        if len(fits) == 1:
            raise KeyboardInterrupt
        return noting(task, *parts)

    with monkeypatch.context() as patch:
        patch.setattr(module, "fit_one", interrupted)
        with pytest.raises(KeyboardInterrupt):
            select_k(cells(), KS, SEEDS, folder=tmp_path, **QUICK)
    assert fits == [(5, 0)]
    same(select_k(cells(), KS, SEEDS, folder=tmp_path, **QUICK), whole)
    assert len(fits) == 4


def test_a_grid_can_grow_and_its_models_can_be_loaded(tmp_path, fits):
    select_k(cells(), [3], [0, 1], folder=tmp_path, **QUICK)
    table = select_k(cells(), [3, 4], [0, 1], folder=tmp_path, **QUICK)
    assert fits == [(3, 0), (3, 1), (4, 0), (4, 1)]
    assert len(table) == 4
    model = sce2tm.SCE2TM.load(tmp_path / "topics4_seed1.safetensors")
    assert model.config.seed == 1
    assert model.topic_genes.shape == (60, 4)


def test_runs_of_other_cells_or_options_are_not_taken(tmp_path):
    arguments = {"ks": [3], "seeds": [0, 1], "folder": tmp_path}
    select_k(cells(), **arguments, **QUICK)
    with pytest.raises(InputError, match="other cells or options.*topics3_seed0"):
        select_k(cells(seed=1), **arguments, **QUICK)
    with pytest.raises(InputError, match="other cells or options"):
        select_k(cells(), **arguments, **QUICK, tau=0.5)
    view = np.random.default_rng(0).normal(size=(60, 3))
    with pytest.raises(InputError, match="other cells or options"):
        select_k(cells(), **arguments, **(QUICK | {"external": view}))
    path = tmp_path / "topics3_seed1.measures.safetensors"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ModelFileError, match="cut short"):
        select_k(cells(), **arguments, **QUICK)


def test_an_external_view_is_cut_to_the_training_cells():
    adata = cells()
    adata.obsm["X_view"] = np.random.default_rng(0).normal(size=(60, 3))
    by_name = select_k(adata, [3], [0, 1], **(QUICK | {"external": "X_view"}))
    by_array = select_k(adata, [3], [0, 1], **(QUICK | {"external": adata.obsm["X_view"]}))
    same(by_name, by_array)
    without = select_k(adata, [3], [0, 1], **QUICK)
    assert not np.allclose(by_name["held_out"], without["held_out"], atol=1e-9)


def test_one_seed_says_that_stability_is_unknown():
    with pytest.warns(UserWarning, match=r"seeds=\[0\] is one seed: stability is NaN"):
        table = select_k(cells(), [3, 4], [0], **QUICK)
    assert table["stability"].isna().all()
    assert "nothing is known of stability" in recommend_k(table).reason


def test_progress_counts_models(capsys):
    select_k(cells(), [3], [0, 1], **(QUICK | {"progress": True}))
    assert "2/2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ks": [1, 5]}, r"ks=\[1, 5\] must be a list of whole numbers from 2 on"),
        ({"ks": []}, r"ks=\[\] must be"),
        ({"ks": 5}, "ks=5 must be"),
        ({"ks": [5, 5.5]}, "must be a list of whole numbers"),
        ({"ks": [5, 5]}, r"ks=\[5, 5\] names a value twice"),
        ({"ks": [5, 61]}, "61 topics are more than the 60 genes"),
        ({"ks": [5, 50], "n_genes": 40}, "n_topics=50 is more than the 40 genes in use"),
        ({"ks": [5], "seeds": [0, 0]}, r"seeds=\[0, 0\] names a value twice"),
        ({"ks": [5], "seeds": [-1, 0]}, r"seeds=\[-1, 0\] must be"),
        ({"ks": [5], "tau": -1}, "tau=-1"),
        ({"ks": [5], "checkpoint": "x"}, "checkpoint would be one file"),
        ({"ks": [5], "external": "X_none"}, "external='X_none' is not in adata.obsm"),
    ],
)
def test_rubbish_is_refused_before_the_work(arguments, message, tmp_path):
    with pytest.raises(InputError, match=message):
        select_k(cells(), folder=tmp_path, **(QUICK | arguments))
    assert list(tmp_path.iterdir()) == []


def test_too_few_cells_and_no_cells():
    with pytest.raises(InputError, match="holds 19 cells"):
        select_k(cells()[:19], [3], **QUICK)
    with pytest.raises(InputError, match="no AnnData"):
        select_k("cells.h5ad", [3], **QUICK)


def test_topics_that_lead_no_cell_are_counted_and_not_warned_of():
    # 25 cells can lead 25 of 55 topics at most; here a warning would be an error
    table = select_k(cells()[:25].copy(), [55], [0, 1], **QUICK)
    assert (table["dead_topics"] >= 30).all()
