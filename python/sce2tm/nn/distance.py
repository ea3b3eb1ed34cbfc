"""Keep the distances between cells: what holds the clusters together in long training."""

import torch
from torch import Tensor


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
    d = _distances(latent)
    with torch.no_grad():
        target = _distances(reference)
        weights = torch.exp(-2.0 * target / scale).fill_diagonal_(0.0)
        weights /= weights.sum()
        target = target - (weights * target).sum()
        target_variance = (weights * target**2).sum()
    d = d - (weights * d).sum()
    covariance = (weights * d * target).sum()
    # the floor is for batches whose pairs are all equally far: no correlation, no gradient
    variances = ((weights * d**2).sum() * target_variance).clamp_min(1e-20)
    return 1.0 - covariance / variances.sqrt()


def _distances(points: Tensor) -> Tensor:
    """Euclidean distances between all rows, with a gradient that is finite at zero."""
    points = points - points.mean(0)
    squares = (points**2).sum(1)
    squared = squares[:, None] + squares - 2.0 * points @ points.T
    return squared.clamp_min(1e-12).sqrt()
