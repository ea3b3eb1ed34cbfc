"""How often is a difference found where there is none: tests over donors and over cells.

    python benchmarks/donors.py --data FOLDER --out benchmarks/

The eight untreated donors of Kang_ctrl12k, split into two groups of four in all 35 ways: whatever
`differential_topics` calls different between the groups is a false alarm, or a difference between
donors, which is not one between groups. 30 topics, one seed.
"""

import argparse
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sce2tm
from report import write_block, write_json
from sets import BenchmarkSet, load

SET = "Kang_ctrl12k"
LEVEL = 0.05


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    cells = load(asked.data, BenchmarkSet(SET))
    sce2tm.tl.sce2tm(cells, n_topics=30, external=None)
    donors = cells.obs["batch"].astype(str)
    first, *others = sorted(donors.unique())
    rows: list[dict[str, Any]] = []
    for number, three in enumerate(combinations(others, 3)):
        cells.obs["side"] = np.where(donors.isin([first, *three]), "one", "other")
        for test, donor in (("donors", "batch"), ("cells", None)):
            table = sce2tm.tl.differential_topics(cells, "side", donor=donor)
            share = float((table["pval"] < LEVEL).mean())
            rows.append({"set": SET, "method": test, "seed": number, "share": round(share, 4)})
    write_json(asked.out / "results" / "donors.json", rows)
    lines = [
        f"| test over | topics with p < {LEVEL}, mean of {number + 1} splits | least | most |",
        "| --- | --- | --- | --- |",
    ]
    for test, shares in pd.DataFrame(rows).groupby("method", sort=False)["share"]:
        lines.append(f"| {test} | {shares.mean():.3f} | {shares.min():.2f} | {shares.max():.2f} |")
    write_block(asked.out / "README.md", "donors", "\n".join(lines))


if __name__ == "__main__":
    main()
