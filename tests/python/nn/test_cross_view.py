import numpy as np
import pytest
import torch
from scipy.special import softmax

from sce2tm.nn.cross_view import ClusterHead, balance, consistency_loss


@pytest.fixture
def views(rng):
    return softmax(rng.normal(size=(6, 4)), axis=1), softmax(rng.normal(size=(6, 4)), axis=1)


def test_consistency_is_per_cell(views):
    theta, phi = views
    expected = -np.mean([np.log(np.dot(a, b)) for a, b in zip(theta, phi, strict=True)])
    assert float(consistency_loss(*map(torch.tensor, views))) == pytest.approx(expected)


def test_balance_is_the_entropy_of_the_mean(views):
    uniform = torch.full((3, 4), 0.25)
    assert float(balance(uniform)) == pytest.approx(np.log(4))
    one_topic_each = torch.eye(4)
    assert float(balance(one_topic_each)) == pytest.approx(np.log(4))
    assert float(balance(one_topic_each[:1])) == pytest.approx(0, abs=1e-6)


def test_cluster_head_takes_any_width():
    head = ClusterHead(3, 5, torch.Generator().manual_seed(0))
    phi = head(torch.rand(7, 3, generator=torch.Generator().manual_seed(1)))
    assert phi.shape == (7, 5)
    torch.testing.assert_close(phi.sum(1), torch.ones(7))
