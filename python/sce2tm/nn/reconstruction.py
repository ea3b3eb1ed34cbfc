"""Cross-entropy of sparse expression under the decoder, in few passes over B x V numbers.

The loss is ``-sum_m x_m log softmax(BatchNorm(theta O^T))_m``, mean over cells (paper, Eq. 18 and
19). Written out step by step it passes over B x V numbers some thirty times. Here one product with
the centred proportions, whose columns have mean zero, gives variances and logits; one softmax gives
the loss and its slope; and two products give the gradients, taken at once.
"""

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
    dtype = torch.bfloat16 if low_precision else theta.dtype
    with torch.no_grad():
        mean = share.average(share.mean(theta))
        centred = (theta - mean).to(dtype)
        products = (centred @ topic_genes.to(dtype).T).to(theta)
        variance = share.average((products * products).sum(0) / share.cells(theta))
        n_cells = share.cells(theta) * share.n_processes
        momentum = norm.momentum or 0.1
        norm.running_mean.lerp_(topic_genes @ mean, momentum)  # type: ignore[union-attr]
        unbiased = variance * (n_cells / (n_cells - 1))
        norm.running_var.lerp_(unbiased, momentum)  # type: ignore[union-attr]
        norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        inverse_sd = torch.rsqrt(variance + norm.eps)
    loss: Tensor = _Reconstruction.apply(  # type: ignore[no-untyped-call]
        theta, topic_genes, norm.weight, norm.bias, centred, products, inverse_sd, target, share
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
        products: Tensor,
        inverse_sd: Tensor,
        target: SparseRows,
        share: Share,
    ) -> Tensor:
        n_cells = share.cells(theta)
        scale = weight * inverse_sd
        values, totals = target.values / n_cells, target.totals / n_cells
        logits = torch.addcmul(bias, products, scale)
        chosen = torch.dot(torch.take(logits, target.positions), values)
        largest = logits.amax(1)
        # faster than exponentials of our own, and its largest entry gives the log of the sum
        slope = torch.softmax(logits, dim=1)
        log_sums = largest - slope.amax(1).log()
        # the gradients at once: in place, nothing of this size is kept for later
        slope.mul_(totals[:, None]).view(-1).scatter_add_(0, target.positions, -values)
        d_bias, d_weight = slope.sum(0), inverse_sd * (slope * products).sum(0)
        d_bias, d_weight = share.average(torch.stack((d_bias, d_weight)))
        # what batch normalisation takes out: the part along the products, and the mean, which
        # is nothing to centred cells
        slope.addcmul_(products, d_weight * inverse_sd / n_cells, value=-1.0)
        scaled, slope = topic_genes * scale[:, None], slope.to(centred)
        d_topic_genes = (slope.T @ centred).to(theta).mul_(scale[:, None])
        d_theta = (slope @ scaled.to(centred)).to(theta) - (d_bias / n_cells) @ scaled
        ctx.save_for_backward(d_theta, d_topic_genes, d_weight, d_bias)
        return torch.dot(totals, log_sums) - chosen

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return *(grads[0] * gradient for gradient in ctx.saved_tensors), *5 * (None,)
