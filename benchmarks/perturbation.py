"""Do moved topics change expression as a real treatment does: interferon beta on blood cells.

    python benchmarks/perturbation.py --data FOLDER --out benchmarks/ --seeds 0 1 2

FOLDER holds sets/*.h5ad. Rows go to OUT/results/perturbation.json after each fit (what is there is
not run again), tables into OUT/README.md. The model is trained, and the topics are chosen, on one
half of the cells; the other half is moved and judged. No gene is looked at to choose the topics.
"""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy.stats import false_discovery_control, mannwhitneyu

import sce2tm
from report import write_block, write_json
from sce2tm.results import latent, topic_genes
from sce2tm.tl.agreement import agreement
from sce2tm.tl.observed_change import observed_change

CONDITION = ("condition", "CTRL", "STIM")
INTERFERON = ("ISG15", "IFI6", "IFIT1", "IFIT3", "MX1", "OAS1")
FEWEST = 10
Mask = np.ndarray


def cells_of(data: Path, name: str) -> AnnData:
    """The whole set, or the one that the package carries: the same cells, 3,000 genes."""
    if name == "embedded":
        return sce2tm.datasets.kang_ifnb()
    return anndata.read_h5ad(data / "sets" / f"{name}.h5ad")


def rising_topics(adata: AnnData, cells: Mask) -> list[str]:
    """Topics whose latent is higher in treated cells of most types, the clearest first.

    Within each type with at least ten cells on both sides: Mann-Whitney of each topic,
    Benjamini-Hochberg over all; a topic is taken that rises at 1 % in at least half of the types.
    """
    values, labels = latent(adata), adata.obs["cell_type"].astype(str).to_numpy()
    treated = (adata.obs[CONDITION[0]] == CONDITION[2]).to_numpy()
    areas, chances = [], []
    for name in np.unique(labels):
        one, other = (values[cells & (labels == name) & side] for side in (treated, ~treated))
        if min(len(one), len(other)) < FEWEST:
            continue
        found = mannwhitneyu(one, other, axis=0)
        areas.append(found.statistic / (len(one) * len(other)))
        chances.append(found.pvalue)
    area = np.array(areas)
    rises = (area > 0.5) & (false_discovery_control(np.array(chances)) < 0.01)
    clear = area.mean(axis=0)
    order = np.argsort(-clear)
    return [values.columns[k] for k in order if rises[:, k].mean() >= 0.5 and clear[k] > 0.5]


def run(cells: AnnData, name: str, n_topics: int, seed: int) -> list[dict[str, Any]]:
    """One fit, judged by each way to move."""
    adata = cells.copy()
    learned = np.random.default_rng(seed).random(adata.n_obs) < 0.5
    model = sce2tm.SCE2TM(n_topics, None, seed=seed, progress=False).fit(adata[learned].copy())
    model.annotate(adata)
    chosen = rising_topics(adata, learned)
    treated = (adata.obs[CONDITION[0]] == CONDITION[2]).to_numpy()
    ranks = topic_genes(adata)[chosen].rank(ascending=False)
    base = {
        "set": name,
        "n_topics": n_topics,
        "seed": seed,
        "chosen": chosen,
        "ranks": {
            gene: [int(ranks.loc[gene].iloc[0]), int(ranks.loc[gene].min())]
            for gene in INTERFERON
            if gene in ranks.index
        },
        "ceiling": ceiling(adata, learned),
    }
    moves: dict[str, dict[str, Any]] = {
        "add": {},
        "reference": {"reference": treated & learned},
    }
    rows = []
    for how, more in moves.items():
        moved = sce2tm.tl.perturb(
            adata, chosen, how, cells=~treated & ~learned, groupby="cell_type", **more
        )
        found = sce2tm.tl.compare_perturbation(
            adata, moved, CONDITION, cells=~learned, seed=seed, progress=False
        )
        for group, table in found.scores.groupby("group", sort=False):
            scores = table.set_index("statistic").drop(columns="group").round(6)
            rows.append(
                base
                | {"method": how, "group": group}
                | {key: row.dropna().to_dict() for key, row in scores.iterrows()}
            )
    return rows


def ceiling(adata: AnnData, learned: Mask) -> dict[str, float]:
    """How well the change in one half of the cells agrees with that in the other."""
    treated = (adata.obs[CONDITION[0]] == CONDITION[2]).to_numpy()
    types, codes = np.unique(adata.obs["cell_type"].astype(str), return_inverse=True)
    sizes = np.array(
        [
            [np.sum((codes == code) & part & side) for part in (learned, ~learned)
             for side in (treated, ~treated)]
            for code in range(len(types))
        ]
    )  # fmt: skip
    kept = np.flatnonzero((sizes >= FEWEST).all(axis=1))
    groups = pd.Index(kept).get_indexer(codes)
    genes = topic_genes(adata).index
    weight = sizes[kept, 3] / sizes[kept, 3].sum()
    one, other = (
        weight @ observed_change(adata, genes, groups, ~treated & part, treated & part, len(kept))
        for part in (learned, ~learned)
    )
    correlation, shared = agreement(one, other, 100)
    return {"rank_correlation": correlation, "overlap": shared}


def tables(rows: pd.DataFrame) -> str:
    """Means over seeds, all cell types together; then the ranks of interferon genes."""
    rows = rows[rows["group"] == "all"].sort_values(["set", "n_topics", "method", "seed"])
    lines = [
        "| set | K | topics moved | move | rank correlation | random topics | other half of cells "
        "| shared of 100 | random topics | other half | distance closed | random topics | p |",
        "| " + " | ".join(["---"] * 13) + " |",
    ]
    for (name, n_topics, how), part in rows.groupby(["set", "n_topics", "method"], sort=False):
        cells = [name, str(n_topics), f"{part['chosen'].map(len).mean():.0f}", how]
        for key, digits in (("rank_correlation", 2), ("overlap", 0), ("distance_closed", 2)):
            cells.append(f"{_mean(part[key], 'value'):.{digits}f}")
            spread = _mean(part[key], "random_sd")
            cells.append(f"{_mean(part[key], 'random_mean'):.{digits}f} ± {spread:.{digits}f}")
            if key != "distance_closed":
                cells.append(f"{_mean(part['ceiling'], key):.{digits}f}")
        worst = [
            max(score["p_value"] for score in part[key])
            for key in ("rank_correlation", "overlap", "distance_closed")
        ]
        cells.append(", ".join(f"{p:.2f}" for p in worst))
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"| set | K | {' | '.join(INTERFERON)} |", "| " + " | ".join(["---"] * 8) + " |"]
    for (name, n_topics), part in rows[rows["method"] == "add"].groupby(
        ["set", "n_topics"], sort=False
    ):
        cells = [name, str(n_topics)]
        for gene in INTERFERON:
            found = [ranks[gene] for ranks in part["ranks"] if gene in ranks]
            first, best = np.median(found, axis=0) if found else (0, 0)
            cells.append(f"{first:.0f} ({best:.0f})" if found else "not modelled")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean(values: pd.Series, key: str) -> float:
    return float(np.mean([value[key] for value in values]))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args()
    path = asked.out / "results" / "perturbation.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    done = {(row["set"], row["n_topics"], row["seed"]) for row in rows}
    for case in product(("Kang_ifnb2800", "embedded"), (20, 100), asked.seeds):
        if case not in done:
            print(*case, flush=True)
            rows += run(cells_of(asked.data, case[0]), *case)
            write_json(path, rows)
    write_block(asked.out / "README.md", "perturbation", tables(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
