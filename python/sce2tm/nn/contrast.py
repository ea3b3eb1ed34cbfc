"""Contrast of topics between the cells of one view and their neighbours in the other."""

from typing import Any

import torch
from torch import Tensor

# squared length of the column of a topic that no cell has
_NONE = 1e-24


def contrast_loss(columns: Tensor, temperature: float = 0.5) -> Tensor:
    """Contrast each topic's column in one view with that of the neighbours in the other.

    Paper, Eq. 10 and 11.

    Parameters
    ----------
    columns
        B x 2K: assignments of the cells in one view, and beside them those of one neighbour of
        each cell in the other view; or several such, stacked.
    temperature
        Divides the cosine similarities of the columns.

    Returns
    -------
    Cross-entropy of finding a topic's own column among all other columns of both views, mean
    over the 2K anchors; the sum of it where several are stacked.
    """
    loss: Tensor = _Contrast.apply(columns, temperature)  # type: ignore[no-untyped-call]
    return loss


class _Contrast(torch.autograd.Function):
    """Written out, because torch would take dozens of operations on 2K x 2K numbers."""

    @staticmethod
    def forward(ctx: Any, columns: Tensor, temperature: float) -> Tensor:
        n_columns = columns.shape[-1]
        products = columns.mT @ columns
        squares = products.diagonal(dim1=-2, dim2=-1)
        inverse = squares.clamp_min(_NONE).rsqrt()
        factors = inverse[..., None] * (inverse / temperature)[..., None, :]
        similarity = products * factors
        partners = similarity.diagonal(n_columns // 2, dim1=-2, dim2=-1)
        own = similarity.diagonal(dim1=-2, dim2=-1)
        own.fill_(float("-inf"))
        log_sums = similarity.logsumexp(-1)
        loss = (log_sums.mean(-1) - partners.mean(-1)).sum()
        slope = torch.exp(similarity - log_sums[..., None])
        # an anchor's partner has it for its own: once twice, as both sides are added
        slope.diagonal(n_columns // 2, dim1=-2, dim2=-1).sub_(2.0)
        slope = (slope + slope.mT).div_(n_columns)
        own.zero_()
        # lengthening a column changes nothing: the gradient keeps no part along it
        along = (slope * similarity).sum(-1).mul_(inverse**2).masked_fill_(squares < _NONE, 0.0)
        slope.mul_(factors).diagonal(dim1=-2, dim2=-1).copy_(-along)
        ctx.save_for_backward(columns, slope)
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        columns, slope = ctx.saved_tensors
        return columns @ (slope * grads[0]), None
