import torch

from sce2tm.nn.layers import linear


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
