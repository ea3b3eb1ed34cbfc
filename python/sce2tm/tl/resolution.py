"""Choose the resolution of a Leiden clustering, without labels or by them."""

from collections.abc import Callable

import igraph
import numpy as np
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from sce2tm.tl.clustering import Codes, Points, leiden

RESOLUTIONS = tuple(step / 10 for step in range(1, 21))
_SILHOUETTE_CELLS = 5000  # its cost grows with the square of the cells


def by_silhouette(graph: igraph.Graph, points: Points, seed: int) -> tuple[float, Codes]:
    """The resolution from 0.1 to 2.0 with the largest silhouette, and its clusters.

    The silhouette asks how much nearer a cell is to its own cluster than to the next one. It looks
    at no label, and prefers few, clear clusters. Beyond 5,000 cells it is taken on as many at
    random. Where no resolution gives two clusters, the first counts.
    """
    rng = np.random.default_rng(seed)
    size = min(len(points), _SILHOUETTE_CELLS)
    cells = np.sort(rng.choice(len(points), size=size, replace=False))

    def silhouette(codes: Codes) -> float:
        if not 1 < np.unique(codes[cells]).size < size:
            return -1.0
        with threadpool_limits(limits=1):  # sums have one order
            return float(silhouette_score(points[cells], codes[cells]))

    return _best(graph, silhouette, seed)


def by_labels(graph: igraph.Graph, labels: Codes, seed: int) -> tuple[float, Codes]:
    """The resolution from 0.1 to 2.0 with the largest ARI, and its clusters. It sees the labels."""
    return _best(graph, lambda codes: float(adjusted_rand_score(labels, codes)), seed)


def _best(graph: igraph.Graph, score: Callable[[Codes], float], seed: int) -> tuple[float, Codes]:
    found = [(resolution, leiden(graph, resolution, seed)) for resolution in RESOLUTIONS]
    return max(found, key=lambda pair: score(pair[1]))
