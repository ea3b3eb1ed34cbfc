"""What the defaults rest on: the default model beside itself with one thing changed.

    python benchmarks/choices.py --data FOLDER --out benchmarks/ --ask together --seeds 0 1 2

FOLDER holds sets/*.h5ad and gmt/*.gmt. Rows go to OUT/results/choices_QUESTION.json after each fit;
what is there is not run again.
"""

import argparse
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData

from report import differences, write_block, write_json
from sce2tm.data.batches import batches_per_epoch
from sce2tm.fitting import fit
from sce2tm.inference import embed
from sce2tm.tl.compare import compare_embeddings
from sce2tm.tl.gene_sets import read_gmt
from sce2tm.tl.metrics import interpretation_purity, topic_coherence, topic_diversity
from sce2tm.train.config import Config, configure
from semisynthetic import grow
from sets import HUMAN, MOUSE, BenchmarkSet, load

REAL = {
    name: BenchmarkSet(name, values, MOUSE if "mouse" in name or "Zeisel" in name else HUMAN)
    for name, values in {
        "Yan": "counts",
        "Wang_sub": "lognorm",
        "sc_mixology_10x_3cl": "counts",
        "Zeisel_sub": "counts",
        "Baron_mouse": "counts",
        "PBMC3k": "counts",
        "Kang_ifnb2800": "counts",
        "Kang_ctrl12k": "counts",
    }.items()
}
SMALL = list(REAL)[:-1]
GROWN = ["Baron_mouse x 30000", "Kang_ifnb2800 x 30000", "Baron_mouse x 100000"]
GROWN_LESS = ["Baron_mouse x 12000", "PBMC3k x 12000", "Kang_ifnb2800 x 12000"]
CPU = torch.device("cpu")
# a clustering of more cells takes longer than a fit
SCORED = 3000
FIGURES = ("S", "L", "kNN", "IP", "TD", "TC", "used")

# what the default was when this was asked
BEFORE = {"batch_size": 512, "n_dims": 200}
QUESTIONS: dict[str, tuple[list[str], dict[str, dict[str, Any]]]] = {
    "together": (
        SMALL,
        {
            "512 cells, 200 wide": BEFORE,
            "256 cells, 200 wide": {"batch_size": 256, "n_dims": 200},
            "256 cells, 64 wide": {"batch_size": 256, "n_dims": 64},
            "256 cells, 64 wide, 250 steps": {"batch_size": 256, "n_dims": 64, "steps": 250},
        },
    ),
    "steps": (
        ["Yan", *SMALL[3:], "Kang_ctrl12k", *GROWN],
        {f"{steps} steps": {"steps": steps} for steps in (100, 200, 400, 800, 1600)},
    ),
    "genes": (
        # of the others none has more than 2,000
        ["Yan", "Baron_mouse", "PBMC3k", "Kang_ifnb2800", *GROWN_LESS],
        {f"{n_genes:,} genes": {"n_genes": n_genes} for n_genes in (2000, 3000, 5000)},
    ),
    "precision": (list(REAL), {"float32": {}, "bfloat16": {"precision": "bfloat16"}}),
}


@cache
def cells_of(data: Path, name: str) -> tuple[AnnData, BenchmarkSet]:
    """Real cells, or as many as the name says grown from them."""
    real, _, number = name.partition(" x ")
    cells = load(data, REAL[real])
    return (grow(cells, int(number)) if number else cells), REAL[real]


def settings(changes: dict[str, Any], chosen: BenchmarkSet, n_cells: int, seed: int) -> Config:
    """The default with changes; "steps" is given in epochs of that many cells, rounded."""
    config = replace(configure("default", seed=seed, values=chosen.values), **{
        name: value for name, value in changes.items() if name != "steps"
    })  # fmt: skip
    if "steps" not in changes:
        return config
    per_epoch = batches_per_epoch(n_cells, config.batch_for(n_cells))
    return replace(config, epochs=max(1, round(changes["steps"] / per_epoch)))


def can_be(config: Config, changes: dict[str, Any], n_cells: int) -> bool:
    """Whether so many steps are whole epochs, or nearly so."""
    asked = changes.get("steps")
    return asked is None or abs(config.steps_for(n_cells) / asked - 1) < 0.3


def measure(data: Path, name: str, changes: dict[str, Any], seed: int) -> dict[str, float] | None:
    """Fit once and score it; None where the steps are far from whole epochs."""
    cells, chosen = cells_of(data, name)
    config = settings(changes, chosen, cells.n_obs, seed)
    if not can_be(config, changes, cells.n_obs):
        return None
    state = fit(cells, None, config, CPU, False)
    found = embed(state, cells, CPU)
    scored = np.random.default_rng(0).permutation(cells.n_obs)[:SCORED]
    labels = cells.obs["cell_type"].to_numpy(dtype=str)
    table = compare_embeddings({"it": found.latent[scored]}, labels[scored])
    figures = {(row.method, row.metric): row.value for row in table.itertuples()}
    with torch.inference_mode():
        weights = state.module.decoder.topic_genes().numpy()
    top = np.asarray(state.genes.gene_names)[np.argsort(-weights, axis=0)[:10].T]
    return {
        "cells": cells.n_obs,
        "steps": int(state.history["step"][-1]),
        "S": figures["summary", "S"],
        "L": figures["summary", "L"],
        "kNN": figures["knn", "accuracy"],
        "IP": interpretation_purity(found.theta, labels),
        "TD": topic_diversity(top),
        "TC": topic_coherence(top, read_gmt(data / "gmt" / chosen.gene_sets)),
        "used": len(np.unique(found.theta.argmax(axis=1))),
    }


def table(rows: list[dict[str, Any]], ask: str) -> str:
    """Markdown: means over seeds for each set and change; differences from the first change."""
    sets, changes = QUESTIONS[ask]
    lines = ["| set | cells | change | steps | " + " | ".join(FIGURES) + " |"]
    lines.append("| --- " * (4 + len(FIGURES)) + "|")
    for name in sets:
        for change in changes:
            own = [row for row in rows if (row["set"], row["method"]) == (name, change)]
            if own:
                means = [np.mean([row[figure] for row in own]) for figure in FIGURES]
                figures = " | ".join(
                    f"{mean:.3f}" if figure != "used" else f"{mean:.0f}"
                    for figure, mean in zip(FIGURES, means, strict=True)
                )
                cells, steps = own[0]["cells"], own[0]["steps"]
                lines.append(f"| {name} | {cells} | {change} | {steps} | {figures} |")
    first, *others = changes
    pairs = [(change, first) for change in others]
    lines += ["", differences(pd.DataFrame(rows), {name: name for name in FIGURES}, pairs)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is missing and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--ask", choices=QUESTIONS, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    path = asked.out / "results" / f"choices_{asked.ask}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    done = {(row["set"], row["method"], row["seed"]) for row in rows}
    sets, changes = QUESTIONS[asked.ask]
    for seed in asked.seeds:
        for name in sets:
            for change, settings_ in changes.items():
                if (name, change, seed) in done:
                    continue
                found = measure(asked.data, name, settings_, seed)
                if found is None:
                    continue
                rounded = {key: round(float(value), 4) for key, value in found.items()}
                rounded |= {key: int(found[key]) for key in ("cells", "steps", "used")}
                rows.append({"set": name, "method": change, "seed": seed, **rounded})
                write_json(path, rows)
                print(json.dumps(rows[-1]), flush=True)
    write_block(asked.out / "README.md", f"choices: {asked.ask}", table(rows, asked.ask))


if __name__ == "__main__":
    main()
