import numpy as np
import pytest
import torch
from scipy import sparse

from sce2tm.data.batches import TrainingCells
from sce2tm.errors import DeviceError, SCE2TMError
from sce2tm.nn.topic_model import TopicModel, Weights
from sce2tm.train.config import configure
from sce2tm.train.loop import train
from sce2tm.train.rmsprop import RMSprop
from sce2tm.train.run import Checkpoints, Run

CPU = torch.device("cpu")
TERMS = {"loss", "reconstruction", "kl", "ecr"}
STATE = {"step", "learning_rate", "dead_topics", "transported_mass", "transport_iterations"}


def run(
    n_cells=20, n_topics=3, progress=False, target=None, held_out=None, most_updates=1000, **changes
):
    config = configure("default", n_topics=n_topics, encoder_input="genes", **changes)
    module = TopicModel(
        8, 8, n_topics, reads_genes=True, n_hidden=5, n_dims=4, tau=1.0,
        weights=Weights(1.0, 0.0, 1.0), n_external=None, distance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    module.transport.max_iterations = most_updates
    if target is None:
        target = sparse.random(n_cells, 8, 0.6, format="csr", dtype="float32", random_state=0)
    optimizer = RMSprop(module.parameters(), 0.01)
    run = Run(module, optimizer, np.random.default_rng(0), torch.Generator().manual_seed(0))
    history = train(
        run,
        TrainingCells(target, None, reads_genes=True, held_out=held_out),
        config,
        checkpoints=Checkpoints(None, 5, ""),
        device=CPU,
        progress=progress,
    )
    return module, history


def test_history_has_a_value_for_each_epoch_and_the_sum_of_the_terms():
    _, history = run(epochs=4, batch_size=6)
    assert history["step"].tolist() == [4, 8, 12, 16]
    assert set(history) == TERMS | STATE
    np.testing.assert_allclose(
        history["loss"], history["reconstruction"] + history["kl"] + history["ecr"]
    )


def test_steps_that_are_no_whole_epochs_end_on_time():
    # 23 batches an epoch, 100 epochs would be 2,300 steps: 400 is the most
    _, history = run(n_cells=46, batch_size=2)
    assert history["step"][-1] == 400


def test_training_lowers_the_loss_and_ends_in_evaluation():
    module, history = run(epochs=150)
    assert history["loss"][-1] < history["loss"][0] - 0.5
    assert not module.training


def test_state_of_the_topics_is_recorded():
    _, history = run(epochs=6, halve_every=2)
    np.testing.assert_allclose(history["learning_rate"] * 1000, [1, 1, 0.5, 0.5, 0.25, 0.25])
    # the plan's tolerance is 5e-3 in all, half of it too much and half too little
    assert (np.abs(history["transported_mass"] - 1) <= 2.6e-3).all()
    assert (history["transport_iterations"] <= 1000).all()
    assert history["dead_topics"].max() <= 3


def test_a_user_hears_of_topics_that_no_cell_has():
    # four cells can lead four topics of ten at most
    with pytest.warns(UserWarning, match="topics are the largest of no cell") as warned:
        _, history = run(n_cells=4, n_topics=10, epochs=1)
    assert history["dead_topics"][-1] >= 6
    assert f"{history['dead_topics'][-1]:.0f} of 10 topics" in str(warned[0].message)
    run(n_cells=20, epochs=1)  # where a warning would be an error


def test_a_last_step_of_few_cells_alarms_nobody():
    # 399 steps an epoch, and one of the next: two cells, which lead two topics of five at most
    _, history = run(n_cells=798, n_topics=5, batch_size=2)
    assert history["step"][-2:].tolist() == [399, 400]
    assert history["dead_topics"][-1] >= 3


def test_a_user_hears_of_a_plan_that_is_not_balanced():
    # one update cannot follow topics that are driven apart
    with pytest.warns(UserWarning, match=r"brings 0\.\d+ of the genes' mass to the topics"):
        _, history = run(epochs=60, most_updates=1, learning_rate=0.5)
    assert history["transported_mass"][-1] < 0.99


def test_a_long_epoch_is_looked_at_on_its_way():
    seen = []
    _, history = run(
        n_cells=240, batch_size=2, epochs=2, progress=lambda step, total, _: seen.append(step)
    )
    # 120 steps an epoch: three looks at each
    assert seen == [40, 80, 120, 160, 200, 240]
    assert history["step"].tolist() == seen


def test_the_default_of_many_cells_is_looked_at():
    # 450 steps an epoch, of which 400 are taken
    _, history = run(n_cells=900, batch_size=2)
    assert history["step"].tolist() == [50, 100, 150, 200, 250, 300, 350, 400]


def test_early_stopping_acts_within_an_epoch():
    target = sparse.random(1020, 8, 0.6, format="csr", dtype="float32", random_state=0)
    _, history = run(target=target, held_out=np.arange(20), batch_size=2, learning_rate=0.02)
    assert history["step"][-1] < 400
    assert history["held_out"].argmin() == len(history["held_out"]) - 3


def test_the_learning_rate_is_halved_on_time():
    fast, slow = run(epochs=3)[0], run(epochs=3, halve_every=1)[0]
    same = run(epochs=3, halve_every=3)[0]
    assert torch.equal(fast.decoder.gene_embedding, same.decoder.gene_embedding)
    assert not torch.equal(fast.decoder.gene_embedding, slow.decoder.gene_embedding)


def test_cells_held_out_change_nothing_but_are_measured():
    target = sparse.random(30, 8, 0.6, format="csr", dtype="float32", random_state=0)
    held_out = np.array([3, 28])
    other = target.copy().tolil()
    other[held_out] = 1.0
    one, seen = run(target=target, held_out=held_out, epochs=5)
    two, elsewhere = run(target=other.tocsr(), held_out=held_out, epochs=5)
    assert torch.equal(one.decoder.gene_embedding, two.decoder.gene_embedding)
    assert len(seen["held_out"]) == 5
    assert not np.array_equal(seen["held_out"], elsewhere["held_out"])


def test_training_ends_when_the_held_out_cells_gain_nothing_more():
    # noise has nothing to teach: what is learned of the other cells is of no use
    target = sparse.random(60, 8, 0.6, format="csr", dtype="float32", random_state=0)
    _, history = run(target=target, held_out=np.arange(20), epochs=2000, learning_rate=0.01)
    losses, patience = history["held_out"], 50
    assert len(losses) < 2000
    assert losses.argmin() == len(losses) - patience - 1


def test_divergence_is_named():
    target = sparse.csr_matrix(np.full((20, 8), 1e38, "float32"))
    with pytest.raises(SCE2TMError, match=r"training diverged: the term 'reconstruction'.*1 steps"):
        run(target=target, epochs=1)


def full(*_, **__):
    raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize("where", ["Loader", "Loader.batch", "level_genes"])
def test_full_memory_is_named_wherever_it_happens(monkeypatch, where):
    monkeypatch.setattr(f"sce2tm.train.loop.{where}", full)
    with pytest.raises(DeviceError, match="memory of device='cpu' is full with batch_size=512"):
        run(epochs=1)
