"""Counts with planted topics: programs of marker genes, mixed in each cell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse


@dataclass(frozen=True)
class Planted:
    """Simulated cells with the truth about them."""

    adata: AnnData
    markers: list[set[str]]


def planted_topics(
    n_cells: int = 600, n_groups: int = 6, n_markers: int = 25, n_genes: int = 300, seed: int = 0
) -> Planted:
    """Cells of one group each: its markers eightfold over a common background, depth varied."""
    rng = np.random.default_rng(seed)
    names = np.array([f"g{i}" for i in range(n_genes)])
    groups = np.arange(n_cells) % n_groups
    background = rng.gamma(2.0, 1.0, n_genes)
    markers = rng.permutation(n_genes)[: n_groups * n_markers].reshape(n_groups, n_markers)
    profiles = np.tile(background, (n_groups, 1))
    for group in range(n_groups):
        profiles[group, markers[group]] *= 8
    profiles /= profiles.sum(1, keepdims=True)
    depth = rng.lognormal(np.log(1000), 0.4, n_cells)
    counts = rng.poisson(profiles[groups] * depth[:, None]).astype("float32")
    adata = AnnData(
        sparse.csr_matrix(counts),
        obs=pd.DataFrame(
            {"group": pd.Categorical(groups.astype(str))},
            index=[f"cell{i}" for i in range(n_cells)],
        ),
        var=pd.DataFrame(index=names),
    )
    return Planted(adata, [set(names[row]) for row in markers])
