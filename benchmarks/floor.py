"""The least time of one training step of ours on this machine: its operations and its bytes.

Counted are the matrix products of a step, forward and backward, and one reading or writing of each
large array that no fusion could save. The machine's speed is measured in the same process: products
of 1,024 x 1,024 matrices, and a copy of 64 MB.
"""

import time
from collections.abc import Callable

import torch

from sce2tm.train.config import Config


def operations(config: Config, n_cells: int, n_genes: int, n_view: int, filled: float) -> float:
    """Multiplications and additions in the matrix products of one step of `n_cells`.

    `filled` is the share of the cells' entries that are not zero.
    """
    b, v, k = n_cells, n_genes, config.n_topics
    d, h, c = config.n_dims, config.n_hidden, config.n_components
    reconstruction = 3 * b * v * k + 2 * v * k * k
    embeddings = 3 * v * d * k
    transport = v * k * k
    # the linear maps behind the hidden layer are one
    heads = 3 * b * 2 * h * k
    # the inputs need no gradient
    encoder = heads + 2 * b * h * (c if config.encoder_input == "components" else v * filled)
    distance = b * b * (c + 2 * k) if config.distance_weight else 0
    view = config.view_columns(n_view) or 0
    cross_view = 2 * b * (2 * view * view + 3 * view * k) if view else 0
    return 2.0 * (
        reconstruction
        + embeddings
        + transport
        + encoder * (2 if view else 1)
        + distance
        + cross_view
    )


def transferred(config: Config, n_cells: int, n_genes: int) -> float:
    """Bytes of B x V, V x K and parameters that must pass through memory once."""
    b, v, k = n_cells, n_genes, config.n_topics
    parameters = v * config.n_dims + 3 * config.n_hidden**2
    # logits and their gradient; cost, weights, plan and their gradients; parameters, squares
    return 4.0 * (2 * b * v + 6 * v * k + 5 * parameters)


def floor(
    config: Config, n_cells: int, n_genes: int, n_view: int, filled: float
) -> dict[str, float]:
    """10^9 operations and 10^6 bytes of a step, and the milliseconds that both take here."""
    found = {
        "gflop": operations(config, n_cells, n_genes, n_view, filled) / 1e9,
        "mbyte": transferred(config, n_cells, n_genes) / 1e6,
    }
    return found | {"floor_ms": _milliseconds(found["gflop"], found["mbyte"])}


def _milliseconds(gflop: float, mbyte: float) -> float:
    """At the speed of this machine, one after the other."""
    one, two = torch.rand(1024, 1024), torch.rand(1024, 1024)
    a, b = torch.rand(2**24), torch.empty(2**24)
    rate = 2 * 1024**3 / _fastest(lambda: torch.mm(one, two))
    bandwidth = 2 * 4 * 2**24 / _fastest(lambda: b.copy_(a))
    return 1000 * (1e9 * gflop / rate + 1e6 * mbyte / bandwidth)


def _fastest(work: Callable[[], object], times: int = 20) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
