import numpy as np
import pytest

from sce2tm.data.batches import batches_per_epoch, shuffled, stretches


@pytest.mark.parametrize(("n_cells", "batch_size"), [(2, 2), (3, 2), (5, 2), (513, 512), (1000, 7)])
def test_each_epoch_has_every_cell_once_and_no_batch_is_single(n_cells, batch_size, rng):
    for _ in range(3):
        epoch = shuffled(n_cells, batch_size, rng)
        assert len(epoch) == batches_per_epoch(n_cells, batch_size)
        assert sorted(np.concatenate(epoch).tolist()) == list(range(n_cells))
        assert min(map(len, epoch)) >= 2


@pytest.mark.parametrize("per_epoch", [1, 50, 51, 391, 3907])
def test_a_long_epoch_is_cut_into_even_stretches_of_fifty_steps_at_most(per_epoch):
    ends = stretches(per_epoch)
    lengths = np.diff([0, *ends])
    assert ends[-1] == per_epoch
    assert lengths.max() <= 50
    assert lengths.max() - lengths.min() <= 1
    # one stretch less could not hold them
    assert 50 * (len(ends) - 1) < per_epoch
