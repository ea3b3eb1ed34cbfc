import numpy as np
import pytest
import torch
from scipy import sparse

from sce2tm.data.batches import TrainingCells
from sce2tm.data.loader import DeviceSource, HostSource, Loader
from sce2tm.data.neighbors import mutual_neighbors
from sce2tm.nn.sparse import sparse_product

CPU = torch.device("cpu")
SOURCES = [HostSource, DeviceSource]


def load(source, cells, rows, rng):
    loader = Loader(cells, CPU)
    loader.source = source(cells, CPU)
    return loader.batch(rows, rng)


@pytest.mark.parametrize("source", SOURCES)
def test_a_batch_holds_the_rows_of_its_cells(source, rng):
    target = sparse.random(30, 8, 0.4, format="csr", dtype="float32", random_state=0)
    external = rng.normal(size=(30, 3)).astype("float32")
    components = rng.normal(size=(30, 2)).astype("float32")
    near = mutual_neighbors(external, 4, seed=0)
    cells = np.array([4, 17, 2])
    every = TrainingCells(target, components, False, external, near, near)
    batch = load(source, every, cells, rng)
    dense = np.zeros((3, 8), "float32")
    dense.flat[batch.target.positions.numpy()] = batch.target.values.numpy()
    np.testing.assert_array_equal(dense, target.toarray()[cells])
    np.testing.assert_array_equal(batch.target.dense().numpy(), dense)
    np.testing.assert_allclose(batch.target.totals.numpy(), dense.sum(1), rtol=1e-6)
    np.testing.assert_array_equal(batch.reference.numpy(), components[cells])
    for values, stacked in ((components, batch.inputs), (external, batch.external)):
        own, drawn = np.split(stacked.numpy(), 2)
        np.testing.assert_array_equal(own, values[cells])
        for cell, row in zip(cells, drawn, strict=True):
            others = near.table[cell][near.table[cell] >= 0]
            assert any((values[other] == row).all() for other in others)


@pytest.mark.parametrize("source", SOURCES)
def test_a_large_part_of_all_cells_is_read_once(source, rng):
    target = sparse.random(30, 8, 0.4, format="csr", dtype="float32", random_state=0)
    external = np.arange(30, dtype="float32")[:, None]
    near = mutual_neighbors(rng.normal(size=(30, 3)), 4, seed=0)
    cells = rng.permutation(30)[:20]
    every = TrainingCells(target, external, False, external, near, near)
    batch = load(source, every, cells, rng)
    for rows, at in ((batch.inputs, batch.inputs_at), (batch.external, batch.external_at)):
        assert len(np.unique(rows)) == len(rows) <= 30
        own, drawn = np.split(rows[at].numpy()[:, 0].astype(int), 2)
        np.testing.assert_array_equal(own, cells)
        assert all(other in near.table[cell] for cell, other in zip(cells, drawn, strict=True))
    np.testing.assert_array_equal(batch.reference.numpy(), external[cells])
    np.testing.assert_array_equal(batch.target.dense().numpy(), target[cells].toarray())


@pytest.mark.parametrize("source", SOURCES)
def test_the_encoder_may_read_genes(source, rng):
    target = sparse.random(10, 8, 0.4, format="csr", dtype="float32", random_state=0)
    batch = load(source, TrainingCells(target, None, True), np.array([3, 1]), rng)
    weight = torch.tensor(rng.normal(size=(8, 2)), dtype=torch.float32)
    product = torch.from_numpy(target[[3, 1]].toarray()) @ weight
    torch.testing.assert_close(sparse_product(batch.inputs, weight), product)
    assert batch.reference is None
    assert batch.external is None


@pytest.mark.parametrize("source", SOURCES)
def test_the_cells_come_first_among_those_whose_genes_are_read(source, rng):
    target = sparse.random(40, 8, 0.4, format="csr", dtype="float32", random_state=0)
    external = rng.normal(size=(40, 3)).astype("float32")
    near = mutual_neighbors(external, 4, seed=0)
    cells = np.array([31, 4])
    batch = load(source, TrainingCells(target, None, True, external, near, near), cells, rng)
    own = target[cells].toarray()
    read = sparse_product(batch.inputs, torch.eye(8)).numpy()
    assert len(read) == 4
    np.testing.assert_allclose(read[:2], own, rtol=1e-6)
    np.testing.assert_array_equal(batch.target.dense().numpy(), own)
    np.testing.assert_allclose(batch.target.totals.numpy(), own.sum(1), rtol=1e-6)


def test_a_step_with_the_cells_of_the_last_finds_them_gathered(rng):
    target = sparse.random(12, 8, 0.4, format="csr", dtype="float32", random_state=0)
    external = rng.normal(size=(12, 3)).astype("float32")
    near = mutual_neighbors(external, 4, seed=0)
    loader = Loader(TrainingCells(target, external, False, external, near, near), CPU)
    first, again = (loader.batch(rng.permutation(12), rng) for _ in range(2))
    assert again.target is first.target
    assert again.external is first.external
    assert not torch.equal(again.inputs_at, first.inputs_at)
    other = loader.batch(np.arange(11), rng)
    np.testing.assert_array_equal(other.target.dense().numpy(), target[:11].toarray())
