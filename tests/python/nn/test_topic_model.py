"""The whole loss against an evaluation in plain NumPy, written from the equations."""

from dataclasses import replace

import numpy as np
import ot
import pytest
import torch
from scipy import sparse
from scipy.spatial.distance import cdist, pdist

from sce2tm.data.loader import row_sums, sparse_rows
from sce2tm.nn.topic_model import Batch, TopicModel, Weights

B, C, V, K, D = 7, 5, 11, 4, 3
# neighbours in each view: some are cells of the batch, some are drawn twice
DRAWN = [7, 8, 8, 0, 3, 7, 5], [6, 7, 1, 7, 7, 2, 0]
WEIGHTS = Weights(ecr=20.0, distance=30.0, cross_view=0.7, balance=5.0, contrast_temperature=0.5)


@pytest.fixture
def model():
    module = TopicModel(
        C, V, K, reads_genes=False, n_hidden=6, n_dims=8, tau=0.4, weights=WEIGHTS, n_external=D,
        distance_scale=1.3, generator=torch.Generator().manual_seed(0),
    ).double()  # fmt: skip
    module.transport.tolerance, module.transport.max_iterations = 1e-12, 20_000
    return module


@pytest.fixture
def batch(rng):
    counts = rng.poisson(1.0, size=(B, V)).astype(float)
    inputs, external = (torch.tensor(rng.normal(size=(2 * B, width))) for width in (C, D))
    reference = torch.tensor(rng.normal(size=(B, C)))
    logs = sparse.csr_matrix(np.log1p(counts))
    target = sparse_rows(logs, row_sums(logs), torch.device("cpu"))
    return Batch(inputs, target, reference, external)


def by_hand(model, batch, noises):
    """Every term, from the parameters as arrays."""
    p = {name: value.detach().numpy() for name, value in model.named_parameters()}
    reference = batch.reference.numpy()
    (x, near_x), (external, near_e) = (
        np.split(t.numpy(), 2) for t in (batch.inputs, batch.external)
    )
    target = np.zeros((B, V))
    target.flat[batch.target.positions.numpy()] = batch.target.values.numpy()

    def affine(values, name):
        return values @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    def norm(values, name):
        scaled = (values - values.mean(0)) / np.sqrt(values.var(0) + 1e-5)
        return scaled * p[f"{name}.weight"] + p[f"{name}.bias"]

    def soft(values):
        e = np.exp(values)
        return e / e.sum(1, keepdims=True)

    def encode(values, noise):
        hidden = np.tanh(norm(affine(values, "encoder.body.0"), "encoder.body.1"))
        hidden = affine(hidden, "encoder.body.3")
        mu, lv = np.split(norm(affine(hidden, "encoder.heads.0"), "encoder.heads.1"), 2, axis=1)
        return mu, lv, soft(mu + np.exp(lv / 2) * noise)

    def assign(values):
        hidden = np.tanh(norm(affine(values, "cluster_head.layers.0"), "cluster_head.layers.1"))
        return soft(affine(hidden, "cluster_head.layers.3"))

    def contrast(a, b):
        columns = np.concatenate([a.T, b.T])
        similarity = 1 - cdist(columns, columns, "cosine")
        odds = np.exp(similarity / 0.5)
        total = 0.0
        for k in range(2 * K):
            total -= np.log(odds[k, (k + K) % (2 * K)] / (odds[k].sum() - odds[k, k]))
        return total / (2 * K)

    def entropy(mean):
        return -(mean * np.log(mean)).sum()

    mu, lv, theta = encode(x, noises[0])
    cost = cdist(p["decoder.gene_embedding"], p["decoder.topic_embedding"], "sqeuclidean")
    logits = norm(theta @ soft(-cost / 0.4).T, "decoder.norm")
    var0 = 1 - 1 / K
    plan = ot.sinkhorn(
        np.full(V, 1 / V), np.full(K, 1 / K), cost, 0.05,
        method="sinkhorn_log", numItermax=20_000, stopThr=1e-13,
    )  # fmt: skip
    weights = np.exp(-2 * pdist(reference) / 1.3)
    moments = np.cov(pdist(mu), pdist(reference), aweights=weights)
    phi, near_phi = assign(external), assign(near_e)
    near_theta = encode(near_x, noises[1])[2]
    return {
        "reconstruction": -(target * np.log(soft(logits))).sum(1).mean(),
        "kl": 0.5 * ((np.exp(lv) + mu**2) / var0 - 1 + np.log(var0) - lv).sum(1).mean(),
        "ecr": 20 * (plan * cost).sum(),
        "distance": 30 * (1 - moments[0, 1] / np.sqrt(moments[0, 0] * moments[1, 1])),
        "consistency": -0.7 * np.mean(np.log((theta * phi).sum(1))),
        "contrast": 0.7 * (contrast(phi, near_theta) + contrast(theta, near_phi)),
        "balance": -0.7 * 5 * (entropy(theta.mean(0)) + entropy(phi.mean(0))),
    }


def test_every_term_is_what_the_equations_say(model, batch):
    generator = torch.Generator().manual_seed(5)
    noises = np.split(torch.randn(2 * B, K, generator=generator, dtype=torch.float64).numpy(), 2)
    losses = model(batch, torch.Generator().manual_seed(5))
    expected = by_hand(model, batch, noises)
    assert losses.keys() == expected.keys()
    for name, value in expected.items():
        assert losses[name].item() == pytest.approx(value, rel=1e-6), name


def test_gradient_of_the_sum_is_that_of_finite_differences(model, batch):
    def total():
        return sum(model(batch, torch.Generator().manual_seed(5)).values())

    total().backward()
    for parameter in model.parameters():
        index = np.unravel_index(int(parameter.grad.abs().argmax()), parameter.shape)
        with torch.no_grad():
            parameter[index] += 1e-5
            above = float(total())
            parameter[index] -= 2e-5
            below = float(total())
            parameter[index] += 1e-5
        numeric = (above - below) / 2e-5
        assert float(parameter.grad[index]) == pytest.approx(numeric, rel=1e-4, abs=1e-6)


def test_cells_that_are_read_once_give_what_reading_them_each_time_gives(model, batch):
    at, external_at = (torch.tensor([0, 1, 2, 3, 4, 5, 6, *drawn]) for drawn in DRAWN)
    inputs, external = batch.inputs[:9], batch.external[:8]
    once = replace(batch, inputs=inputs, external=external, inputs_at=at, external_at=external_at)
    each = replace(batch, inputs=inputs[at], external=external[external_at])
    found = []
    for one in (once, each):
        model.zero_grad()
        losses = model(one, torch.Generator().manual_seed(3))
        sum(losses.values()).backward()
        found.append([*losses.values(), *(p.grad.clone() for p in model.parameters())])
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one, two)


def test_without_a_view_or_distance_their_terms_are_absent(batch):
    module = TopicModel(
        C, V, K, reads_genes=False, n_hidden=6, n_dims=8, tau=0.4,
        weights=Weights(20.0, 0.0, 1.0), n_external=None, distance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
    ).double()  # fmt: skip
    batch = Batch(batch.inputs[:B], batch.target, batch.reference)
    assert set(module(batch, torch.Generator())) == {"reconstruction", "kl", "ecr"}


def test_unlikelihood_is_that_of_the_mean_without_noise(model, batch):
    model(batch, torch.Generator().manual_seed(0))
    model.eval()
    batch = Batch(batch.inputs[:B], batch.target)
    mean, _ = model.encoder(batch.inputs)
    expected = model.decoder(torch.softmax(mean, 1), model.decoder.topic_genes())
    torch.testing.assert_close(
        model.unlikelihood(batch), -(expected * batch.target.dense()).sum().detach()
    )
