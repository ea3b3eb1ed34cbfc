"""A training step taken apart, for any device."""

from dataclasses import replace

import numpy as np
import torch

from sce2tm.data.batches import TrainingCells
from sce2tm.data.loader import Loader
from sce2tm.data.neighbors import mutual_neighbors
from sce2tm.nn.topic_model import TopicModel, Weights
from sce2tm.train.rmsprop import RMSprop
from simulate import planted_topics

N_COMPONENTS, N_EXTERNAL = 10, 6


def planted_cells(*, reads_genes=False, external=False):
    """Planted topics as an encoder's cells, their components and view being noise."""
    rng = np.random.default_rng(0)
    matrix = planted_topics().adata.X.astype("float32").tocsr()
    components = rng.normal(size=(matrix.shape[0], N_COMPONENTS)).astype("float32")
    cells = TrainingCells(matrix, components, reads_genes)
    if not external:
        return cells
    view = rng.normal(size=(matrix.shape[0], N_EXTERNAL)).astype("float32")
    near = mutual_neighbors(components, 5, 0)
    return replace(cells, external=view, near_cells=near, near_external=near)


def module_of(cells, device):
    """Small network for these cells."""
    n_genes = cells.target.shape[1]
    return TopicModel(
        n_genes if cells.reads_genes else N_COMPONENTS, n_genes, 5,
        reads_genes=cells.reads_genes, n_hidden=20, n_dims=8, tau=1.0,
        weights=Weights(100.0, 300.0, 1.0),
        n_external=None if cells.external is None else N_EXTERNAL,
        distance_scale=1.0, generator=torch.Generator().manual_seed(0),
    ).to(device)  # fmt: skip


def loader_of(cells, device, source):
    """Loader that gathers from this kind of source."""
    loader = Loader(cells, device)
    loader.source = source(cells, device)
    return loader


def stepper(cells, device, source, noise):
    """Network, and a function that takes one step of fifty cells."""
    module, loader = module_of(cells, device), loader_of(cells, device, source)
    optimizer, rng = RMSprop(module.parameters(), 0.01), np.random.default_rng(0)

    def step():
        losses = module(loader.batch(np.arange(50), rng), noise)
        optimizer.zero_grad()
        torch.stack(tuple(losses.values())).sum().backward()
        optimizer.step()

    return module, step
