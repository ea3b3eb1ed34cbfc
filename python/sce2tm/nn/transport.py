"""Embedding clustering regularisation: entropic optimal transport of genes to topics.

Paper, Eq. 14 and 15. The iteration runs in the log domain, so that the plan keeps all of its
mass however far the embeddings have grown, and the gradient goes through the plan by the
implicit function theorem: the loss is the transport cost, not the entropic objective, and
holding the plan fixed would let topics collapse.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn


def transport_plan(
    cost: Tensor,
    dual: Tensor,
    *,
    epsilon: float = 0.05,
    tolerance: float = 5e-3,
    max_iterations: int = 1000,
) -> tuple[Tensor, Tensor, int]:
    """Entropic transport plan between uniform genes (1/V) and uniform topics (1/K).

    Parameters
    ----------
    cost
        V x K, non-negative.
    dual
        Dual variable of the topics to start from, length K: zeros, or that of a similar cost,
        which saves nearly all iterations.
    epsilon
        Entropic regularisation, in units of `cost`. Smaller is sharper and slower.
    tolerance
        Summed absolute error of the topics' marginal at which to stop. The genes' marginal,
        and so the total mass of 1, is exact at any time.
    max_iterations
        Stop here in any case; each costs one pass over the V x K matrix.

    Returns
    -------
    The plan (V x K), the topics' dual, which the next call can start from, and the number of
    updates of the dual that were needed.

    Examples
    --------
    >>> plan, _, _ = transport_plan(torch.rand(6, 3), torch.zeros(3))
    >>> round(float(plan.sum()), 5)
    1.0
    """
    n_genes = len(cost)
    iteration = 0
    while True:
        # a softmax over topics is the genes' half-step, exact in every row
        plan = _by_gene(cost, dual, epsilon)
        columns = plan.sum(0)
        if columns.min() < _FAINT * n_genes and iteration < max_iterations - 1:
            # a topic too far for the range of the plan: only logarithms can bring it near
            dual = dual - epsilon * _log_excess(cost, dual, epsilon)
            iteration += 1
            continue
        scale, by_row, steps = _balance(plan, columns, tolerance, max_iterations - iteration)
        iteration += steps
        if steps:
            dual = dual + epsilon * scale.log()
        if scale.max() < 1 / _FAINT or iteration >= max_iterations - 1:
            return plan.mul_(scale).mul_(by_row / n_genes), dual, iteration


# smallest mass of a topic, as a share of all, that plain products are trusted with
_FAINT = 1e-12


def _by_gene(cost: Tensor, dual: Tensor, epsilon: float) -> Tensor:
    """Shares of each gene among the topics, softmax of (dual - cost) / epsilon."""
    logits = torch.sub(dual / epsilon, cost, alpha=1 / epsilon)
    return torch.softmax(logits, dim=1, out=logits)


def _balance(
    plan: Tensor, columns: Tensor, tolerance: float, most: int
) -> tuple[Tensor, Tensor, int]:
    """Scale columns in turn with rows, which sum to 1, until the columns' sums are even.

    Two products of the plan with a vector an update, where logarithms would pass over V x K
    exponentials. Stops as well when a scale leaves the range that single precision holds.
    Returns what to multiply columns and rows with, and the number of updates.
    """
    n_genes, n_topics = plan.shape
    share = n_genes / n_topics
    scale, by_row = plan.new_ones(n_topics), plan.new_ones(n_genes, 1)
    for step in range(most):
        if step:
            columns = scale * (plan.T @ by_row)[:, 0]
        error = float(torch.linalg.vector_norm(columns - share, ord=1)) / n_genes
        if error <= tolerance or step == most - 1 or float(scale.max()) > 1 / _FAINT:
            break
        scale = scale * share / columns
        by_row = (plan @ scale[:, None]).reciprocal_()
    return scale, by_row, step


def _log_excess(cost: Tensor, dual: Tensor, epsilon: float) -> Tensor:
    """Logarithm of each topic's mass over its share, however small."""
    n_genes, n_topics = cost.shape
    log_plan = torch.log_softmax((dual - cost) / epsilon, dim=1)
    return torch.logsumexp(log_plan, dim=0) + math.log(n_topics / n_genes)


def transport_gradient(cost: Tensor, plan: Tensor, epsilon: float) -> Tensor:
    """Exact derivative of the transport cost ``sum(cost * plan(cost))``, V x K.

    Differentiates the fixed point of the plan: one K x K linear solve. Its matrix is the
    Laplacian of a graph whose edges are the mass that two topics share. Taking the diagonal from
    the edges keeps that structure exact, so that only K x K numbers need double precision. It
    is singular along the constant vector, and along more where the plan splits into blocks: a
    rank-one term and a ridge as small as the precision of `cost` make it solvable.

    Parameters
    ----------
    cost, plan
        V x K, as in `transport_plan`; the genes' marginal must be exact.
    epsilon
        The regularisation that the plan was made with.

    Returns
    -------
    V x K, in the precision of `cost`.
    """
    n_genes, n_topics = cost.shape
    weighted = plan * cost
    # every gene carries a mass of 1/V
    by_gene = weighted.sum(1, keepdim=True).mul_(n_genes)
    excess = weighted.sum(0) - (plan.T @ by_gene)[:, 0]
    # Apple's GPU has no double precision
    device = torch.device("cpu") if cost.device.type == "mps" else cost.device
    edges = (plan.T @ plan).to(device=device, dtype=torch.float64)
    edges.mul_(n_genes).fill_diagonal_(0.0)
    topics = plan.sum(0).to(edges)
    system = torch.diag(edges.sum(1)) - edges
    system += n_topics * torch.outer(topics, topics)
    ridge = 8 * torch.finfo(cost.dtype).eps
    system.diagonal().add_(ridge * topics.mean())
    # without torch's check, which would make a GPU wait: the ridge keeps the matrix regular
    v = torch.linalg.solve_ex(system, excess.to(edges)).result.to(cost)
    u = by_gene.addmm_(plan, v[:, None], alpha=-n_genes)
    gradient = torch.sub(v / epsilon + 1, cost, alpha=1 / epsilon, out=weighted)
    return gradient.add_(u / epsilon).mul_(plan)


def steady_plan(
    cost: Tensor, dual: Tensor, *, epsilon: float = 0.05, updates: int = 8
) -> tuple[Tensor, Tensor]:
    """Plan from a dual that is nearly right, by a fixed number of updates.

    Unlike `transport_plan` it never looks at a value, so a GPU need not be waited for. The genes'
    marginal is exact; that of the topics is as good as the updates make it.

    Returns
    -------
    The plan (V x K) and the topics' dual.
    """
    n_genes, n_topics = cost.shape
    plan = _by_gene(cost, dual, epsilon)
    scale, by_row = plan.new_ones(n_topics), plan.new_ones(n_genes, 1)
    for _ in range(updates):
        columns = scale * (plan.T @ by_row)[:, 0]
        scale = scale * (n_genes / n_topics / columns).clamp(_FAINT, 1 / _FAINT)
        by_row = (plan @ scale[:, None]).reciprocal_()
    return plan.mul_(scale).mul_(by_row / n_genes), dual + epsilon * scale.log()


class _TransportCost(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, cost: Tensor, plan: Tensor, epsilon: float) -> Tensor:
        ctx.save_for_backward(cost, plan)
        ctx.epsilon = epsilon
        return torch.dot(cost.view(-1), plan.view(-1))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        cost, plan = ctx.saved_tensors
        return transport_gradient(cost, plan, ctx.epsilon).mul_(grads[0]), None, None


class TransportCost(nn.Module):
    """Transport cost of a gene-topic cost matrix, warm-started from the previous call.

    Parameters
    ----------
    n_topics
        K.
    epsilon, tolerance, max_iterations
        As in `transport_plan`.

    Attributes
    ----------
    iterations, mass
        Of the last plan: updates it took, and the mass that it brings to where it belongs, each
        topic taking its share of 1/K and no more. 1 when balanced.
    due
        Whether the next plan is to meet the tolerance. On a CPU all do; on a GPU, that would have
        to be waited for, the training loop asks once in a stretch.
    """

    dual: Tensor
    mass: Tensor

    def __init__(
        self,
        n_topics: int,
        epsilon: float = 0.05,
        tolerance: float = 5e-3,
        max_iterations: int = 1000,
    ) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.tolerance = tolerance
        self.max_iterations = max_iterations
        self.iterations = 0
        self.due = True
        self.register_buffer("dual", torch.zeros(n_topics))
        self.register_buffer("mass", torch.ones(()), persistent=False)

    def forward(self, cost: Tensor) -> Tensor:
        """Return ``sum(cost * plan)``; its gradient goes through the plan."""
        with torch.no_grad():
            if self.due or cost.device.type == "cpu":
                plan, dual, self.iterations = transport_plan(
                    cost,
                    self.dual,
                    epsilon=self.epsilon,
                    tolerance=self.tolerance,
                    max_iterations=self.max_iterations,
                )
                self.due = False
            else:
                plan, dual = steady_plan(cost, self.dual, epsilon=self.epsilon)
            self.dual.copy_(dual - dual.mean())
            self.mass.copy_(plan.sum(0).clamp_(max=1 / plan.shape[1]).sum())
        loss: Tensor = _TransportCost.apply(cost, plan, self.epsilon)  # type: ignore[no-untyped-call]
        return loss
