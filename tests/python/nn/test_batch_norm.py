import pytest
import torch

from ranks import on_two
from sce2tm.nn.batch_norm import BatchNorm
from sce2tm.nn.share import Share
from sce2tm.train.distributed import joined


def prepared(norm, values):
    with torch.no_grad():
        norm.weight.copy_(torch.linspace(0.5, 2.0, values.shape[1]))
        norm.bias.copy_(torch.linspace(-1.0, 1.0, values.shape[1]))
    return norm.to(torch.tensor(values).dtype)


def passed(norm, values, slopes):
    """Output, gradients and state after one step of training."""
    inputs = torch.tensor(values, requires_grad=True)
    output = norm(inputs)
    (output * torch.tensor(slopes)).sum().backward()
    found = {"output": output, "inputs": inputs.grad, "weight": norm.weight.grad}
    found |= {"bias": norm.bias.grad} | dict(norm.named_buffers())
    return {name: tensor.detach().numpy() for name, tensor in found.items()}


def part(rank, values, slopes):
    norm = prepared(BatchNorm(values.shape[1]), values)
    norm.shared = True
    rows = Share(len(values), rank, 2).rows
    with joined(torch.device("cpu")):
        return passed(norm, values[rows], slopes[rows])


def test_alone_it_is_that_of_torch(rng):
    values, slopes = rng.normal(size=(2, 7, 4)).astype("float32")
    ours, theirs = prepared(BatchNorm(4), values), prepared(torch.nn.BatchNorm1d(4), values)
    one, two = passed(ours, values, slopes), passed(theirs, values, slopes)
    assert all((one[name] == two[name]).all() for name in two)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    assert torch.equal(ours.eval()(torch.tensor(values)), theirs.eval()(torch.tensor(values)))


@pytest.mark.parametrize("n_cells", [8, 7])
def test_two_processes_normalise_as_one(rng, n_cells):
    # far from zero: a difference of squares would lose the variance
    values = rng.normal(loc=1e6, size=(n_cells, 4))
    slopes = rng.normal(size=(n_cells, 4))
    whole = passed(prepared(torch.nn.BatchNorm1d(4), values), values, slopes)
    upper, lower = on_two(part, values, slopes)
    for name in ("output", "inputs"):
        found = torch.cat([torch.tensor(upper[name]), torch.tensor(lower[name])])
        torch.testing.assert_close(found, torch.tensor(whole[name]), rtol=1e-7, atol=1e-7)
    for name in ("weight", "bias"):
        torch.testing.assert_close(
            torch.tensor(upper[name] + lower[name]), torch.tensor(whole[name]), rtol=1e-7, atol=1e-7
        )
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        torch.testing.assert_close(torch.tensor(upper[name]), torch.tensor(whole[name]))
        assert (upper[name] == lower[name]).all()
