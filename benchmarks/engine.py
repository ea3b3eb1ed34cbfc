"""Time, memory and quality of the engine: ours and the published package on the same cells.

    python benchmarks/engine.py --data FOLDER --out benchmarks/ --measure step whole growth

The published package (scE2TM 1.2.3 from PyPI) is installed into an environment of its own; nothing
of it is kept here. Each method is a process of its own with the same number of threads. "step"
times training steps: all methods are started, and take turns of a few steps each, so that a busy
machine slows all of them; ratios are taken within a turn. "whole" goes from files to the result and
scores it, "growth" shows ours on more and more cells. Rows of sets that are not asked for stay from
earlier runs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import anndata
import numpy as np
import pandas as pd

from report import differences, write_block
from sce2tm.inference import proportions
from sce2tm.tl.compare import compare_embeddings
from sce2tm.tl.gene_sets import read_gmt
from sce2tm.tl.metrics import interpretation_purity, topic_coherence, topic_diversity
from semisynthetic import grow
from sets import HUMAN, MOUSE, SETS, BenchmarkSet, load

HERE = Path(__file__).parent
PUBLISHED = "scE2TM==1.2.3"
PUBLISHED_EPOCHS = 500
METHODS = ("published", "paper", "default", "default, no view", "default, bfloat16")
REAL = SETS | {name: BenchmarkSet(name) for name in ("Kang_ctrl12k", "Kang_ifnb2800")}
# "gathered" is without the package's loader; the default takes fewer cells in a step than the
# others, "batch 512" as many
STEP_METHODS = (
    "published", "published, gathered", *METHODS[1:], "default, batch 512",
    "default, batch 512, no view",
)  # fmt: skip
GROWTH = (3_000, 10_000, 30_000, 100_000)
GROWN = ("default, no view", "default")
FIGURES = ("S", "L", "kNN", "IP", "TD", "TC")
# a clustering of more cells takes longer than a fit
SCORED = 3000
Row = dict[str, Any]


def environment(folder: Path) -> Path:
    """Python of an environment that holds the published package; made where it is absent."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "install", "-q"]
        needs = ["torch==2.13.0", "numpy<2", "pandas", "scikit-learn", "umap-learn"]
        subprocess.run([*pip, *needs], check=True)
        # its pins cannot be met on current Pythons
        subprocess.run([*pip, "--no-deps", PUBLISHED], check=True)
    return python


def cells_of(data: Path, name: str) -> anndata.AnnData:
    """Real cells, or as many as the name says grown from them."""
    real, _, number = name.partition(" x ")
    cells = load(data, REAL[real])
    return grow(cells, int(number)) if number else cells


def add_view(adata: anndata.AnnData) -> tuple[Any, Any, np.ndarray]:
    """Add a view, a random turn of the components; the genes of `paper`, their logs, components."""
    from sce2tm.data.genes import learn_genes
    from sce2tm.train.config import configure

    # asks for components as well
    genes, lognorm = learn_genes(adata, configure("paper", distance_weight=1.0, values="counts"))
    components = genes.components.project(lognorm)
    # the published head takes 512 columns and no other number
    turn = np.random.default_rng(0).normal(size=(components.shape[1], 512)) / 512**0.5
    adata.obsm["X_view"] = (components @ turn).astype("float32")
    return genes, lognorm, components


def prepare(data: Path, name: str, folder: Path, *, tables: bool) -> anndata.AnnData:
    """Write the cells as each program reads them: counts, and 5,000 genes of log1p counts."""
    from sce2tm.data.neighbors import mutual_neighbors

    adata = cells_of(data, name)
    genes, lognorm, components = add_view(adata)
    external = adata.obsm["X_view"]
    folder.mkdir()
    adata.write_h5ad(folder / "cells.h5ad")
    (folder / "shape.json").write_text(json.dumps(lognorm.shape))
    if tables:
        dense = pd.DataFrame(lognorm.toarray(), columns=list(genes.gene_names))
        dense.to_csv(folder / "cells_HIGHPRE.csv")
        pd.DataFrame(external).to_csv(folder / "cells.csv")
        return adata
    near_cells = mutual_neighbors(components, 15, 0)
    near_external = mutual_neighbors(external, 15, 0)
    np.savez(
        folder / "arrays.npz",
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
    return adata


def program(asked: argparse.Namespace, method: str, *arguments: object) -> dict[str, Any]:
    """Command and environment of a process with a fixed number of threads."""
    published = method.startswith("published")
    interpreter = environment(asked.environment) if published else sys.executable
    script = HERE / ("engine_published.py" if published else "engine_ours.py")
    pools = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    env = os.environ | dict.fromkeys(pools, str(asked.threads))
    if published:
        env["NUMBA_NUM_THREADS"] = "4"  # its neighbour search asks for as many, and takes no less
    return {"args": [interpreter, script, method, *map(str, arguments)], "env": env, "text": True}


def child(asked: argparse.Namespace, method: str, *arguments: object) -> Row:
    """One process; what it printed."""
    run = subprocess.run(**program(asked, method, *arguments), capture_output=True, check=False)
    if run.returncode:
        raise SystemExit(f"{method} failed:\n{run.stderr}")
    return rounded(json.loads(run.stdout.splitlines()[-1]))


def rounded(found: Row) -> Row:
    """Figures with three places."""
    return {key: round(value, 3) for key, value in found.items()}


def in_turns(asked: argparse.Namespace, folder: Path) -> Row:
    """Start all methods, and let each train for a few steps in each turn."""
    with ExitStack() as stack:
        started: dict[str, subprocess.Popen[str]] = {}

        def heard(method: str) -> Row:
            line = started[method].stdout.readline()  # type: ignore[union-attr]
            if not line:
                raise SystemExit(f"{method} failed:\n{(folder / f'{method}.log').read_text()}")
            found: Row = json.loads(line)
            return found

        for method in STEP_METHODS:
            started[method] = stack.enter_context(
                subprocess.Popen(
                    **program(asked, method, "step", folder, asked.turns, asked.steps),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stack.enter_context((folder / f"{method}.log").open("w")),
                )
            )
            heard(method)  # it has warmed up
        found: Row = {method: {"ms": []} for method in STEP_METHODS}
        for _ in range(asked.turns):
            for method, process in started.items():
                print(file=process.stdin, flush=True)
                found[method]["ms"].append(round(heard(method)["ms"], 3))
        for method, process in started.items():
            process.stdin.close()  # type: ignore[union-attr]
            found[method] |= rounded(heard(method))
            process.wait()  # its end would slow the products that the next measures its floor by
        return found


def score(
    data: Path,
    name: str,
    cells: anndata.AnnData,
    result: Path,
    most: int | None = SCORED,
    *,
    on_theta: bool = False,
) -> Row:
    """Quality of a result: clusters of `most` cells (None: all), topics of all."""
    with np.load(result) as arrays:
        latent, top = arrays["latent"], arrays["top"]
    labels = cells.obs["cell_type"].to_numpy(dtype=str)
    some = np.random.default_rng(0).permutation(len(labels))[:most]
    theta = proportions(latent)
    # distances of square roots are Hellinger's, those that proportions have
    embedding = np.sqrt(theta) if on_theta else latent
    table = compare_embeddings({"it": embedding[some]}, labels[some])
    figures = {(row.method, row.metric): row.value for row in table.itertuples()}
    gene_sets = read_gmt(data / "gmt" / (MOUSE if "mouse" in name else HUMAN))
    found = {
        "S": figures["summary", "S"],
        "L": figures["summary", "L"],
        "kNN": figures["knn", "accuracy"],
        "IP": interpretation_purity(theta, labels),
        "TD": topic_diversity(top),
        "TC": topic_coherence(top, gene_sets),
    }
    return {key: round(float(value), 4) for key, value in found.items()}


def whole(method: str, cells: Path, seed: int, epochs: int, out: Path) -> tuple[object, ...]:
    """Arguments of a run from files to the result; the number of epochs is the published one's."""
    return ("whole", cells, seed, *((epochs,) if method == "published" else ()), out)


def kept(results: Path, sets: list[str]) -> list[Row]:
    """Rows of an earlier run for other sets than those asked for."""
    earlier = json.loads(results.read_text())["rows"] if results.exists() else []
    return [row for row in earlier if row.get("set", sets[0]) not in sets]


def steps(asked: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Milliseconds of a step, turn by turn, of several starts."""
    for name in asked.sets:
        cells = folder / f"step {name}"
        prepare(asked.data, name, cells, tables=False)
        for start in range(asked.starts):
            yield {"set": name, "start": start} | in_turns(asked, cells)


def wholes(asked: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Seconds from files to the result, and how good it is."""
    for name in asked.sets:
        cells = folder / f"whole {name}"
        adata = prepare(asked.data, name, cells, tables=True)
        epochs = PUBLISHED_EPOCHS if adata.n_obs <= asked.complete else asked.epochs
        for method in METHODS:
            if method == "paper" and epochs < PUBLISHED_EPOCHS:
                continue
            found = child(asked, method, *whole(method, cells, 0, epochs, cells / "result.npz"))
            row = {"set": name, "cells": adata.n_obs, "method": method} | found
            if method == "published" and epochs < PUBLISHED_EPOCHS:
                row["train_s"] = round(row["train_s"] * PUBLISHED_EPOCHS / epochs, 1)
                row["epochs_run"] = epochs
            else:
                row |= score(asked.data, name, adata, cells / "result.npz")
            yield row


def growth(asked: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Ours on more and more cells, without a view and with one."""
    for turn in range(asked.rounds):
        for n_cells in GROWTH:
            cells = folder / f"growth {n_cells}"
            if not cells.exists():
                cells.mkdir()
                adata = grow(load(asked.data, REAL["Baron_mouse"]), n_cells)
                add_view(adata)
                adata.write_h5ad(cells / "cells.h5ad")
            for method in GROWN:
                found = child(asked, method, *whole(method, cells, 0, 0, cells / "result.npz"))
                yield {"method": method, "cells": n_cells, "round": turn} | found


def step_table(rows: list[Row]) -> str:
    """Medians over all turns, ratios within turns."""
    lines = [
        "| set | method | cells a step | GFLOP | MB | floor ms | ms | published / ours, median "
        "(middle half) | published without its loader / ours |",
        "| --- " * 9 + "|",
    ]
    for name in dict.fromkeys(row["set"] for row in rows):
        own = [row for row in rows if row["set"] == name]
        ms = {method: np.concatenate([row[method]["ms"] for row in own]) for method in STEP_METHODS}
        for method in STEP_METHODS:
            floors = [
                f"{median(row[method][key] for row in own):{form}}" if key in own[0][method] else ""
                for key, form in (("gflop", ".2f"), ("mbyte", ".0f"), ("floor_ms", ".1f"))
            ]
            n_cells = f"{own[0][method]['cells']:.0f}"
            cells = [
                name, method, n_cells, *floors, f"{median(ms[method]):.1f}",
                *(_spread(ms[base] / ms[method]) for base in STEP_METHODS[:2]),
            ]  # fmt: skip
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _spread(ratios: np.ndarray) -> str:
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def whole_table(rows: list[Row]) -> str:
    """Seconds and peaks with their ratios, quality beside them, and its paired differences."""
    lines = [
        "| set | cells | method | prepare s | train s | all: published / ours | peak MB | peak: "
        "ours / published | " + " | ".join(FIGURES) + " |",
        "| --- " * (8 + len(FIGURES)) + "|",
    ]
    for row in rows:
        base = next(one for one in rows if (one["set"], one["method"]) == (row["set"], "published"))
        ratio = (base["prepare_s"] + base["train_s"]) / (row["prepare_s"] + row["train_s"])
        mark = f" (from {row['epochs_run']} epochs)" if "epochs_run" in row else ""
        cells = [
            row["set"], row["cells"], row["method"], f"{row['prepare_s']:.1f}",
            f"{row['train_s']:.1f}{mark}", f"{ratio:.1f}", f"{row['peak_mb']:.0f}",
            f"{row['peak_mb'] / base['peak_mb']:.2f}",
            *(f"{row[figure]:.3f}" if figure in row else "" for figure in FIGURES),
        ]  # fmt: skip
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    figures = pd.DataFrame(rows).reindex(columns=["set", "method", *FIGURES])
    pairs = [(method, "published") for method in METHODS[1:]]
    lines += ["", differences(figures, {name: name for name in FIGURES}, pairs)]
    return "\n".join(lines) + "\n"


def growth_table(rows: list[Row]) -> str:
    """Medians over rounds, and the exponent from each size to the next."""
    lines = [
        "| method | cells | prepare s | train s | all s | exponent | peak MB | exponent |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for method in GROWN:
        grown: list[tuple[int, float, float]] = []
        for n_cells in dict.fromkeys(row["cells"] for row in rows):
            own = [row for row in rows if (row["method"], row["cells"]) == (method, n_cells)]
            if not own:
                continue
            prepare_s, train_s, peak = (
                median(row[key] for row in own) for key in ("prepare_s", "train_s", "peak_mb")
            )
            grown.append((n_cells, prepare_s + train_s, peak))
            by_time, by_memory = _exponents(grown[-2:])
            lines.append(
                f"| {method} | {n_cells} | {prepare_s:.1f} | {train_s:.1f} | "
                f"{prepare_s + train_s:.1f} | {by_time} | {peak:.0f} | {by_memory} |"
            )
        if len(grown) > 1:
            by_time, by_memory = _exponents([grown[0], grown[-1]])
            lines.append(f"| {method} | first to last | | | | {by_time} | | {by_memory} |")
    return "\n".join(lines) + "\n"


def _exponents(sizes: list[tuple[int, float, float]]) -> tuple[str, str]:
    """Of time and of memory against cells, between two sizes; empty where there is one."""
    if len(sizes) < 2:
        return "", ""
    (few, *less), (many, *more) = sizes
    by_time, by_memory = (
        np.log(b / a) / np.log(many / few) for a, b in zip(less, more, strict=True)
    )
    return f"{by_time:.2f}", f"{by_memory:.2f}"


MEASURES = {
    "step": (steps, step_table),
    "whole": (wholes, whole_table),
    "growth": (growth, growth_table),
}


def main() -> None:
    """Measure what was asked for and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--measure", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "scE2TM")
    parser.add_argument(
        "--sets", nargs="+", default=["Yan", "Baron_mouse", "PBMC3k", "Kang_ctrl12k"]
    )
    parser.add_argument("--starts", type=int, default=2, help="step: times to start all methods")
    parser.add_argument("--turns", type=int, default=10, help="step: turns after each start")
    parser.add_argument("--steps", type=int, default=12, help="step: least steps in a turn")
    parser.add_argument("--rounds", type=int, default=5, help="growth: fits of each size")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--complete", type=int, default=3000, help="published: all epochs up to")
    parser.add_argument("--epochs", type=int, default=3, help="published: epochs beyond")
    asked = parser.parse_args()
    for measure in asked.measure:
        run, table = MEASURES[measure]
        results = asked.out / "results" / f"engine_{measure}.json"
        rows = kept(results, asked.sets)
        with tempfile.TemporaryDirectory() as folder:
            for row in run(asked, Path(folder)):
                print(json.dumps(row), flush=True)
                rows.append(row)
                content = {"threads": asked.threads, "rows": rows}
                results.write_text(json.dumps(content, indent=1) + "\n")
                write_block(asked.out / "README.md", f"engine: {measure}", table(rows))
        print(table(rows), flush=True)


if __name__ == "__main__":
    main()
