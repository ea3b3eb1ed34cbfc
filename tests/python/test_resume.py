"""Killed, interrupted or out of disk: what is resumed ends as if it had never stopped."""

import multiprocessing
import os
import signal
import time
import traceback

import numpy as np
import pytest
import torch

import sce2tm
from sce2tm.train import checkpoint
from simulate import planted_topics

# one thread: a child and this process may have started with different numbers
SETTINGS = {
    "n_topics": 5,
    "epochs": 12,
    "batch_size": 16,
    "checkpoint_minutes": 0,
    "n_threads": 1,
}


def cells():
    return planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60).adata


def view():
    return np.random.default_rng(0).normal(size=(60, 3))


def fitted(path=None, resume=False, progress=False, **changes):
    model = sce2tm.SCE2TM(
        **(SETTINGS | changes), external=view(), checkpoint=path, progress=progress
    )
    return model.fit(cells(), resume=resume)


# two steps for a stretch that is saved: much of the time goes into writing
LONG = {"epochs": 600, "batch_size": 30, "learning_rate": 1e-4}


def trained_in_child(path):
    """Body of a child process, which somebody else ends."""
    fitted(path, resume=True, **LONG)


def killed_at_random(context, path, rng):
    """Let a child train until some saves were seen, and kill it a random moment later."""
    child = context.Process(target=trained_in_child, args=(path,))
    child.start()
    for _ in range(int(rng.integers(1, 8))):
        before = inode(path)
        while inode(path) == before and child.is_alive():
            time.sleep(1e-4)
    time.sleep(rng.uniform(0, 0.02))
    child.kill()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    return checkpoint.read(path)[1]["step"]


def inode(path):
    """What tells one saved file from the next; each is a new one."""
    return path.stat().st_ino if path.exists() else None


def assert_same(one, two):
    for name in ("topic_genes", "gene_embedding", "topic_embedding"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert np.array_equal(one.transform(cells()).latent, two.transform(cells()).latent)
    assert list(one.history) == list(two.history)
    for name, values in one.history.items():
        assert np.array_equal(values, two.history[name]), name


def test_early_stopping_goes_on_from_a_checkpoint(tmp_path):
    changes = {"early_stopping": True, "epochs": 400, "learning_rate": 0.02}
    whole = fitted(**changes)
    path, stop = tmp_path / "run.safetensors", len(whole.history["loss"]) // 2

    def interrupt(step, total, losses):
        if step >= 4 * stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(path, progress=interrupt, **changes)
    assert len(whole.history["loss"]) < 400
    assert_same(fitted(path, resume=True, **changes), whole)


def test_killed_at_ten_random_moments_and_resumed_is_never_killed(tmp_path, rng):
    # the server imports everything once, so that each child starts at once
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sce2tm.model", __name__])
    path = tmp_path / "run.safetensors"
    steps = [killed_at_random(context, path, rng) for _ in range(10)]
    assert (np.diff([0, *steps]) > 0).all()
    assert_same(fitted(path, resume=True, **LONG), fitted(**LONG))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [20, 40, 60])
def test_a_run_goes_on_in_the_middle_of_an_epoch(tmp_path, monkeypatch, stop):
    # thirty steps an epoch, looked at after ten
    monkeypatch.setattr("sce2tm.data.batches._STRETCH", 10)
    changes = {"epochs": 3, "batch_size": 2}

    def interrupt(step, *_):
        if step > stop:
            raise KeyboardInterrupt

    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        fitted(path, progress=interrupt, **changes)
    assert checkpoint.read(path)[1]["step"] == stop
    assert_same(fitted(path, resume=True, **changes), fitted(**changes))


@pytest.mark.parametrize("stop", [0, 1, 5, 11])
def test_interrupt_keeps_the_checkpoint_and_says_how_to_go_on(tmp_path, caplog, stop):
    calls = []

    def interrupt(*args):
        calls.append(args)
        if len(calls) > stop:
            raise KeyboardInterrupt

    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt) as caught:
        fitted(path, progress=interrupt)
    # four steps an epoch; the one in which the progress stops is not saved
    assert f"Interrupted after {4 * (stop + 1)} steps" in caplog.text
    kept = f"{path.name}' holds {4 * stop} steps; fit(..., resume=True) goes on"
    said = kept if stop else "Nothing of it is saved yet"
    assert said in caplog.text
    # what Python prints at the end of a script
    assert said in "".join(traceback.format_exception(caught.value)[-2:])
    assert path.exists() == (stop > 0)
    assert_same(fitted(path, resume=True), fitted())


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"

    def full(*_):
        raise OSError(28, "No space left on device")

    def fill(step, *_):
        if step == 8:
            monkeypatch.setattr("sce2tm.train.checkpoint.atomically", full)

    said = r"cannot be written after 8 steps \(No space.*holds 4 steps; fit\(..., resume=True\)"
    with pytest.raises(sce2tm.SCE2TMError, match=said):
        fitted(path, progress=fill)
    with pytest.raises(sce2tm.SCE2TMError, match=r"No space left.*Nothing of it is saved"):
        fitted(tmp_path / "other.safetensors")
    monkeypatch.undo()
    assert_same(fitted(path, resume=True), fitted())


def test_a_full_gpu_leaves_the_last_checkpoint(tmp_path):
    path = tmp_path / "run.safetensors"

    def fill(step, *_):
        if step == 8:
            raise torch.OutOfMemoryError("CUDA out of memory")

    said = r"is full with batch_size=16.*holds 4 steps; fit\(..., resume=True\) goes on"
    with pytest.raises(sce2tm.DeviceError, match=said):
        fitted(path, progress=fill)
    assert_same(fitted(path, resume=True), fitted())


def test_only_the_same_run_is_resumed(tmp_path):
    path = tmp_path / "run.safetensors"
    fitted(path, epochs=2)
    with pytest.raises(sce2tm.InputError, match="of other cells or settings"):
        fitted(path, resume=True, epochs=2, tau=0.5)
    with pytest.raises(sce2tm.InputError, match="resume=True needs a checkpoint"):
        fitted(resume=True)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(sce2tm.ModelFileError, match="checkpoint='.*cannot be read: cut short"):
        fitted(path, resume=True, epochs=2)


def never(*_):
    pytest.fail("the work had begun")


def test_a_run_from_the_beginning_replaces_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("sce2tm.fitting.learn_genes", never)
    path = tmp_path / "run.safetensors"
    path.write_text("hours of work")
    with pytest.raises(sce2tm.InputError, match=r"there already.*fit\(..., resume=True\)"):
        fitted(path)
    assert path.read_text() == "hours of work"


def test_a_checkpoint_without_a_folder_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("sce2tm.fitting.learn_genes", never)
    for resume in (False, True):
        with pytest.raises(sce2tm.InputError, match="its folder does not exist"):
            fitted(tmp_path / "no" / "run.safetensors", resume=resume)


def test_a_folder_that_is_not_the_users_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("sce2tm.fitting.learn_genes", never)
    # for root every folder is open
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path or mode != os.W_OK)
    with pytest.raises(sce2tm.InputError, match="you may not write into its folder"):
        fitted(tmp_path / "run.safetensors")


def test_savings_keep_their_distance_in_time(tmp_path):
    path = tmp_path / "run.safetensors"
    fitted(path, checkpoint_minutes=60)
    assert not path.exists()


@pytest.mark.parametrize("minutes", ["soon", -1, float("nan"), None])
def test_minutes_are_a_number(minutes):
    with pytest.raises(sce2tm.InputError, match="checkpoint_minutes=.*zero or a positive"):
        sce2tm.SCE2TM(checkpoint_minutes=minutes)
