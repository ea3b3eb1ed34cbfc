"""The fused loss against the same thing written out with torch's own layers."""

import numpy as np
import pytest
import torch
from scipy import sparse

from ranks import on_two
from sce2tm.data.loader import row_sums, sparse_rows
from sce2tm.nn.reconstruction import reconstruction_loss
from sce2tm.nn.share import Share
from sce2tm.train.distributed import joined

B, V = 10, 13


@pytest.fixture(params=[5, 2], ids="{} topics".format)
def parts(rng, request):
    """Normalised by cells with many topics, by topics with few."""
    n_topics = request.param
    target = sparse.random(B, V, 0.5, format="csr", dtype="float64", random_state=0)
    theta = torch.softmax(torch.tensor(rng.normal(size=(B, n_topics))), 1)
    topic_genes = torch.softmax(torch.tensor(rng.normal(size=(V, n_topics))), 1)
    norm = torch.nn.BatchNorm1d(V).double()
    with torch.no_grad():
        norm.weight.copy_(torch.tensor(rng.normal(size=V)))
        norm.bias.copy_(torch.tensor(rng.normal(size=V)))
    return target, theta.requires_grad_(), topic_genes.requires_grad_(), norm


def on_cpu(target):
    return sparse_rows(target, row_sums(target), torch.device("cpu"))


def written_out(target, theta, topic_genes, norm):
    log_expected = torch.log_softmax(norm(theta @ topic_genes.T), 1)
    return -(torch.tensor(target.toarray()) * log_expected).sum(1).mean()


def gradients(loss, theta, topic_genes, norm):
    return torch.autograd.grad(loss, [theta, topic_genes, norm.weight, norm.bias])


def test_loss_gradients_and_running_statistics(parts):
    target, theta, topic_genes, norm = parts
    other = torch.nn.BatchNorm1d(V).double()
    other.load_state_dict(norm.state_dict())
    rows = on_cpu(target)
    ours = 2 * reconstruction_loss(theta, topic_genes, norm, rows)
    theirs = 2 * written_out(target, theta, topic_genes, other)
    torch.testing.assert_close(ours, theirs)
    for one, two in zip(
        gradients(ours, theta, topic_genes, norm),
        gradients(theirs, theta, topic_genes, other),
        strict=True,
    ):
        torch.testing.assert_close(one, two)
    for name, buffer in other.named_buffers():
        torch.testing.assert_close(getattr(norm, name), buffer)


def test_large_logits_do_not_overflow(parts):
    target, theta, topic_genes, norm = parts
    with torch.no_grad():
        norm.weight.mul_(1000)
    loss = reconstruction_loss(theta, topic_genes, norm, on_cpu(target))
    assert torch.isfinite(loss)
    assert all(torch.isfinite(g).all() for g in gradients(loss, theta, topic_genes, norm))


def test_a_cell_without_expression_costs_nothing(parts):
    target, theta, topic_genes, norm = parts
    target = target.tolil()
    target[3] = 0
    rows = on_cpu(target.tocsr())
    loss = reconstruction_loss(theta, topic_genes, norm, rows)
    torch.testing.assert_close(loss, written_out(target, theta, topic_genes, norm))


def test_products_in_low_precision_are_close(parts):
    target, theta, topic_genes, norm = parts
    rows = on_cpu(target)
    exact = reconstruction_loss(theta, topic_genes, norm, rows)
    rough = reconstruction_loss(theta, topic_genes, norm, rows, low_precision=True)
    assert rough != exact
    torch.testing.assert_close(rough, exact, rtol=0.01, atol=0)
    for one, two in zip(
        gradients(rough, theta, topic_genes, norm),
        gradients(exact, theta, topic_genes, norm),
        strict=True,
    ):
        assert (one - two).norm() < 0.05 * two.norm()


def part(rank, target, theta, topic_genes, state):
    """Loss, gradients and running statistics in one of two processes."""
    share = Share(len(theta), rank, 2)
    norm = torch.nn.BatchNorm1d(V).double()
    norm.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    own, genes = (torch.tensor(a, requires_grad=True) for a in (theta[share.rows], topic_genes))
    with joined(torch.device("cpu")):
        loss = reconstruction_loss(own, genes, norm, on_cpu(target[share.rows]), share=share)
    found = gradients(loss, own, genes, norm)
    statistics = norm.running_mean.numpy(), norm.running_var.numpy()
    return loss.item(), [gradient.numpy() for gradient in found], *statistics


@pytest.mark.parametrize("n_cells", [B, B - 1])
def test_two_processes_reconstruct_as_one(parts, n_cells):
    target, theta, topic_genes, norm = parts
    target, theta = target[:n_cells], theta[:n_cells].detach().requires_grad_()
    state = {name: tensor.numpy().copy() for name, tensor in norm.state_dict().items()}
    one, two = on_two(part, target, theta.detach().numpy(), topic_genes.detach().numpy(), state)
    loss = written_out(target, theta, topic_genes, norm)
    d_theta, *others = gradients(loss, theta, topic_genes, norm)
    assert (one[0] + two[0]) / 2 == pytest.approx(loss.item(), rel=1e-12)
    # training averages over the processes
    found = torch.tensor(np.concatenate([one[1][0], two[1][0]])) / 2
    torch.testing.assert_close(found, d_theta, rtol=1e-9, atol=1e-12)
    for expected, first, second in zip(others, one[1][1:], two[1][1:], strict=True):
        found = torch.tensor(first + second) / 2
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)
    for found in (one, two):
        torch.testing.assert_close(torch.tensor(found[2]), norm.running_mean)
        torch.testing.assert_close(torch.tensor(found[3]), norm.running_var)
