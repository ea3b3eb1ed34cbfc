"""Ours: engine_ours.py step|whole INPUTS NUMBER OUT METHOD, in a process of its own.

METHOD is a preset, optionally followed by ", no view", ", bfloat16" or ", batch 512". "step" times
the training loop for about NUMBER steps; "whole" goes from the file to the result, written to OUT.
"""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import anndata
import numpy as np

import sce2tm
from floor import floor_ms
from peak import peak_mb
from started import listen


def model(method: str, **changes: Any) -> sce2tm.SCE2TM:
    """The model that a method stands for."""
    preset, *options = method.split(", ")
    if "bfloat16" in options:
        changes["precision"] = "bfloat16"
    if "batch 512" in options:
        changes["batch_size"] = 512
    return sce2tm.SCE2TM(
        100, None if "no view" in options else "X_view", preset, values="counts", **changes
    )


def step(path: Path, steps: int, method: str) -> dict[str, float]:
    """Median milliseconds of a step, the first epoch left out, and the least there could be."""
    adata = anndata.read_h5ad(path / "cells.h5ad")
    times: list[tuple[int, float]] = []

    def stamp(step: int, total: int, losses: dict[str, float]) -> None:
        times.append((step, time.perf_counter()))

    batch = model(method).config.batch_for(adata.n_obs)
    epochs = 2 + -(-steps // -(-adata.n_obs // batch))
    fitted = model(method, epochs=epochs, progress=stamp).fit(adata)
    # the first epoch finds the first transport plan, and is left out
    ms = [
        1000 * (end - start) / (after - before)
        for (before, start), (after, end) in pairwise(times[1:])
    ]
    n_cells = adata.n_obs / -(-adata.n_obs // batch)
    width = 0 if "no view" in method else adata.obsm["X_view"].shape[1]
    floor = floor_ms(fitted.config, round(n_cells), len(fitted.gene_names), width)
    return {"ms": float(np.median(ms)), "floor_ms": floor, "cells": n_cells}


def whole(path: Path, out: Path, method: str) -> dict[str, float]:
    """Seconds from the file to the result, of which training."""
    started = listen()
    start = time.perf_counter()
    fitted = model(method, progress=False).fit(path / "cells.h5ad")
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
    measure, path, number, out, method = sys.argv[1:]
    found = (
        step(Path(path), int(number), method)
        if measure == "step"
        else whole(Path(path), Path(out), method)
    )
    sys.stdout.write(json.dumps(found | {"peak_mb": peak_mb()}) + "\n")


if __name__ == "__main__":
    main()
