"""Divergence of the latent from its prior (paper, Eq. 19)."""

import math

from torch import Tensor

from sce2tm.nn.share import WHOLE, Share


def kl_to_prior(mean: Tensor, log_variance: Tensor, share: Share = WHOLE) -> Tensor:
    """KL divergence from the Laplace approximation of a symmetric Dirichlet(1).

    In the softmax basis that prior is a Gaussian with mean 0 and variance
    ``(1 - 2/K) + 1/K = 1 - 1/K`` for each of the K topics.

    Parameters
    ----------
    mean, log_variance
        B x K, of the Gaussian of each cell.
    share
        Part of the batch that these cells are.

    Returns
    -------
    Mean over cells of the divergence, in nats.

    Examples
    --------
    >>> import torch
    >>> log_variance = torch.full((2, 4), 0.75).log()
    >>> round(float(kl_to_prior(torch.zeros(2, 4), log_variance)), 6)
    0.0
    """
    prior_variance = 1.0 - 1.0 / mean.shape[1]
    squares = (log_variance.exp() + mean**2) / prior_variance
    constant = mean.shape[1] * (math.log(prior_variance) - 1.0)
    return 0.5 * (share.mean((squares - log_variance).sum(1)) + constant)
