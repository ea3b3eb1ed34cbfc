"""Linear layers initialised from a generator of our own, never from the global one."""

import math

import torch
from torch import nn


def linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Build an affine layer with torch's default initialisation, drawn from `generator`.

    Parameters
    ----------
    n_in, n_out
        Widths of input and output.
    generator
        Source of the initial values; the global generator is neither read nor moved.

    Returns
    -------
    Layer with weights and bias uniform in ``[-1/sqrt(n_in), 1/sqrt(n_in)]``.

    Examples
    --------
    >>> layer = linear(3, 2, torch.Generator().manual_seed(0))
    >>> tuple(layer.weight.shape)
    (2, 3)
    """
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, n_in, n_out)  # type: ignore[no-untyped-call]
    bound = 1.0 / math.sqrt(n_in)
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.uniform_(-bound, bound, generator=generator)
    return layer
