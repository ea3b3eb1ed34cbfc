import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

from sce2tm.nn.distance import distance_loss


def test_loss_is_one_minus_the_weighted_correlation(rng):
    latent, reference = rng.normal(size=(12, 4)), rng.normal(size=(12, 3))
    d, target = pdist(latent), pdist(reference)
    covariance = np.cov(d, target, aweights=np.exp(-2 * target / 1.7))
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    ours = distance_loss(torch.tensor(latent), torch.tensor(reference), 1.7)
    assert float(ours) == pytest.approx(1 - correlation, abs=1e-7)


def test_loss_knows_neither_scale_nor_rotation(rng):
    cells = torch.tensor(rng.normal(size=(10, 3)))
    turn = torch.tensor(np.linalg.qr(rng.normal(size=(3, 3)))[0])
    assert float(distance_loss(5 * cells @ turn, cells, 1.0)) == pytest.approx(0, abs=1e-6)


def test_gradient_is_finite_for_equal_cells():
    latent = torch.zeros(4, 2, requires_grad=True)
    distance_loss(
        latent, torch.rand(4, 2, generator=torch.Generator().manual_seed(0)), 1.0
    ).backward()
    assert torch.isfinite(latent.grad).all()


def test_gradient_is_finite_where_there_is_only_one_pair():
    latent = torch.tensor([[0.0, 1.0], [2.0, 0.0]], requires_grad=True)
    loss = distance_loss(latent, torch.tensor([[0.0], [1.0]]), 1.0)
    loss.backward()
    assert loss.item() == 1
    assert torch.isfinite(latent.grad).all()
