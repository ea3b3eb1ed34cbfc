"""Keep the distances between cells: what holds the clusters together in long training."""

from typing import Any

import torch
from torch import Tensor

# squared distances below this are of cells that lie on each other, without a direction
_SAME = 1e-12


def distance_loss(latent: Tensor, reference: Tensor, scale: float) -> Tensor:
    """One minus the weighted correlation of pairwise distances in two spaces.

    Over all pairs of cells of a batch, ``d`` are the distances in `latent` and ``D`` those in
    `reference`; pairs weigh ``exp(-2 D / scale)``, so near pairs count most. A correlation has
    no scale of its own and does not fight batch normalisation or the divergence.

    Parameters
    ----------
    latent
        B x K.
    reference
        B x C, principal components of the same cells; no gradient flows into it.
    scale
        Median of ``D`` over a fixed sample of cells.

    Returns
    -------
    Between 0 (proportional up to a shift) and 2.

    Examples
    --------
    >>> cells = torch.rand(8, 3, generator=torch.Generator().manual_seed(0))
    >>> round(float(distance_loss(2 * cells, cells, 1.0)), 5)
    0.0
    """
    loss: Tensor = _Distance.apply(latent, reference, scale)  # type: ignore[no-untyped-call]
    return loss


class _Distance(torch.autograd.Function):
    """Written out, because torch would pass over the B x B distances some thirty times."""

    @staticmethod
    def forward(ctx: Any, latent: Tensor, reference: Tensor, scale: float) -> Tensor:
        target = _distances(reference)
        weights = torch.exp(target * (-2.0 / scale)).fill_diagonal_(0.0)
        weights /= weights.sum()
        target -= torch.sum(weights * target)
        target_slope = target.mul(weights)
        target_variance = torch.sum(target.mul_(target_slope))
        distances = _distances(latent)
        centred = distances - torch.sum(weights * distances)
        covariance = torch.sum(target_slope * centred)
        slope = weights.mul_(centred)
        variance = torch.sum(centred.mul_(slope))
        # the floor is for batches whose pairs are all equally far: no correlation, no gradient
        product = variance * target_variance
        inverse = product.clamp_min(1e-20).rsqrt()
        along = torch.where(product > 1e-20, covariance / variance, 0.0)
        ctx.save_for_backward(latent, distances, slope, target_slope, along, inverse)
        return 1.0 - covariance * inverse

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        latent, distances, slope, target_slope, along, inverse = ctx.saved_tensors
        pull = torch.sub(slope * along, target_slope).div_(distances)
        pull.masked_fill_(distances <= _SAME**0.5, 0.0)
        towards = pull.sum(1, keepdim=True) * latent - pull @ latent
        return towards * (2.0 * inverse * grads[0]), None, None


def _distances(points: Tensor) -> Tensor:
    """Euclidean distances between all rows."""
    points = points - points.mean(0)
    squares = (points**2).sum(1)
    squared = torch.addmm(squares, points, points.T, alpha=-2.0).add_(squares[:, None])
    return squared.clamp_min_(_SAME).sqrt_()
