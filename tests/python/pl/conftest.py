"""Annotated cells with a planted answer, for the figures."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from anndata import AnnData

mpl.use("Agg")

GENES = ["CD3D", "CD3E", "MS4A1", "CD79A", "ISG15", "IFI6", "UNSEEN"]
TOPICS = ["topic_1", "topic_2", "topic_3"]
WEIGHTS = [
    [0.8, 0.1, 0.1],
    [0.7, 0.2, 0.1],
    [0.1, 0.8, 0.1],
    [0.2, 0.7, 0.1],
    [0.1, 0.1, 0.8],
    [0.1, 0.2, 0.7],
    [np.nan, np.nan, np.nan],
]
# cells: T and B, untreated and treated; topic_3 is the answer to the treatment
THETA = {
    ("T", "CTRL"): [0.8, 0.1, 0.1],
    ("B", "CTRL"): [0.2, 0.7, 0.1],
    ("T", "STIM"): [0.6, 0.0, 0.4],
    ("B", "STIM"): [0.1, 0.5, 0.4],
}


@pytest.fixture
def adata():
    """40 cells, ten of each kind, in four corners of the plane."""
    kinds = [kind for kind in THETA for _ in range(10)]
    corners = np.array([[0, 0], [9, 0], [0, 9], [9, 9]], dtype=float)
    offsets = np.random.default_rng(0).normal(scale=0.3, size=(40, 2))
    cells = AnnData(np.ones((40, len(GENES)), dtype=np.float32))
    cells.var_names = GENES
    cells.obs["cell_type"] = [kind[0] for kind in kinds]
    cells.obs["condition"] = [kind[1] for kind in kinds]
    cells.obs["depth"] = np.arange(40.0)
    cells.obsm["X_umap"] = corners.repeat(10, axis=0) + offsets
    cells.obsm["sce2tm_theta"] = np.array([THETA[kind] for kind in kinds], dtype=np.float32)
    cells.varm["sce2tm_topic_genes"] = np.array(WEIGHTS, dtype=np.float32)
    steps = np.array([1, 2, 3])
    cells.uns["sce2tm"] = {
        "topic_names": np.array(TOPICS, dtype=object),
        "history": {"step": steps, "loss": 9.0 - steps, "ecr": 3.0 / steps, "kl": 1.0 * steps},
    }
    return cells


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")
