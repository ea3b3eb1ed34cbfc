import numpy as np
import pytest
import torch
from scipy import sparse

from sce2tm.data.batches import TrainingCells, batches_per_epoch, shuffled
from sce2tm.data.neighbors import mutual_neighbors

CPU = torch.device("cpu")


@pytest.mark.parametrize(("n_cells", "batch_size"), [(2, 2), (3, 2), (5, 2), (513, 512), (1000, 7)])
def test_each_epoch_has_every_cell_once_and_no_batch_is_single(n_cells, batch_size, rng):
    batches = shuffled(n_cells, batch_size, rng)
    for _ in range(3):
        epoch = [next(batches) for _ in range(batches_per_epoch(n_cells, batch_size))]
        assert sorted(np.concatenate(epoch).tolist()) == list(range(n_cells))
        assert min(map(len, epoch)) >= 2


def test_a_batch_holds_the_rows_of_its_cells(rng):
    target = sparse.random(30, 8, 0.4, format="csr", dtype="float32", random_state=0)
    external = rng.normal(size=(30, 3)).astype("float32")
    components = rng.normal(size=(30, 2)).astype("float32")
    near = mutual_neighbors(external, 4, seed=0)
    cells = np.array([4, 17, 2])
    batch = TrainingCells(target, components, False, external, near, near).batch(cells, rng, CPU)
    dense = np.zeros((3, 8), "float32")
    dense.flat[batch.target.positions().numpy()] = batch.target.values.numpy()
    np.testing.assert_array_equal(dense, target.toarray()[cells])
    np.testing.assert_array_equal(batch.inputs.numpy(), components[cells])
    np.testing.assert_array_equal(batch.external.numpy(), external[cells])
    for values, drawn in (
        (components, batch.neighbour_inputs),
        (external, batch.neighbour_external),
    ):
        for cell, row in zip(cells, drawn.numpy(), strict=True):
            others = near.table[cell][near.table[cell] >= 0]
            assert any((values[other] == row).all() for other in others)


def test_the_encoder_may_read_genes(rng):
    target = sparse.random(10, 8, 0.4, format="csr", dtype="float32", random_state=0)
    batch = TrainingCells(target, None, True).batch(np.array([3, 1]), rng, CPU)
    assert batch.inputs is batch.target
    assert batch.reference is None
    assert batch.external is None
