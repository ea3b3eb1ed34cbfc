import numpy as np
import ot
import pytest
import torch

from sce2tm.nn.transport import TransportCost, steady_plan, transport_gradient, transport_plan

NORMS = [0.5, 1.0, 2.0, 5.0, 10.0]


def random_cost(norm, n_genes=40, n_topics=7, seed=0):
    """Squared distances between random points of a given length."""
    rng = np.random.default_rng(seed)
    genes, topics = (rng.normal(size=(n, 5)) for n in (n_genes, n_topics))
    genes, topics = (x / np.linalg.norm(x, axis=1, keepdims=True) * norm for x in (genes, topics))
    return torch.tensor(ot.dist(genes, topics))


def converged(cost, start=None):
    dual = torch.zeros(cost.shape[1], dtype=cost.dtype) if start is None else start
    return transport_plan(cost, dual, tolerance=1e-12, max_iterations=20_000)


@pytest.mark.parametrize("norm", NORMS)
def test_plan_and_cost_are_those_of_pot(norm):
    cost = random_cost(norm)
    plan, *_ = converged(cost)
    n_genes, n_topics = cost.shape
    oracle = ot.sinkhorn(
        np.full(n_genes, 1 / n_genes),
        np.full(n_topics, 1 / n_topics),
        cost.numpy(),
        reg=0.05,
        method="sinkhorn_log",
        numItermax=20_000,
        stopThr=1e-12,
        warn=False,
    )
    np.testing.assert_allclose(plan.numpy(), oracle, atol=1e-8)
    assert float((plan * cost).sum()) == pytest.approx(float((oracle * cost.numpy()).sum()))


@pytest.mark.parametrize("norm", NORMS)
def test_gradient_is_that_of_finite_differences(norm):
    cost = random_cost(norm, n_genes=9, n_topics=4)
    plan, dual, _ = converged(cost)
    exact = transport_gradient(cost, plan, 0.05)

    def transport_cost(matrix):
        return float((converged(matrix, dual)[0] * matrix).sum())

    step = 1e-5
    numeric = torch.zeros_like(cost)
    for index in np.ndindex(*cost.shape):
        shift = torch.zeros_like(cost)
        shift[index] = step
        numeric[index] = (transport_cost(cost + shift) - transport_cost(cost - shift)) / (2 * step)
    scale = float(numeric.abs().max())
    np.testing.assert_allclose(exact.numpy(), numeric.numpy(), atol=2e-4 * scale)


def test_holding_the_plan_fixed_would_be_another_gradient():
    cost = random_cost(1.0, n_genes=9, n_topics=4)
    plan, *_ = converged(cost)
    assert (transport_gradient(cost, plan, 0.05) - plan).abs().max() > 0.05 * plan.max()


@pytest.mark.parametrize("norm", NORMS)
def test_all_mass_is_carried_in_single_precision(norm):
    plan, *_ = transport_plan(random_cost(norm).float(), torch.zeros(7))
    assert float(plan.sum()) == pytest.approx(1.0, abs=1e-5)
    assert torch.isfinite(plan).all()


def test_marginal_of_the_topics_is_met_within_tolerance():
    plan, *_ = transport_plan(random_cost(1.0), torch.zeros(7, dtype=torch.float64), tolerance=1e-4)
    assert float((plan.sum(0) - 1 / 7).abs().sum()) <= 1e-4


def test_warm_start_needs_no_further_iteration():
    cost = random_cost(1.0)
    _, dual, _ = converged(cost)
    plan, same, iterations = transport_plan(cost, dual, tolerance=1e-9, max_iterations=1)
    assert torch.equal(dual, same)
    assert iterations == 0
    assert float((plan.sum(0) - 1 / 7).abs().sum()) < 1e-9


def test_plan_follows_a_cost_that_moves_without_looking_at_values():
    cost = random_cost(1.0)
    _, dual, _ = converged(cost)
    for seed in range(1, 30):
        cost = cost + 0.002 * random_cost(1.0, seed=seed)
        plan, dual = steady_plan(cost, dual)
    assert float((plan.sum(0) - 1 / 7).abs().sum()) < 5e-3
    torch.testing.assert_close(plan.sum(1), torch.full((40,), 1 / 40, dtype=torch.float64))


def test_gradient_is_finite_where_the_plan_splits_into_blocks():
    # two far pairs of clusters: almost no mass between the blocks
    cost = torch.full((8, 4), 400.0)
    cost[:4, :2] = torch.rand(4, 2, generator=torch.Generator().manual_seed(0))
    cost[4:, 2:] = torch.rand(4, 2, generator=torch.Generator().manual_seed(1))
    plan, *_ = transport_plan(cost, torch.zeros(4))
    gradient = transport_gradient(cost, plan, 0.05)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() < 10


def test_module_descends_its_own_gradient_and_keeps_its_start():
    cost = random_cost(1.0).float().requires_grad_()
    module = TransportCost(7, tolerance=1e-6, max_iterations=10_000)
    loss = module(cost)
    loss.backward()
    assert module.dual.abs().max() > 0
    with torch.no_grad():
        assert module(cost - 0.01 * cost.grad / cost.grad.norm()) < loss
