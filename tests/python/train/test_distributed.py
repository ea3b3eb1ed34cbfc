"""Two processes against one; what happens when one of them fails."""

import time
from datetime import timedelta

import numpy as np
import pytest
import torch
from scipy import sparse

from ranks import on_two
from sce2tm.data.batches import TrainingCells
from sce2tm.data.neighbors import mutual_neighbors
from sce2tm.errors import InputError, SCE2TMError
from sce2tm.nn import topic_model
from sce2tm.train import distributed
from sce2tm.train.config import configure
from sce2tm.train.distributed import ALONE, Processes, joined, local_rank
from sce2tm.train.loop import train
from sce2tm.train.rmsprop import RMSprop
from sce2tm.train.run import Checkpoints, Run

CPU = torch.device("cpu")


def cells(n_cells, held_out):
    rng = np.random.default_rng(0)
    components, view = rng.normal(size=(n_cells, 6)), rng.normal(size=(n_cells, 5))
    return TrainingCells(
        sparse.random(n_cells, 13, 0.5, format="csr", dtype="float64", random_state=0),
        components,
        reads_genes=False,
        external=view,
        near_cells=mutual_neighbors(components, 3, 0),
        near_external=mutual_neighbors(view, 3, 0),
        held_out=held_out,
    )


def trained(processes, n_cells, held_out=None, **changes):
    """Weights and history in double precision, from the terms that see the whole batch alone."""
    module = topic_model.TopicModel(
        6, 13, 4, reads_genes=False, n_hidden=7, n_dims=5, tau=1.0,
        weights=topic_model.Weights(1.0, 0.0, 1.0), n_external=5, distance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
    ).double()  # fmt: skip
    optimizer = RMSprop(module.parameters(), 0.01)
    run = Run(module, optimizer, np.random.default_rng(0), torch.Generator().manual_seed(0))
    config = configure("default", n_topics=4, **({"epochs": 4, "batch_size": 10} | changes))
    data, where = cells(n_cells, held_out), Checkpoints(None, 5, "")
    history = train(
        run, data, config, checkpoints=where, device=CPU, progress=False, processes=processes
    )
    return {name: tensor.numpy() for name, tensor in module.state_dict().items()} | history


def quiet(monkeypatch=None):
    """Take noise and contrast away: the one is each process's own, the other sees its cells."""
    for name, stand_in in (
        ("sample", lambda mean, log_variance, generator: mean),
        ("contrast_loss", lambda *_: torch.zeros(())),
    ):
        (setattr if monkeypatch is None else monkeypatch.setattr)(topic_model, name, stand_in)


def trained_in_part(rank, *args):
    quiet()
    with joined(CPU) as processes:
        return trained(processes, *args)


@pytest.mark.parametrize(("n_cells", "held_out"), [(40, None), (40, np.array([3, 5, 7]))])
def test_two_processes_train_as_one(monkeypatch, n_cells, held_out):
    one, two = on_two(trained_in_part, n_cells, held_out)
    quiet(monkeypatch)
    whole = trained(ALONE, n_cells, held_out)
    assert one.keys() == two.keys() == whole.keys()
    for name, expected in whole.items():
        assert np.array_equal(one[name], two[name]), name
        np.testing.assert_allclose(one[name], expected, rtol=1e-5, atol=1e-8, err_msg=name)


def test_noise_is_each_process_its_own_and_comes_again():
    def noise(rank, epoch):
        generator = torch.Generator()
        Processes(rank, 2).seed(generator, 5, epoch)
        return float(torch.rand((), generator=generator))

    assert noise(0, 3) == noise(0, 3)
    assert len({noise(0, 3), noise(1, 3), noise(0, 4)}) == 3


def test_a_process_is_one_of_several_only_where_torchrun_says_so(monkeypatch):
    assert local_rank() is None
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        assert local_rank() is None
        monkeypatch.setenv(name, "1")
    assert local_rank() is None
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert local_rank() == 1
    monkeypatch.delenv("RANK")
    with joined(CPU) as processes:
        assert processes is ALONE


def test_too_many_processes_are_named():
    with pytest.raises(InputError, match=r"WORLD_SIZE=4 is too many.*batches of 7 cells"):
        trained(Processes(0, 4), 30, batch_size=8)
    ALONE.check_batches(2)


def same(rank, facts):
    """What a process says when those of both are compared."""
    try:
        with joined(CPU) as processes:
            processes.check_same({"seed": 0, "step": facts[rank]})
            return "same"
    except InputError as error:
        return str(error)


def test_processes_that_would_train_other_models_are_refused():
    assert on_two(same, ((1,), (1,))) == ["same", "same"]
    for rank, said in enumerate(on_two(same, ((2, 0), (2, 1)))):
        assert "the 2 processes do not have the same step" in said
        assert f"step of process {rank}: (2, {rank})" in said


def in_a_group_of_the_caller(rank):
    torch.distributed.init_process_group("gloo")
    with joined(CPU) as processes:
        mean = processes.means({"rank": float(rank)})["rank"]
    kept = torch.distributed.is_initialized()
    torch.distributed.destroy_process_group()
    return mean, kept


def test_a_group_that_the_caller_made_is_used_and_kept():
    assert on_two(in_a_group_of_the_caller) == [(0.5, True)] * 2


def thrice(rank):
    distributed.TIMEOUT = timedelta(seconds=20)
    means = []
    for value in (1.0, 2.0, 3.0):
        with joined(CPU) as processes:
            means.append(processes.means({"value": value * rank})["value"])
            # the second process comes to their next meeting while the first is still at this one
            time.sleep(1 - rank)
    return means


def test_each_meeting_is_a_new_one():
    assert on_two(thrice) == [[0.5, 1.0, 1.5]] * 2


def failing(rank, how, seconds):
    """What is raised in a process when the second one fails in some way, and after how long."""
    distributed.TIMEOUT = timedelta(seconds=seconds)
    start = time.monotonic()
    try:
        if how == "absent" and rank == 1:
            time.sleep(seconds + 2)
            return "slept", 0.0
        with joined(CPU) as processes:
            assert processes.means({"a": float(rank)}) == {"a": 0.5}
            if rank == 1:
                if how == "error":
                    raise InputError("its own")
                time.sleep(seconds + 2)
                return "slept", 0.0
            processes.means({"a": 1.0})
    except SCE2TMError as error:
        return str(error), time.monotonic() - start
    return "went on", 0.0


@pytest.mark.parametrize("how", ["error", "silent", "absent"])
def test_a_failing_process_ends_the_others(how):
    (said, after), (other, _) = on_two(failing, how, 60 if how == "error" else 3)
    assert "process 0 of 2 lost the others" in said
    assert after < 30
    assert other == ("its own" if how == "error" else "slept")


def test_other_errors_pass_as_they_are(monkeypatch):
    for name in ("RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(distributed, "_meet", lambda device: None)
    with pytest.raises(RuntimeError, match="of somebody else"), joined(CPU):
        raise RuntimeError("of somebody else")
