"""Ctrl-C while processes fit side by side: prompt, nothing left running, nothing finished lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from sce2tm.tl import grid, select_k
from simulate import planted_topics

HERE = Path(__file__)
KS, SEEDS = [6, 5, 4, 3], [0, 1]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


def choose(folder=None, n_jobs=None):
    """The whole grid: eight models of about half a second."""
    adata = planted_topics(n_cells=300, n_groups=3, n_markers=10, n_genes=200, seed=0).adata
    return select_k(
        adata, KS, SEEDS, epochs=40, external=None, progress=False, folder=folder, n_jobs=n_jobs
    )


def running(session):
    """Command lines of the processes of a session, zombies left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has just ended
            continue
    return found


def finished(folder):
    return {path.name for path in folder.glob("*.measures.safetensors")}


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


@pytest.fixture(scope="module")
def whole():
    """What a call gives that nobody stops."""
    return choose()


# a terminal sends the signal to all processes, a notebook to the one of the kernel
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_ctrl_c_ends_all_and_the_next_call_goes_on(tmp_path, whole, monkeypatch, send):
    folder = tmp_path / "grid"
    child = subprocess.Popen(
        [sys.executable, HERE, folder],
        start_new_session=True,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *sys.path])},
        text=True,
    )
    try:
        assert wait_for(lambda: len(finished(folder)) >= 2 or child.poll() is not None, 120)
        workers = [line for line in running(child.pid) if "loky" in line]
        assert len(workers) >= 2
        start = time.monotonic()
        send(child.pid, signal.SIGINT)
        told = child.communicate(timeout=60)[1]
        assert child.returncode == -signal.SIGINT, told
        assert time.monotonic() - start < 20  # a busy machine; alone it takes a second
        assert "KeyboardInterrupt" in told
        assert wait_for(lambda: not running(child.pid), 10)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)

    done = finished(folder)
    assert 2 <= len(done) < len(KS) * len(SEEDS)
    fitted, original = [], grid.fit_one
    monkeypatch.setattr(grid, "fit_one", lambda task, *p: fitted.append(task) or original(task, *p))
    table = choose(folder)
    assert {task.measures.name for task in fitted} == finished(folder) - done
    pd.testing.assert_frame_equal(
        table.drop(columns="seconds"), whole.drop(columns="seconds"), check_exact=True
    )


if __name__ == "__main__":
    choose(sys.argv[1], n_jobs=2)
