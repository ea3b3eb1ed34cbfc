"""Cross-entropy of sparse expression under the decoder, in few passes over B x V numbers.

The loss is ``-sum_m x_m log softmax(BatchNorm(theta O^T))_m``, mean over cells (paper, Eq. 18 and
19). Written out step by step it passes over B x V numbers some thirty times. Here one product
gives the logits, one softmax in their place the loss and its slope, and two products the
gradients, taken at once.
"""

from typing import Any

import torch
from torch import Tensor, nn

from sce2tm.nn.normalised import Gradients, normalised_products
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
        Part of the batch that these cells are. Costs three messages, of K, V (or K x K) and 2 x V
        numbers, where there are several processes.

    Returns
    -------
    In nats per cell of the batch.
    """
    logits, gradients = normalised_products(
        theta, topic_genes, norm, share, low_precision=low_precision
    )
    n_cells = share.cells(theta)
    loss: Tensor = _Reconstruction.apply(  # type: ignore[no-untyped-call]
        theta, topic_genes, norm.weight, norm.bias, logits, gradients, target, n_cells
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
        logits: Tensor,
        gradients: Gradients,
        target: SparseRows,
        n_cells: float,
    ) -> Tensor:
        values, totals = target.values / n_cells, target.totals / n_cells
        chosen = torch.dot(torch.take(logits, target.positions), values)
        largest = logits.amax(1)
        # in place, so that nothing else of this size is made or kept; faster than exponentials of
        # our own, and its largest entry gives the log of the sum
        slope = torch.softmax(logits, dim=1, out=logits)
        log_sums = largest - slope.amax(1).log()
        slope.mul_(totals[:, None]).view(-1).scatter_add_(0, target.positions, -values)
        ctx.save_for_backward(*gradients(slope))
        return torch.dot(totals, log_sums) - chosen

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return *(grads[0] * gradient for gradient in ctx.saved_tensors), *4 * (None,)
