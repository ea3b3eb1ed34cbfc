"""The command line as a user meets it: real processes, real files, exit codes and messages."""

import signal
import subprocess
import sys
import time

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from commands import known_mistake, sce2tm
from sce2tm import SCE2TM, __version__
from sce2tm.datasets import kang_ifnb
from stores import write_zarr

# one thread: a command and this process may have started with different numbers
SAME = {"n_topics": 5, "epochs": 2, "n_genes": 60, "n_threads": 1, "device": "cpu"}
TINY = [text for key, value in SAME.items() for text in (f"--{key.replace('_', '-')}", str(value))]


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """A small real file of counts, with an external view."""
    adata = kang_ifnb()[:120, :200].copy()
    rng = np.random.default_rng(0)
    adata.obsm["X_view"] = rng.normal(size=(adata.n_obs, 7)).astype(np.float32)
    path = tmp_path_factory.mktemp("cells") / "blood.h5ad"
    adata.write_h5ad(path)
    return path


@pytest.fixture(scope="module")
def fitted(cells, tmp_path_factory):
    """Folder that `fit` filled, and what it said."""
    out = tmp_path_factory.mktemp("fit") / "new" / "folder"
    return out, sce2tm("fit", cells, out, *TINY)


def test_fit_fills_the_folder(fitted, cells):
    out, result = fitted
    assert result.returncode == 0, result.stderr
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {
        "blood.h5ad",
        "model.safetensors",
        "top_genes.tsv",
        "topic_proportions.tsv.gz",
        "figures/history.png",
    }
    adata = ad.read_h5ad(out / "blood.h5ad")
    assert adata.obsm["X_sce2tm"].shape == (120, 5)
    assert (adata.X != ad.read_h5ad(cells).X).nnz == 0
    genes = pd.read_csv(out / "top_genes.tsv", sep="\t")
    assert genes.groupby("topic").size().to_dict() == {f"topic_{k}": 20 for k in range(1, 6)}
    theta = pd.read_csv(out / "topic_proportions.tsv.gz", sep="\t", index_col="cell")
    assert list(theta.index) == list(adata.obs_names)
    np.testing.assert_allclose(theta.to_numpy(), adata.obsm["sce2tm_theta"], rtol=1e-5)


def test_fit_says_what_it_decided(fitted):
    _, result = fitted
    assert "counts" in result.stderr
    assert "No external view" in result.stderr
    assert "Warning" not in result.stderr


def test_fit_gives_what_python_gives(fitted, cells):
    out, _ = fitted
    model = SCE2TM(**SAME, progress=False).fit(cells)
    saved = SCE2TM.load(out / "model.safetensors", device="cpu")
    np.testing.assert_array_equal(saved.topic_genes, model.topic_genes)


def test_fit_with_an_external_view(cells, tmp_path):
    result = sce2tm("fit", cells, tmp_path, *TINY, "--external", "X_view")
    assert result.returncode == 0, result.stderr
    told = sce2tm("info", tmp_path / "blood.h5ad").stdout
    assert ["external", "X_view"] in [line.split() for line in told.splitlines()]


def test_transform_embeds_new_cells(fitted, cells, tmp_path):
    out, _ = fitted
    new = tmp_path / "new.h5ad"
    ad.read_h5ad(cells)[:30].write_h5ad(new)
    result = sce2tm("transform", out / "model.safetensors", new, tmp_path / "done.h5ad")
    assert result.returncode == 0, result.stderr
    got = ad.read_h5ad(tmp_path / "done.h5ad").obsm["sce2tm_theta"]
    np.testing.assert_allclose(
        got, ad.read_h5ad(out / "blood.h5ad").obsm["sce2tm_theta"][:30], atol=1e-5
    )
    assert "60 of the model's 60 genes found (100.0%)" in result.stderr


def test_transform_reports_missing_genes(fitted, cells, tmp_path):
    part = ad.read_h5ad(cells)[:, 4:].copy()
    part.write_h5ad(tmp_path / "part.h5ad")
    model = fitted[0] / "model.safetensors"
    result = sce2tm("transform", model, tmp_path / "part.h5ad", tmp_path / "done.h5ad")
    assert result.returncode == 0, result.stderr
    assert "58 of the model's 60 genes found (96.7%)" in result.stderr
    assert "of its weight; of its top genes: " in result.stderr


def test_a_zarr_store_goes_the_same_way(fitted, cells, tmp_path):
    out, _ = fitted
    write_zarr(ad.read_h5ad(cells), tmp_path / "blood.zarr")
    result = sce2tm("fit", tmp_path / "blood.zarr", tmp_path / "out", *TINY)
    assert result.returncode == 0, result.stderr
    got = ad.read_zarr(tmp_path / "out" / "blood.zarr").obsm["X_sce2tm"]
    np.testing.assert_array_equal(got, ad.read_h5ad(out / "blood.h5ad").obsm["X_sce2tm"])
    told = sce2tm("info", tmp_path / "out" / "blood.zarr").stdout
    assert ["topics", "5"] in [line.split() for line in told.splitlines()]
    model = tmp_path / "out" / "model.safetensors"
    known_mistake(sce2tm("transform", model, tmp_path / "blood.zarr", "new.h5ad"), "end in .zarr")


def test_results_are_not_overwritten(fitted, cells):
    out, _ = fitted
    before = (out / "model.safetensors").read_bytes()
    known_mistake(sce2tm("fit", cells, out, *TINY, "--seed", "1"), "model.safetensors", "--force")
    assert (out / "model.safetensors").read_bytes() == before


def test_force_replaces_results(cells, tmp_path):
    (tmp_path / "model.safetensors").write_text("old")
    assert sce2tm("fit", cells, tmp_path, *TINY, "--force").returncode == 0
    assert SCE2TM.load(tmp_path / "model.safetensors").topic_names[-1] == "topic_5"


def test_info_on_a_model(fitted):
    out, _ = fitted
    result = sce2tm("info", out / "model.safetensors")
    facts = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert facts["topics"] == "5"
    assert facts["genes"].startswith("60 (")
    assert result.returncode == 0


def test_version():
    result = sce2tm("--version")
    assert result.returncode == 0
    assert result.stdout == f"sce2tm {__version__}\n"


def test_info_without_a_file_names_versions_and_device():
    result = sce2tm("info")
    assert result.returncode == 0
    for word in ("sce2tm", "torch", "device"):
        assert word in result.stdout


def test_missing_file(tmp_path):
    known_mistake(sce2tm("fit", tmp_path / "no.h5ad", tmp_path / "out", *TINY), "no.h5ad")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["rubbish.h5ad", "rubbish.xlsx"])
def test_rubbish_as_cells(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"\x00\xff\x13 no cells here \n\x07")
    known_mistake(sce2tm("fit", path, tmp_path / "out", *TINY), name)


def test_rubbish_as_a_model(cells, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x00\xff\x13")
    known_mistake(sce2tm("transform", path, cells, tmp_path / "out.h5ad"), "model.safetensors")
    known_mistake(sce2tm("info", path), "model.safetensors")


def test_cells_without_results_have_no_info(cells):
    known_mistake(sce2tm("info", cells), "blood.h5ad", "sce2tm fit")


def test_unknown_view(cells, tmp_path):
    known_mistake(sce2tm("fit", cells, tmp_path, *TINY, "--external", "X_nothing"), "X_nothing")


def test_folder_that_cannot_be_made(cells, tmp_path):
    (tmp_path / "file").write_text("in the way")
    known_mistake(sce2tm("fit", cells, tmp_path / "file" / "out", *TINY), "file")


@pytest.mark.parametrize("arguments", [["fly"], ["fit", "a.h5ad", "out", "--n-topics", "1"]])
def test_wrong_usage(arguments):
    result = sce2tm(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_help_groups_the_options():
    result = sce2tm("fit", "--help")
    assert result.returncode == 0
    for word in ("Training", "Data", "--external", "scGPT", "--force"):
        assert word in result.stdout


def cut_off(*arguments, until, signal_number):
    """Run a command until it has said something (and a file exists), then send it a signal."""
    said_first, path = until
    process = subprocess.Popen(
        [sys.executable, "-m", "sce2tm", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = ""
    with process:
        try:
            while said_first not in said:
                line = process.stderr.readline()
                assert line, f"ended early: {said}"
                said += line
            while path is not None and not path.exists():
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal_number)
            said += process.communicate(timeout=60)[1]
        finally:
            process.kill()
    return process.returncode, said


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_cut_off_goes_on_to_the_same_end(cells, tmp_path, signal_number):
    checkpoint = tmp_path / "runs" / "run.safetensors"
    command = ["fit", cells, tmp_path / "out", *TINY, "--epochs", "100", "--n-threads", "1"]
    saved = ["--checkpoint", checkpoint, "--checkpoint-minutes", "0"]
    _, said = cut_off(
        *command, *saved, until=("Training on", checkpoint), signal_number=signal_number
    )
    assert "Traceback" not in said
    assert ("the same command with --resume" in said) == (signal_number == signal.SIGINT)
    assert not list((tmp_path / "out").glob("*.safetensors"))
    result = sce2tm(*command, *saved, "--resume")
    assert result.returncode == 0, result.stderr
    assert "Resumed from" in result.stderr
    whole = sce2tm("fit", cells, tmp_path / "whole", *command[3:])
    assert whole.returncode == 0, whole.stderr
    one, two = (
        SCE2TM.load(folder / "model.safetensors", device="cpu")
        for folder in (tmp_path / "out", tmp_path / "whole")
    )
    np.testing.assert_array_equal(one.topic_genes, two.topic_genes)
    for name, values in one.history.items():
        np.testing.assert_array_equal(values, two.history[name])


def test_only_the_same_run_is_resumed(cells, tmp_path):
    checkpoint = tmp_path / "run.safetensors"
    command = ["fit", cells, tmp_path / "out", *TINY, "--force", "--checkpoint", checkpoint]
    assert sce2tm(*command, "--checkpoint-minutes", "0").returncode == 0
    known_mistake(sce2tm(*command, "--resume", "--seed", "9"), "of other cells or settings")
    known_mistake(sce2tm(*command), "there already", "the same command with --resume")
    checkpoint.write_bytes(checkpoint.read_bytes()[:500])
    known_mistake(sce2tm(*command, "--resume"), "run.safetensors", "cut short")


def test_resume_without_a_checkpoint_is_wrong_usage(cells, tmp_path):
    result = sce2tm("fit", cells, tmp_path / "out", *TINY, "--resume")
    assert result.returncode == 2
    assert "--checkpoint FILE" in result.stderr
    assert not (tmp_path / "out").exists()


def test_interrupt_is_quiet_and_leaves_nothing_half_done(cells, tmp_path):
    code, said = cut_off(
        *["fit", cells, tmp_path / "out", *TINY, "--epochs", "1000000"],
        until=("Training on", None),
        signal_number=signal.SIGINT,
    )
    assert code == 130
    assert "Traceback" not in said
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
