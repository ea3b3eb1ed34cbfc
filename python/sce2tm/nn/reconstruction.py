"""Cross-entropy of sparse expression under the decoder, in few passes over B x V numbers.

The loss is ``-sum_m x_m log softmax(BatchNorm(theta O^T))_m``, mean over cells (paper, Eq. 18 and
19). Written out step by step it passes over the B x V matrix again and again. Three facts
leave one product, one exponential, and two products for the gradient:

- the mean and variance of ``theta O^T`` over a batch follow from those of theta, K x K numbers;
- so batch normalisation is a rescaling of O, done before the product;
- its gradient needs only sums that the product with theta gives anyway.
"""

from typing import Any

import torch
from torch import Tensor, nn

from sce2tm.nn.sparse import SparseRows


def reconstruction_loss(
    theta: Tensor, topic_genes: Tensor, norm: nn.BatchNorm1d, target: SparseRows
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

    Returns
    -------
    In nats per cell.
    """
    n_cells = theta.shape[0]
    with torch.no_grad():
        mean = theta.mean(0)
        centred = theta - mean
        covariance = centred.T @ centred / n_cells
        spread = topic_genes @ covariance
        variance = (spread * topic_genes).sum(1)
        momentum = norm.momentum or 0.1
        norm.running_mean.lerp_(topic_genes @ mean, momentum)  # type: ignore[union-attr]
        unbiased = variance * (n_cells / (n_cells - 1))
        norm.running_var.lerp_(unbiased, momentum)  # type: ignore[union-attr]
        norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        inverse_sd = torch.rsqrt(variance + norm.eps)
    loss: Tensor = _Reconstruction.apply(  # type: ignore[no-untyped-call]
        theta, topic_genes, norm.weight, norm.bias, centred, spread, inverse_sd, target
    )
    return loss


class _Reconstruction(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        theta: Tensor,
        topic_genes: Tensor,
        weight: Tensor,
        bias: Tensor,
        centred: Tensor,
        spread: Tensor,
        inverse_sd: Tensor,
        target: SparseRows,
    ) -> Tensor:
        scaled = topic_genes * (weight * inverse_sd)[:, None]
        logits = torch.addmm(bias, centred, scaled.T)
        positions, totals = target.positions(), target.totals()
        chosen = torch.dot(torch.take(logits, positions), target.values)
        largest = logits.amax(1, keepdim=True)
        odds = logits.sub_(largest).exp_()
        sums = odds.sum(1)
        ctx.save_for_backward(
            topic_genes, weight, centred, spread, inverse_sd, scaled, odds, totals / sums,
            positions, target.values,
        )  # fmt: skip
        return (torch.dot(totals, sums.log() + largest[:, 0]) - chosen) / theta.shape[0]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (topic_genes, weight, centred, spread, inverse_sd, scaled, odds, factors, positions,
         values) = ctx.saved_tensors  # fmt: skip
        n_cells = len(centred)
        share = grads[0] / n_cells
        # in place: nothing else needs the odds, and fresh memory of this size is slow to get
        d_logits = odds.mul_((factors * share)[:, None])
        d_logits.view(-1).scatter_add_(0, positions, -share * values)
        by_topic = d_logits.T @ centred
        d_bias = d_logits.sum(0)
        d_weight = inverse_sd * (topic_genes * by_topic).sum(1)
        # what batch normalisation takes out: the mean, and the part along the normalised logits
        along = d_weight * inverse_sd / n_cells
        scale = (weight * inverse_sd)[:, None]
        d_topic_genes = scale * (by_topic - n_cells * along[:, None] * spread)
        removed = scaled.T @ (along[:, None] * topic_genes)
        d_theta = d_logits @ scaled - centred @ removed - (d_bias / n_cells) @ scaled
        return d_theta, d_topic_genes, d_weight, d_bias, None, None, None, None
