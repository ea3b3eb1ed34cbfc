import pytest
import torch

from ranks import on_two
from sce2tm.nn.share import WHOLE, Share
from sce2tm.train.distributed import joined


@pytest.mark.parametrize("n_cells", [2, 7, 512])
@pytest.mark.parametrize("n_processes", [1, 2, 3])
def test_parts_make_the_batch_and_are_even(n_cells, n_processes):
    parts = [range(n_cells)[Share(n_cells, r, n_processes).rows] for r in range(n_processes)]
    assert [row for part in parts for row in part] == list(range(n_cells))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_alone_nothing_changes(rng):
    values = torch.tensor(rng.normal(size=(5, 3)))
    assert torch.equal(WHOLE.mean(values), values.mean(0))
    assert WHOLE.average(values) is values
    assert WHOLE.cells(values) == 5
    assert list(range(5))[WHOLE.rows] == list(range(5))


def spread(rank, values):
    """Each process's part of the batch's variance, and its gradient."""
    share = Share(len(values), rank, 2)
    own = torch.tensor(values[share.rows], requires_grad=True)
    with joined(torch.device("cpu")):
        mean = share.average(share.mean(own))
        loss = share.mean((own - mean) ** 2).sum()
        loss.backward()
    return loss.item(), own.grad.numpy()


def test_unequal_parts_give_the_loss_and_gradient_of_the_whole(rng):
    values = rng.normal(size=(7, 3))
    whole = torch.tensor(values, requires_grad=True)
    loss = whole.var(0, correction=0).sum()
    loss.backward()
    (one, upper), (two, lower) = on_two(spread, values)
    assert (one + two) / 2 == pytest.approx(loss.item())
    # each has the gradient of the sum of both losses, of which training takes the average
    found = torch.cat([torch.tensor(upper), torch.tensor(lower)]) / 2
    torch.testing.assert_close(found, whole.grad)
