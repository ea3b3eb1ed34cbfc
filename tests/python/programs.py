"""Annotated cells in which one topic switches a program on, made without any fit."""

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse
from scipy.special import softmax

TOPICS = ["topic_1", "topic_2", "topic_3", "topic_4"]
N_GENES = 40  # ten markers a topic, in their order
LIFT = 3.0


def treated_cells(n_cells: int = 240, seed: int = 0) -> AnnData:
    """Two types (topics 1 and 2); treatment raises topic_3 in both; topic_4 is noise.

    Expression is drawn from the decoder that the container holds, so that its truth is known.
    """
    rng = np.random.default_rng(seed)
    kind = np.arange(n_cells) % 2
    treated = np.arange(n_cells) // 2 % 2 == 1
    latent = rng.normal(scale=0.3, size=(n_cells, 4))
    latent[np.arange(n_cells), kind] += 2
    latent[treated, 2] += LIFT
    weights = np.full((N_GENES, 4), 0.1)
    weights[np.arange(N_GENES), np.arange(N_GENES) // 10] = 0.7
    scaling = np.column_stack([np.full(N_GENES, 6.0), rng.normal(scale=0.3, size=N_GENES)])
    theta = softmax(latent, axis=1)
    shares = softmax(theta @ weights.T * scaling[:, 0] + scaling[:, 1], axis=1)
    logs = rng.poisson(shares * 200) * 0.3
    names = [f"g{i}" for i in range(N_GENES)]
    cells = AnnData(sparse.csr_matrix(logs, dtype=np.float32), var=pd.DataFrame(index=names))
    cells.obs_names = [f"cell{i}" for i in range(n_cells)]
    cells.obs["kind"] = np.where(kind == 0, "T", "B")
    cells.obs["drug"] = np.where(treated, "yes", "no")
    cells.obsm["X_sce2tm"], cells.obsm["sce2tm_theta"] = latent, theta
    cells.varm["sce2tm_topic_genes"], cells.varm["sce2tm_decoder"] = weights, scaling
    cells.uns["sce2tm"] = {
        "topic_names": np.array(TOPICS, dtype=object),
        "params": {"values": "lognorm", "target_sum": 1e4},
    }
    return cells
