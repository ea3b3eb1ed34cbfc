"""Ours: engine_ours.py METHOD step INPUTS TURNS STEPS, or engine_ours.py METHOD whole INPUTS
SEED OUT.

METHOD is a preset, optionally followed by ", no view", ", bfloat16", ", batch 512", ", genes 5000"
or ", theta", which says how the result is scored and nothing here. "step" times the training loop
for TURNS turns of about STEPS steps each, when it is asked to; "whole" goes from the file to the
result, written to OUT.
"""

import sys
import time
from pathlib import Path
from typing import Any

import anndata
import numpy as np

import sce2tm
from floor import floor
from peak import peak_mb
from started import listen
from turns import Turns, tell


def model(method: str, **changes: Any) -> sce2tm.SCE2TM:
    """The model that a method stands for."""
    preset, *options = method.split(", ")
    if "bfloat16" in options:
        changes["precision"] = "bfloat16"
    if "batch 512" in options:
        changes["batch_size"] = 512
    if "genes 5000" in options:
        changes["n_genes"] = 5000
    return sce2tm.SCE2TM(
        100, None if "no view" in options else "X_view", preset, values="counts", **changes
    )


def step(method: str, path: Path, turns: int, steps: int) -> dict[str, float]:
    """Train in turns; cells of a step, and the least milliseconds that one could take."""
    adata = anndata.read_h5ad(path / "cells.h5ad")
    epoch_steps = -(-adata.n_obs // model(method).config.batch_for(adata.n_obs))
    clock = Turns(epoch_steps, steps, sys.stdout)
    fitted = model(method, epochs=clock.epochs(turns), progress=lambda *_: clock.epoch_ended()).fit(
        adata
    )
    n_cells, chosen = adata.n_obs / epoch_steps, adata[:, fitted.gene_names].X
    width = 0 if "no view" in method else adata.obsm["X_view"].shape[1]
    filled = chosen.nnz / (chosen.shape[0] * chosen.shape[1])
    return {"cells": n_cells} | floor(fitted.config, round(n_cells), chosen.shape[1], width, filled)


def whole(method: str, path: Path, seed: int, out: Path) -> dict[str, float]:
    """Seconds from the file to the result, of which training."""
    started = listen()
    start = time.perf_counter()
    fitted = model(method, seed=seed, progress=False).fit(path / "cells.h5ad")
    trained = time.perf_counter()
    found = fitted.transform(path / "cells.h5ad")
    end = time.perf_counter()
    top = np.asarray(fitted.gene_names)[np.argsort(-fitted.topic_genes, axis=0)[:10].T]
    np.savez(out, latent=found.latent, top=top.astype(str))
    return {
        "prepare_s": started.at - start + end - trained,
        "train_s": trained - started.at,
        "steps": float(fitted.history["step"][-1]),
    }


def main() -> None:
    """Measure and print one line of JSON."""
    method, measure, path, *rest = sys.argv[1:]
    found = (
        step(method, Path(path), *map(int, rest))
        if measure == "step"
        else whole(method, Path(path), int(rest[0]), Path(rest[1]))
    )
    tell(sys.stdout, found | {"peak_mb": peak_mb()})


if __name__ == "__main__":
    main()
