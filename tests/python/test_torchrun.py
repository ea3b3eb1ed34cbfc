"""The ordinary script, started by torchrun in two processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import sce2tm
from sce2tm.train.checkpoint import read
from simulate import planted_topics
from test_model import assert_recovered

SETTINGS = {"n_topics": 5, "epochs": 8, "batch_size": 16, "checkpoint_minutes": 0, "seed": 2}

KILLED = """
import json, os, signal, sys
import sce2tm

def die(step, total, losses):
    if step >= 12:
        os.kill(os.getpid(), signal.SIGKILL)

settings = json.loads(sys.argv[1])
model = sce2tm.SCE2TM(**settings, checkpoint="run.safetensors", progress=die)
model.fit("small.h5ad", resume=True)
"""

ORDINARY = """
import json, os, sys
import sce2tm

settings, rank = json.loads(sys.argv[1]), os.environ["RANK"]
sce2tm.SCE2TM(n_topics=12, epochs=60, progress=False).fit("cells.h5ad").save(f"planted{rank}")
for name, resume in (("resumed", True), ("whole", False)):
    checkpoint = "run.safetensors" if resume else None
    show = lambda step, total, losses: print(name, step, "of", total)
    model = sce2tm.SCE2TM(**settings, checkpoint=checkpoint, progress=show)
    model.fit("small.h5ad", resume=resume).save(f"{name}{rank}")
try:
    sce2tm.SCE2TM(n_topics=5, batch_size=3).fit("small.h5ad")
except sce2tm.InputError as error:
    print(error)
"""


def torchrun(folder, source, *args):
    (folder / "script.py").write_text(source)
    package = str(Path(sce2tm.__file__).parents[1])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": package}
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--standalone", "script.py", *args]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def arrays(path):
    found, metadata = read(path)
    return found | {"metadata": json.dumps(metadata, sort_keys=True)}


def assert_equal(one, two):
    one, two = arrays(one), arrays(two)
    assert one.keys() == two.keys()
    assert [name for name in one if not np.array_equal(one[name], two[name])] == []


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A folder where a first run was killed, and a second one went on from it."""
    folder = tmp_path_factory.mktemp("torchrun")
    planted = planted_topics()
    planted.adata.write_h5ad(folder / "cells.h5ad")
    small = planted_topics(n_cells=61, n_groups=3, n_markers=10, n_genes=60).adata
    small.obsm["X_scGPT"] = np.random.default_rng(0).normal(size=(61, 3))
    small.write_h5ad(folder / "small.h5ad")
    killed = torchrun(folder, KILLED, json.dumps(SETTINGS))
    assert killed.returncode != 0
    # it died at the end of an epoch, before that was saved
    assert read(folder / "run.safetensors")[1]["step"] == 8, killed.stderr
    run = torchrun(folder, ORDINARY, json.dumps(SETTINGS | {"device": "cpu"}))
    assert run.returncode == 0, run.stderr
    return folder, run, planted


def test_two_processes_find_what_one_finds(started):
    folder, _, planted = started
    assert_recovered(sce2tm.SCE2TM.load(folder / "planted0"), planted)


def test_all_processes_hold_the_same_model(started):
    for name in ("planted", "resumed", "whole"):
        assert_equal(started[0] / f"{name}0", started[0] / f"{name}1")


def test_a_killed_run_goes_on_in_all_processes(started):
    folder, run, _ = started
    assert_equal(folder / "resumed0", folder / "whole0")
    assert "resumed 8 of 32" not in run.stdout


def test_one_process_reports_and_too_many_are_refused(started):
    _, run, _ = started
    assert all(run.stdout.count(f"{name} 12 of 32") == 1 for name in ("resumed", "whole"))
    assert run.stdout.count("WORLD_SIZE=2 is too many processes for batches of 2 cells") == 2


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="two GPUs are needed")
def test_two_gpus_find_what_one_finds(tmp_path):
    planted = planted_topics()
    planted.adata.write_h5ad(tmp_path / "cells.h5ad")
    source = ORDINARY.split("for name")[0]
    run = torchrun(tmp_path, source, "{}")
    assert run.returncode == 0, run.stderr
    assert_equal(tmp_path / "planted0", tmp_path / "planted1")
    assert_recovered(sce2tm.SCE2TM.load(tmp_path / "planted0"), planted)
