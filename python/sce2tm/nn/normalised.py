"""Batch-normalised products of proportions with gene-to-topic weights, and their gradients.

``BatchNorm(theta O^T)`` has B x V entries, and so has all that batch normalisation does to them.
With fewer topics than cells it need not meet a matrix of that size: the variance of a gene is a
quadratic form of its weights in the K x K covariance of the proportions, its scale goes into the
weights, and what it does to the gradients is again K wide. That takes two more products of V x K
with K x K numbers, so the few cells of a small data set are normalised entry by entry.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from sce2tm.nn.batch_norm import track
from sce2tm.nn.share import Share

# from the slope of a loss towards the logits, B x V, which is overwritten: its gradients towards
# theta, the weights O, and scale and shift of the normalisation
Gradients = Callable[[Tensor], tuple[Tensor, Tensor, Tensor, Tensor]]


@torch.no_grad()
def normalised_products(
    theta: Tensor,
    topic_genes: Tensor,
    norm: nn.BatchNorm1d,
    share: Share,
    *,
    low_precision: bool = False,
) -> tuple[Tensor, Gradients]:
    """Return ``norm(theta @ topic_genes.T)`` in training, and a function for its gradients.

    Parameters
    ----------
    theta
        B x K topic proportions.
    topic_genes
        V x K gene-to-topic weights O.
    norm
        Batch normalisation over genes; its running statistics are updated.
    share
        Part of the batch that these cells are.
    low_precision
        Multiply in bfloat16; sums stay in the precision of `theta`.
    """
    way = _by_cells if share.cells(theta) <= 2 * theta.shape[1] else _by_topics
    return way(theta, topic_genes, norm, share, torch.bfloat16 if low_precision else theta.dtype)


def _by_cells(
    theta: Tensor, topic_genes: Tensor, norm: nn.BatchNorm1d, share: Share, dtype: torch.dtype
) -> tuple[Tensor, Gradients]:
    n_cells = share.cells(theta)
    mean = share.average(share.mean(theta))
    centred = (theta - mean).to(dtype)
    factors = topic_genes.to(dtype)
    products = (centred @ factors.T).to(theta)
    variance = share.average(products.square().sum(0) / n_cells)
    track(norm, topic_genes @ mean, variance, n_cells * share.n_processes)
    inverse_sd = torch.rsqrt(variance + norm.eps)
    scale = norm.weight * inverse_sd

    def gradients(slope: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        sums = slope.sum(0), inverse_sd * (slope * products).sum(0)
        d_bias, d_weight = share.average(torch.stack(sums))
        # what the normalisation takes out: the mean, and the part along the products
        slope.sub_(d_bias / n_cells)
        slope.addcmul_(products, d_weight * inverse_sd, value=-1 / n_cells).mul_(scale)
        slope = slope.to(dtype)
        d_topic_genes = (slope.T @ centred).to(theta)
        return (slope @ factors).to(theta), d_topic_genes, d_weight, d_bias

    return torch.addcmul(norm.bias, products, scale), gradients


def _by_topics(
    theta: Tensor, topic_genes: Tensor, norm: nn.BatchNorm1d, share: Share, dtype: torch.dtype
) -> tuple[Tensor, Gradients]:
    n_cells = share.cells(theta)
    mean = share.average(share.mean(theta))
    centred = theta - mean
    covariance = share.average(centred.T @ (centred / n_cells))
    spread = topic_genes @ covariance
    # rounding can take the variance of a gene below zero, by far less than norm.eps
    variance = (spread * topic_genes).sum(1).clamp_min_(0.0)
    track(norm, topic_genes @ mean, variance, n_cells * share.n_processes)
    inverse_sd = torch.rsqrt(variance + norm.eps)
    scale = (norm.weight * inverse_sd)[:, None]
    scaled = topic_genes * scale
    rounded, factors = centred.to(dtype), scaled.to(dtype)

    def gradients(slope: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        d_bias, slope = slope.sum(0), slope.to(dtype)
        towards = (slope.T @ rounded).to(theta)
        d_weight = inverse_sd * (towards * topic_genes).sum(1)
        d_bias, d_weight = share.average(torch.stack((d_bias, d_weight)))
        # as above; the mean is nothing to centred cells
        along = (d_weight * inverse_sd)[:, None]
        d_topic_genes = torch.addcmul(towards, along, spread, value=-1.0).mul_(scale)
        d_theta = (slope @ factors).to(theta) - (d_bias / n_cells) @ scaled
        d_theta.addmm_(centred, (topic_genes * along).T @ scaled, alpha=-1 / n_cells)
        return d_theta, d_topic_genes, d_weight, d_bias

    return (rounded @ factors.T).to(theta).add_(norm.bias), gradients
