"""Quality of embeddings and topics on real cells: ours, the published model, PCA.

    python benchmarks/quality.py --data FOLDER [--sets Yan ...] [--seeds 0 1 2] --out benchmarks/

FOLDER holds sets/*.h5ad and gmt/*.gmt. Raw rows go to OUT/results/quality.json after each fit; what
is there is not run again. The tables in OUT/README.md are written from that file (report.py).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import report
from proportions import recovery
from sce2tm.tl.compare import compare_embeddings
from sce2tm.tl.gene_sets import read_gmt
from sce2tm.tl.metrics import (
    interpretation_purity,
    random_purity,
    topic_coherence,
    topic_diversity,
)
from sets import MIXTURE, SETS, BenchmarkSet, load

EMBEDDINGS = ("PCA", "ours", "paper")
MIXTURES = ("PCA", "NMF, K=3", "ours", "ours, K=3", "paper", "paper, K=3")
Row = dict[str, Any]


def fit_in_child(asked: argparse.Namespace, name: str, method: str, seed: int) -> Row:
    """Run methods.py with a fixed number of threads and return its arrays."""
    threads = str(asked.threads)
    pools = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    script = Path(__file__).with_name("methods.py")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.npz"
        command = [sys.executable, str(script), "--data", str(asked.data), "--out", str(out)]
        command += ["--set", name, "--method", method, "--seed", str(seed), "--threads", threads]
        subprocess.run(command, check=True, env=os.environ | dict.fromkeys(pools, threads))
        with np.load(out, allow_pickle=False) as found:
            return dict(found)


def score(asked: argparse.Namespace, chosen: BenchmarkSet, found: Row, seed: int) -> Row:
    """Figures of one fit: clustering for all, topics where there are any."""
    labels = load(asked.data, chosen).obs["cell_type"].to_numpy(dtype=str)
    table = compare_embeddings({"it": found["embedding"]}, labels)
    figures = {f"{row.method}.{row.metric}": row.value for row in table.itertuples()}
    if "top_genes" in found:
        theta, top = found["theta"], found["top_genes"]
        gene_sets = read_gmt(asked.data / "gmt" / chosen.gene_sets)
        rng = np.random.default_rng(seed)
        figures |= {
            "IP": interpretation_purity(theta, labels),
            "IP.random": random_purity(theta, labels, rng),
            "TD": topic_diversity(top),
            "TC": topic_coherence(top, gene_sets),
            "topics.used": len(np.unique(theta.argmax(axis=1))),
            "epochs": int(found["steps"]),
        }
    return figures | {"cells": len(labels), "types": len(np.unique(labels))}


def jobs(asked: argparse.Namespace) -> list[tuple[str, str, int]]:
    """Methods side by side within each set and seed, so that a busy hour hits all alike."""
    quality = [
        (name, method, seed)
        for seed in asked.seeds
        for name in asked.sets
        for method in (EMBEDDINGS if name in SETS else MIXTURES)
    ]
    # the external view does not enter PCA
    return [job for job in quality if job[:2] != ("Wang_sub + scGPT", "PCA")]


def main() -> int:
    """Run what is missing, then write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = [*SETS, MIXTURE.file]
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=known, default=known)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1, help="of each fit")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    path = asked.out / "results" / "quality.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = json.loads(path.read_text()) if path.exists() else []
    done = {(row["set"], row["method"], row["seed"]) for row in rows}
    failed = 0
    for name, method, seed in jobs(asked):
        if (name, method, seed) in done:
            continue
        try:
            found = fit_in_child(asked, name, method, seed)
        except subprocess.CalledProcessError:
            failed += 1
            print(f"{name}, {method}, seed {seed}: failed", file=sys.stderr, flush=True)
            continue
        row = {"set": name, "method": method, "seed": seed, "threads": asked.threads}
        row |= {key: round(float(found[key]), 2) for key in ("seconds", "peak_mb")}
        if name in SETS:
            figures = score(asked, SETS[name], found, seed)
        else:
            figures = recovery(load(asked.data, MIXTURE).obs, found)
        rows.append(row | {key: round(value, 5) for key, value in figures.items()})
        report.write_json(path, rows)
        print(f"{name}, {method}, seed {seed}: {row['seconds']} s", flush=True)
    report.write_tables(asked.out / "README.md", rows)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
