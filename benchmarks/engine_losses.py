"""Whether `paper` has the losses and gradients of the published program.

    python benchmarks/engine_losses.py --data FOLDER --out benchmarks/

The published model and ours, with the same weights, compute the terms of the loss of the same cells
(losses_published.py), before and during a training. Rows go to OUT/results/engine_losses.json.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from engine import HERE, Row, environment, prepare
from report import write_block


def table(rows: list[Row]) -> str:
    """The largest difference of each term over the steps of the training, by set."""
    lines = [
        "| set | term | plans | published loss, at the steps | loss: relative difference | "
        "gradient: relative difference |",
        "| --- " * 6 + "|",
    ]
    for key in dict.fromkeys((row["set"], row["term"], row["balanced"]) for row in rows):
        own = [row for row in rows if (row["set"], row["term"], row["balanced"]) == key]
        name, term, balanced = key
        if balanced and term != "ECR":
            continue
        plans = {True: "to 1e-6", False: "to 5e-3, as published"}[balanced] if term == "ECR" else ""
        losses = ", ".join(f"{row['published']:.5g} ({row['steps']})" for row in own)
        worst = [f"{max(row[what] for row in own):.0e}" for what in ("loss", "gradient")]
        lines.append(f"| {name} | {term} | {plans} | {losses} | {worst[0]} | {worst[1]} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["Yan", "PBMC3k"])
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "scE2TM")
    asked = parser.parse_args()
    python, rows = environment(asked.environment), []
    env = os.environ | {"PYTHONPATH": str(HERE.parent / "python")}
    for name in asked.sets:
        with tempfile.TemporaryDirectory() as folder:
            inputs = Path(folder) / name
            prepare(asked.data, name, inputs, tables=False)
            run = subprocess.run(
                [python, HERE / "losses_published.py", inputs],
                env=env,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
        rows += [{"set": name} | json.loads(line) for line in run.stdout.splitlines()]
    results = asked.out / "results" / "engine_losses.json"
    results.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    write_block(asked.out / "README.md", "engine: losses", table(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
