"""Larger than memory: fit and transform of a file of up to a million cells, in bounded memory.

python benchmarks/million.py --data FOLDER --work FOLDER --cells 100000 1000000 --out benchmarks/

The cells are semi-synthetic (semisynthetic.py), 5,000 genes, written to the work folder once: 2 GB
of disk for a million. Each size is fitted in a process of its own (million_fit.py); what is there
already in OUT/results/million.json is measured again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from report import write_block
from sce2tm.tl.metrics import interpretation_purity, topic_diversity
from semisynthetic import N_GENES, write_h5ad
from sets import SETS, load

SAMPLE = 20_000
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
Row = dict[str, Any]


def fit_in_child(path: Path, threads: int) -> tuple[Row, Row]:
    """Fit and transform a file in a process of its own: seconds and peak; arrays found."""
    script = Path(__file__).with_name("million_fit.py")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.npz"
        run = subprocess.run(
            [sys.executable, script, path, out, str(threads)],
            env=os.environ | dict.fromkeys(POOLS, str(threads)),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        with np.load(out, allow_pickle=False) as found:
            return json.loads(run.stdout), dict(found)


def quality(path: Path, found: Row) -> dict[str, float]:
    """Types among neighbours in the latent, purity and diversity of the topics."""
    with h5py.File(path) as file:
        types = anndata.io.read_elem(file["obs"])["cell_type"].to_numpy(dtype=str)
        entries = file["X/data"].shape[0]
    sample = np.random.default_rng(0).permutation(len(types))[:SAMPLE]
    model = KNeighborsClassifier(15)
    accuracy = cross_val_score(model, found["latent"][sample], types[sample], cv=5).mean()
    figures = {
        "knn": accuracy,
        "IP": interpretation_purity(found["theta"], types),
        "TD": topic_diversity(found["top_genes"]),
    }
    return {"entries": entries} | {name: round(float(x), 4) for name, x in figures.items()}


def table(rows: list[Row]) -> str:
    """Markdown, one line a size."""
    heads = ["cells", "GB as CSR", "peak GB", "prepare s", "train s", "transform s"]
    heads += ["kNN", "IP", "TD"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for row in rows:
        seconds = [f"{row['seconds'][stage]:.0f}" for stage in ("prepare", "train", "transform")]
        sizes = [f"{row['cells']:,}", f"{8 * row['entries'] / 1e9:.2f}"]
        figures = [f"{row[name]:.3f}" for name in ("knn", "IP", "TD")]
        cells = [*sizes, f"{row['peak_mb'] / 1e3:.2f}", *seconds, *figures]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the sizes asked for and write the table of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=SETS, default="Baron_mouse")
    parser.add_argument("--cells", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--work", type=Path, required=True, help="folder for the large files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    results = asked.out / "results" / "million.json"
    rows: list[Row] = json.loads(results.read_text()) if results.exists() else []
    for n_cells in asked.cells:
        path = asked.work / f"{asked.set}_{n_cells}.h5ad"
        if not path.exists():
            part = path.with_suffix(".part")
            write_h5ad(part, load(asked.data, SETS[asked.set]), n_cells)
            part.rename(path)
        measured, found = fit_in_child(path, asked.threads)
        row = {"set": asked.set, "cells": n_cells, "genes": N_GENES, "threads": asked.threads}
        row |= measured | quality(path, found)
        print(json.dumps(row), flush=True)
        rows = sorted(
            [other for other in rows if other["cells"] != n_cells] + [row],
            key=lambda one: one["cells"],
        )
        results.write_text(json.dumps(rows, indent=1) + "\n")
    write_block(asked.out / "README.md", "million", table(rows))


if __name__ == "__main__":
    main()
