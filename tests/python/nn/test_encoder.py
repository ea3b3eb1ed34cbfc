import pytest
import torch

from sce2tm.nn.encoder import Encoder, sample


def test_heads_are_normalised_over_the_batch_in_training():
    encoder = Encoder(6, 3, 8, torch.Generator().manual_seed(0))
    mean, log_variance = encoder(torch.rand(64, 6, generator=torch.Generator().manual_seed(1)))
    for head in (mean, log_variance):
        torch.testing.assert_close(head.mean(0), torch.zeros(3), atol=1e-5, rtol=0)
        torch.testing.assert_close(head.var(0, unbiased=False), torch.ones(3), atol=1e-2, rtol=0)


def test_evaluation_does_not_depend_on_the_other_cells():
    encoder = Encoder(6, 3, 8, torch.Generator().manual_seed(0)).eval()
    cells = torch.rand(5, 6, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(encoder(cells)[0][:2], encoder(cells[:2])[0])


def test_sample_has_the_mean_and_spread_asked_for():
    mean = torch.full((100_000, 1), 2.0)
    draws = sample(mean, torch.full_like(mean, 0.25).log(), torch.Generator().manual_seed(0))
    assert float(draws.mean()) == pytest.approx(2.0, abs=0.01)
    assert float(draws.std()) == pytest.approx(0.5, abs=0.01)


def test_parts_of_a_batch_are_read_as_if_one_after_the_other():
    one, two = (Encoder(6, 3, 8, torch.Generator().manual_seed(0)) for _ in range(2))
    cells = torch.rand(10, 6, generator=torch.Generator().manual_seed(1))
    together = one(cells, n_parts=2)
    apart = [two(part) for part in cells.chunk(2)]
    for found, expected in zip(together, zip(*apart, strict=True), strict=True):
        torch.testing.assert_close(found, torch.cat(expected))
    for name, buffer in two.named_buffers():
        torch.testing.assert_close(dict(one.named_buffers())[name], buffer)
