"""How good the engine's results are over several seeds, the published program's beside ours.

    python benchmarks/engine_quality.py --data FOLDER --out benchmarks/ --sets Kang_ctrl12k

Same programs and files as in engine.py, "whole", and all 500 epochs; every cell is scored. Time is
not measured, so fits may run side by side (--jobs), each with one thread. Rows go to
OUT/results/engine_quality.json after each fit; what is there is not run again.
"""

import argparse
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import product
from pathlib import Path

import pandas as pd

from engine import FIGURES, PUBLISHED_EPOCHS, Row, child, environment, prepare, score, whole
from report import differences, write_block, write_json

# the longest fits start first
METHODS = (
    "published",
    "paper",
    "default",
    "default, theta",
    "default, no view",
    "default, no view, theta",
    "default, genes 5000",
    "default, genes 5000, theta",
)


def table(rows: list[Row]) -> str:
    """Means over seeds with their standard deviations; differences, by seeds and by sets."""
    frame = pd.DataFrame(rows)
    lines = ["| set | method | seeds | " + " | ".join(FIGURES) + " |"]
    lines.append("| --- " * (3 + len(FIGURES)) + "|")
    for name, method in [(name, method) for name in frame["set"].unique() for method in METHODS]:
        own = frame[(frame["set"] == name) & (frame["method"] == method)]
        if len(own):
            spread = len(own) > 1
            cells = [
                f"{own[key].mean():.3f}" + (f" ± {own[key].std():.3f}" if spread else "")
                for key in FIGURES
            ]
            lines.append(f"| {name} | {method} | {len(own)} | " + " | ".join(cells) + " |")
    pairs = [(method, "published") for method in METHODS[1:]]
    columns = {key: key for key in FIGURES}
    for name, own in frame.groupby("set", sort=False):
        if own["seed"].nunique() > 1:
            # differences are paired by what they are grouped by: here the seed
            figures = differences(own.assign(set=own["seed"].astype(str)), columns, pairs)
            lines += ["", f"{name}, over seeds:", "", figures.replace("| sets |", "| seeds |", 1)]
    if frame["set"].nunique() > 1:
        # "x" would leave the grown sets out: elsewhere the real cells stand beside them
        by_set = frame.assign(set=frame["set"].str.replace(" x ", " of "))
        lines += ["", "Over sets:", "", differences(by_set, columns, pairs)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is missing and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["Kang_ctrl12k"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS, metavar="METHOD")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "scE2TM")
    parser.add_argument("--jobs", type=int, default=2, help="fits at a time")
    asked = parser.parse_args()
    asked.threads = 1
    if "published" in asked.methods:
        environment(asked.environment)
    path = asked.out / "results" / "engine_quality.json"
    rows: list[Row] = json.loads(path.read_text()) if path.exists() else []
    done = {(row["set"], row["method"], row["seed"]) for row in rows}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.jobs) as pool:
        cells, waiting = {}, {}
        for name in asked.sets:
            cells[name] = prepare(asked.data, name, Path(folder) / name, tables=True)
        for job in product(asked.methods, asked.sets, asked.seeds):
            method, name, seed = job
            if (name, method, seed) in done:
                continue
            inputs = Path(folder) / name
            result = inputs / f"{method} {seed}.npz"
            order = whole(method, inputs, seed, PUBLISHED_EPOCHS, result)
            waiting[pool.submit(child, asked, method, *order)] = job, result
        for fit in as_completed(waiting):
            (method, name, seed), result = waiting[fit]
            fit.result()
            on_theta = method.endswith("theta")
            figures = score(asked.data, name, cells[name], result, most=None, on_theta=on_theta)
            rows.append({"set": name, "method": method, "seed": seed} | figures)
            print(json.dumps(rows[-1]), flush=True)
            write_json(path, rows)
    write_block(asked.out / "README.md", "engine: quality", table(rows))


if __name__ == "__main__":
    main()
