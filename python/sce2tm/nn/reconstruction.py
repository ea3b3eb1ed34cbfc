"""Cross-entropy of sparse expression under the decoder, in few passes over B x V numbers.

The loss is ``-sum_m x_m log softmax(BatchNorm(theta O^T))_m``, mean over cells (paper, Eq. 18 and
19). Written out step by step it passes over B x V numbers some thirty times. Here the batch
normalisation never meets a matrix of that size: the variance of a gene is a quadratic form of its
weights in the K x K covariance of the proportions, its scale goes into the weights, and what it
does to the gradients is again K wide. One product gives the logits, one softmax in their place the
loss and its slope, and two products the gradients, taken at once.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sce2tm.nn.share import WHOLE, Share
from sce2tm.nn.sparse import SparseRows


def reconstruction_loss(
    theta: Tensor,
    topic_genes: Tensor,
    norm: nn.BatchNorm1d,
    target: SparseRows,
    *,
    low_precision: bool = False,
    share: Share = WHOLE,
) -> Tensor:
    """Mean over cells of the cross-entropy; updates the running statistics of `norm`.

    Parameters
    ----------
    theta
        B x K topic proportions.
    topic_genes
        V x K gene-to-topic weights O.
    norm
        Batch normalisation over genes, in training.
    target
        B x V log-normalised expression, sparse.
    low_precision
        Multiply in bfloat16; softmax and sums stay in that of `theta`.
    share
        Part of the batch that these cells are. Costs three messages of K, V and 2 x V numbers
        where there are several processes.

    Returns
    -------
    In nats per cell of the batch.
    """
    with torch.no_grad():
        mean = share.average(share.mean(theta))
        centred = theta - mean
        covariance = share.average(centred.T @ (centred / share.cells(theta)))
        spread = topic_genes @ covariance
        # rounding can take the variance of a gene below zero, by far less than norm.eps
        variance = (spread * topic_genes).sum(1).clamp_min_(0.0)
        n_cells = share.cells(theta) * share.n_processes
        momentum = norm.momentum or 0.1
        norm.running_mean.lerp_(topic_genes @ mean, momentum)  # type: ignore[union-attr]
        unbiased = variance * (n_cells / (n_cells - 1))
        norm.running_var.lerp_(unbiased, momentum)  # type: ignore[union-attr]
        norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        moments = _Moments(centred, spread, torch.rsqrt(variance + norm.eps))
    loss: Tensor = _Reconstruction.apply(  # type: ignore[no-untyped-call]
        theta, topic_genes, norm.weight, norm.bias, moments, target, low_precision, share
    )
    return loss


@dataclass(frozen=True)
class _Moments:
    """What batch normalisation needs of the proportions.

    Attributes
    ----------
    centred
        B x K, less their mean over the batch.
    spread
        V x K: covariance of each gene's product with each topic's proportion.
    inverse_sd
        Of each gene's product, length V.
    """

    centred: Tensor
    spread: Tensor
    inverse_sd: Tensor


class _Reconstruction(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        theta: Tensor,
        topic_genes: Tensor,
        weight: Tensor,
        bias: Tensor,
        moments: _Moments,
        target: SparseRows,
        low_precision: bool,
        share: Share,
    ) -> Tensor:
        n_cells = share.cells(theta)
        values, totals = target.values / n_cells, target.totals / n_cells
        scale = (weight * moments.inverse_sd)[:, None]
        scaled = topic_genes * scale
        dtype = torch.bfloat16 if low_precision else theta.dtype
        centred, factors = moments.centred.to(dtype), scaled.to(dtype)
        logits = (
            torch.mm(centred, factors.T).to(theta).add_(bias)
            if low_precision
            else torch.addmm(bias, centred, factors.T)
        )
        chosen = torch.dot(torch.take(logits, target.positions), values)
        largest = logits.amax(1)
        # in place, so that nothing else of this size is made or kept; faster than exponentials of
        # our own, and its largest entry gives the log of the sum
        slope = torch.softmax(logits, dim=1, out=logits)
        log_sums = largest - slope.amax(1).log()
        slope.mul_(totals[:, None]).view(-1).scatter_add_(0, target.positions, -values)
        d_bias, slope = slope.sum(0), slope.to(dtype)
        towards = (slope.T @ centred).to(theta)
        d_weight = moments.inverse_sd * (towards * topic_genes).sum(1)
        d_bias, d_weight = share.average(torch.stack((d_bias, d_weight)))
        # what batch normalisation takes out: the part along the products, and the mean, which
        # is nothing to centred cells
        along = (d_weight * moments.inverse_sd)[:, None]
        d_topic_genes = torch.addcmul(towards, along, moments.spread, value=-1.0).mul_(scale)
        d_theta = (slope @ factors).to(theta) - (d_bias / n_cells) @ scaled
        d_theta.addmm_(moments.centred, (topic_genes * along).T @ scaled, alpha=-1 / n_cells)
        ctx.save_for_backward(d_theta, d_topic_genes, d_weight, d_bias)
        return torch.dot(totals, log_sums) - chosen

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return *(grads[0] * gradient for gradient in ctx.saved_tensors), *4 * (None,)
