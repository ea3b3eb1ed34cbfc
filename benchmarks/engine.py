"""Time per training step: ours and the published package, taking turns on the same cells.

python benchmarks/engine.py --data FOLDER --out benchmarks/

The published package (scE2TM 1.2.3 from PyPI) is installed into an environment of its own; nothing
of it is kept here. Each measurement is a process of its own with the same number of threads, and
the methods take turns, so that a busy machine slows all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from report import write_block
from sets import SETS, load

HERE = Path(__file__).parent
METHODS = ("published", "paper", "default")
PUBLISHED = ["scE2TM==1.2.3"]


def environment(folder: Path) -> Path:
    """Python of an environment that holds the published package; made where it is absent."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "torch==2.13.0", "numpy<2"], check=True)
        # its pins cannot be met on current Pythons; the model itself needs torch and NumPy only
        subprocess.run([*pip, "--no-deps", *PUBLISHED], check=True)
    return python


def inputs(data: Path, name: str, path: Path) -> None:
    """Write the cells as the published model reads them: 5,000 genes, a 512-wide view."""
    from sce2tm.data.genes import learn_genes
    from sce2tm.data.neighbors import mutual_neighbors
    from sce2tm.train.config import configure

    adata = load(data, SETS[name])
    config = configure("paper", distance_weight=1.0)  # asks for components as well
    genes, lognorm = learn_genes(adata, config)
    components = genes.components.project(lognorm)
    # the published head takes 512 columns and no other number
    turn = np.random.default_rng(0).normal(size=(components.shape[1], 512)) / 512**0.5
    external = (components @ turn).astype("float32")
    near_cells = mutual_neighbors(components, 15, 0)
    near_external = mutual_neighbors(external, 15, 0)
    np.savez(
        path,
        data=lognorm.data,
        indices=lognorm.indices,
        indptr=lognorm.indptr,
        shape=lognorm.shape,
        external=external,
        near_cells=near_cells.table,
        near_external=near_external.table,
        n_near_cells=near_cells.counts,
        n_near_external=near_external.counts,
    )
    adata.obsm["X_view"] = external
    adata.write_h5ad(path.with_suffix(".h5ad"))


def measure(method: str, python: Path, path: Path, steps: int, threads: int) -> dict[str, float]:
    """One process: median milliseconds per step, and peak memory in MB."""
    script = "engine_published.py" if method == "published" else "engine_ours.py"
    interpreter = python if method == "published" else sys.executable
    command = [interpreter, HERE / script, path, str(steps), method]
    env = os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{method} failed:\n{run.stderr}")
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: medians over rounds, ratios within rounds."""
    lines = [
        "| set | method | ms per step | published / ours, median (min to max) | peak MB |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(row["set"] for row in rows):
        own = [row for row in rows if row["set"] == name]
        for method in METHODS:
            mine = [row[method]["ms"] for row in own]
            ratios = [row["published"]["ms"] / row[method]["ms"] for row in own]
            peak = median(row[method]["peak_mb"] for row in own)
            spread = f"{median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
            lines.append(f"| {name} | {method} | {median(mine):.0f} | {spread} | {peak:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure all sets and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "scE2TM")
    parser.add_argument("--sets", nargs="+", default=["Yan", "Baron_mouse", "PBMC3k"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    python = environment(args.environment)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in args.sets:
            path = Path(folder) / f"{name}.npz"
            inputs(args.data, name, path)
            for turn in range(args.rounds):
                row: dict[str, Any] = {"set": name, "round": turn}
                for method in METHODS:
                    row[method] = measure(method, python, path, args.steps, args.threads)
                rows.append(row)
                print(json.dumps(row), flush=True)
    results = args.out / "results" / "engine.json"
    results.write_text(json.dumps({"threads": args.threads, "rows": rows}, indent=1) + "\n")
    write_block(args.out / "README.md", "engine", table(rows))


if __name__ == "__main__":
    main()
