"""Cross-entropy of sparse expression under the decoder, in few passes over B x V numbers.

The loss is ``-sum_m x_m log softmax(BatchNorm(theta O^T))_m``, mean over cells (paper, Eq. 18 and
19). Written out step by step it passes over the B x V matrix again and again. Three facts
leave one product, one softmax, and two products for the gradient, taken in the same pass:

- the mean and variance of ``theta O^T`` over a batch follow from those of theta, K x K numbers;
- so batch normalisation is a rescaling of O, done before the product;
- its gradient needs only sums that the product with theta gives anyway.
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
        Part of the batch that these cells are. Costs three messages of K, K x K and 2 x V numbers
        where there are several processes.

    Returns
    -------
    In nats per cell of the batch.
    """
    n_cells = share.cells(theta) * share.n_processes
    with torch.no_grad():
        mean = share.average(share.mean(theta))
        centred = theta - mean
        covariance = share.average(centred.T @ centred / share.cells(theta))
        spread = topic_genes @ covariance
        variance = (spread * topic_genes).sum(1)
        momentum = norm.momentum or 0.1
        norm.running_mean.lerp_(topic_genes @ mean, momentum)  # type: ignore[union-attr]
        unbiased = variance * (n_cells / (n_cells - 1))
        norm.running_var.lerp_(unbiased, momentum)  # type: ignore[union-attr]
        norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        inverse_sd = torch.rsqrt(variance + norm.eps)
    loss: Tensor = _Reconstruction.apply(  # type: ignore[no-untyped-call]
        theta, topic_genes, norm.weight, norm.bias, centred, spread, inverse_sd, target,
        torch.bfloat16 if low_precision else theta.dtype, share,
    )  # fmt: skip
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
        dtype: torch.dtype,
        share: Share,
    ) -> Tensor:
        n_cells = share.cells(theta)
        scaled = topic_genes * (weight * inverse_sd)[:, None]
        positions, values, totals = (
            target.positions,
            target.values / n_cells,
            target.totals / n_cells,
        )
        left, right = centred.to(dtype), scaled.to(dtype)
        logits = torch.addmm(bias.to(dtype), left, right.T).to(theta)
        chosen = torch.dot(torch.take(logits, positions), values)
        largest = logits.amax(1)
        # faster than exponentials of our own, and its largest entry gives the log of the sum
        d_logits = torch.softmax(logits, dim=1)
        log_sums = largest - d_logits.amax(1).log()
        # the gradients at once: in place, nothing of this size is kept for later
        d_logits.mul_(totals[:, None]).view(-1).scatter_add_(0, positions, -values)
        d_bias = d_logits.sum(0)
        d_logits = d_logits.to(dtype)
        by_topic = (d_logits.T @ left).to(theta)
        d_weight = inverse_sd * (topic_genes * by_topic).sum(1)
        d_weight, d_bias = share.average(torch.stack((d_weight, d_bias)))
        # what batch normalisation takes out: the mean, and the part along the normalised logits
        along = d_weight * inverse_sd / n_cells
        removed = scaled.T @ (along[:, None] * topic_genes)
        by_topic -= (n_cells * along)[:, None] * spread
        by_topic *= (weight * inverse_sd)[:, None]
        d_theta = (d_logits @ right).to(theta) - centred @ removed - (d_bias / n_cells) @ scaled
        ctx.save_for_backward(d_theta, by_topic, d_weight, d_bias)
        return torch.dot(totals, log_sums) - chosen

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return *(grads[0] * gradient for gradient in ctx.saved_tensors), *6 * (None,)
