import numpy as np
import pytest

from sce2tm.data.batches import batches_per_epoch, shuffled


@pytest.mark.parametrize(("n_cells", "batch_size"), [(2, 2), (3, 2), (5, 2), (513, 512), (1000, 7)])
def test_each_epoch_has_every_cell_once_and_no_batch_is_single(n_cells, batch_size, rng):
    batches = shuffled(n_cells, batch_size, rng)
    for _ in range(3):
        epoch = [next(batches) for _ in range(batches_per_epoch(n_cells, batch_size))]
        assert sorted(np.concatenate(epoch).tolist()) == list(range(n_cells))
        assert min(map(len, epoch)) >= 2
