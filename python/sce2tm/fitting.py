"""Fit a model to checked cells: everything between an AnnData and the training loop."""

import logging
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from anndata import AnnData
from scipy.spatial.distance import pdist

from sce2tm._version import __version__
from sce2tm.data.batches import TrainingCells, hold_out
from sce2tm.data.genes import learn_genes
from sce2tm.data.neighbors import Neighbors, mutual_neighbors
from sce2tm.external import ExternalView, leading_components
from sce2tm.fitted import Fitted, build_module
from sce2tm.train.config import Config
from sce2tm.train.distributed import joined
from sce2tm.train.loop import train
from sce2tm.train.progress import Progress
from sce2tm.train.rmsprop import RMSprop
from sce2tm.train.run import Checkpoints, Run, check_file, fingerprint

logger = logging.getLogger(__name__)


def fit(
    adata: AnnData,
    view: ExternalView | None,
    config: Config,
    device: torch.device,
    progress: Progress,
    checkpoint: Path | None = None,
    checkpoint_minutes: float = 5.0,
    resume: bool = False,
) -> Fitted:
    """Prepare the cells, build the network and train it.

    Parameters
    ----------
    adata
        Cells x genes; its matrix is not changed.
    view
        External view of the same cells, in their order, or None.
    config
        Settings.
    device
        Where to compute.
    progress
        See `sce2tm.train.progress.reporting`.
    checkpoint, checkpoint_minutes, resume
        File to save the run in, how often, and whether to go on from it.
    """
    check_file(checkpoint, resume=resume)
    # one generator for each purpose, all from one seed
    order, init, noise, split, draw = np.random.SeedSequence(config.seed).spawn(5)
    rng = np.random.default_rng(order)
    drawn = _draw(adata.n_obs, config, np.random.default_rng(draw))
    genes, lognorm = learn_genes(adata, config, drawn)
    if view is not None and drawn is not None:
        view = replace(view, values=view.values[drawn])
    axes = genes.components
    cells = TrainingCells(
        target=lognorm,
        components=None if axes is None else axes.project(lognorm),
        reads_genes=config.encoder_input == "genes",
        held_out=hold_out(lognorm.shape[0], np.random.default_rng(split))
        if config.early_stopping
        else None,
    )
    if view is not None:
        cells = _with_view(cells, view, config)
    logger.info(
        "Training on %d cells x %d genes, %d topics, external view: %s, device: %s.",
        cells.n_cells,
        len(genes.gene_names),
        config.n_topics,
        "none" if view is None else view.name,
        device,
    )
    module = build_module(
        config,
        genes,
        config.view_columns(None if view is None else view.width),
        _median_distance(cells.components, rng),
        torch.Generator().manual_seed(_seed(init)),
    ).to(device)
    run = Run(
        module,
        RMSprop(module.parameters(), config.learning_rate),
        rng,
        torch.Generator(device).manual_seed(_seed(noise)),
    )
    with joined(device) as processes:
        settings = config.to_dict() | processes.settings
        mark = "" if checkpoint is None else fingerprint(settings, lognorm, cells.external)
        checkpoints = Checkpoints(checkpoint, checkpoint_minutes, mark)
        if resume:
            checkpoints.resume(run)
        processes.check_same(
            config.to_dict()
            | {
                "cells": (lognorm.shape, lognorm.nnz),
                "genes": genes.gene_names,
                "external": None if view is None else view.width,
                "step": run.step,
            }
        )
        history = train(
            run,
            cells,
            config,
            checkpoints=checkpoints,
            device=device,
            progress=progress,
            processes=processes,
        )
    external = {"name": "none"} if view is None else {"name": view.name, "width": view.width}
    return Fitted(config, genes, module, history, external, _versions())


def _draw(n_cells: int, config: Config, rng: np.random.Generator) -> npt.NDArray[np.int64] | None:
    """Row numbers of the cells that training sees, where that is not all of them."""
    n_drawn = config.cells_for(n_cells)
    if n_drawn == n_cells:
        return None
    logger.info("Training sees %d of the %d cells, drawn at random.", n_drawn, n_cells)
    return np.sort(rng.choice(n_cells, n_drawn, replace=False))


def _with_view(cells: TrainingCells, view: ExternalView, config: Config) -> TrainingCells:
    """Add the external view and the neighbours in both views, among the cells to train on."""

    def near(points: Any) -> Neighbors:
        if cells.held_out is None:
            return mutual_neighbors(points, config.n_neighbors, config.seed)
        rows = cells.training
        found = mutual_neighbors(points[rows], config.n_neighbors, config.seed)
        return found.among(rows, cells.n_cells)

    return replace(
        cells,
        external=leading_components(view.values, config.view_components),
        near_cells=near(cells.target if cells.reads_genes else cells.components),
        near_external=near(view.values),
    )


def _median_distance(components: npt.NDArray[np.float32] | None, rng: np.random.Generator) -> float:
    """Scale of the distance loss: median over a fixed sample of at most 1,000 cells."""
    if components is None:
        return 1.0
    sample = rng.permutation(len(components))[:1000]
    distances = pdist(components[sample])
    return float(np.median(distances[distances > 0]))


def _seed(sequence: np.random.SeedSequence) -> int:
    return int(sequence.generate_state(1, np.uint64)[0]) >> 1


def _versions() -> dict[str, str]:
    found = {"sce2tm": __version__}
    for name in ("torch", "numpy", "scipy", "anndata", "scanpy", "scikit-learn"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
