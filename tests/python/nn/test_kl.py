import numpy as np
import pytest
import torch
from scipy import stats

from sce2tm.nn.kl import kl_to_prior


def test_kl_is_the_monte_carlo_estimate(rng):
    n_topics = 5
    mean, log_variance = rng.normal(size=(3, n_topics)), rng.normal(scale=0.5, size=(3, n_topics))
    # Laplace approximation of Dirichlet(1): mean 0, variance (1 - 2/K) + 1/K
    prior = stats.norm(0, np.sqrt(1 - 2 / n_topics + 1 / n_topics))
    posterior = stats.norm(mean, np.exp(log_variance / 2))
    draws = posterior.rvs(size=(200_000, 3, n_topics), random_state=1)
    terms = (posterior.logpdf(draws) - prior.logpdf(draws)).sum(-1).mean(-1)
    ours = float(kl_to_prior(torch.tensor(mean), torch.tensor(log_variance)))
    assert ours == pytest.approx(terms.mean(), abs=5 * terms.std() / np.sqrt(len(terms)))


def test_kl_is_zero_at_the_prior_only():
    log_variance = torch.full((1, 4), np.log(0.75))
    assert float(kl_to_prior(torch.zeros(1, 4), log_variance)) == pytest.approx(0, abs=1e-6)
    assert kl_to_prior(torch.zeros(1, 4), log_variance + 0.1) > 0
    assert kl_to_prior(torch.full((1, 4), 0.1), log_variance) > 0
