import math

import pytest
import torch

from sce2tm.nn.layers import Tanh, linear


def test_linear_draws_from_its_generator_only():
    before = torch.random.get_rng_state()
    layer = linear(50, 40, torch.Generator().manual_seed(3))
    again = linear(50, 40, torch.Generator().manual_seed(3))
    assert torch.equal(layer.weight, again.weight)
    assert torch.equal(layer.bias, again.bias)
    assert torch.equal(before, torch.random.get_rng_state())


def test_linear_has_the_range_of_torch():
    weight, reference = linear(50, 4000, torch.Generator().manual_seed(3)).weight.detach(), 50**-0.5
    assert weight.abs().max() <= reference
    # uniform: standard deviation is the half-width over the root of three
    assert abs(float(weight.std()) - reference / 3**0.5) < 0.01 * reference


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_tanh_and_its_slope(dtype):
    places = [-30.0, -3.0, -1.0, -1e-3, 0.0, 0.5, 2.0, 9.0, 100.0]
    inputs = torch.tensor(places, dtype=dtype, requires_grad=True)
    outputs = Tanh()(inputs)
    outputs.sum().backward()
    assert outputs.dtype == dtype
    near = {"rtol": 0, "atol": 4 * torch.finfo(dtype).eps}
    exact = torch.tensor([math.tanh(place) for place in inputs.tolist()], dtype=dtype)
    torch.testing.assert_close(outputs.detach(), exact, **near)
    slope = torch.tensor([1 - math.tanh(place) ** 2 for place in inputs.tolist()], dtype=dtype)
    torch.testing.assert_close(inputs.grad, slope, **near)
