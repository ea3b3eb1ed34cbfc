"""Enrichment of 100 topics: time and memory beside gseapy and fgsea, and whether p-values agree.

    python benchmarks/enrichment.py --data FOLDER --out benchmarks/

100 topics over 5,000 genes are fitted to Kang_ifnb2800 (kept in --keep, where it is given, and not
fitted again). Each measurement is a process of its own with one thread; methods take turns. Tools
that take one list at a time run on the first topic and are scaled to 100, which the table says.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd

from peak import peak_mb
from report import write_block

Row = dict[str, Any]

N_TOPICS, N_GENES = 100, 5000
C2, ALL = "c2.all.v2022.1.Hs.symbols.gmt", "msigdb.v7.1.Hs.symbols.gmt.gz"
# method: collection and number of topics that it runs on
METHODS = {
    "ours": (C2, 100),
    "ours, all of MSigDB": (ALL, 100),
    "ours, ranking='weight'": (C2, 3),
    "ours, ORA": (C2, 100),
    "gseapy multilevel": (C2, 1),
    "gseapy prerank, 1,000 permutations": (C2, 1),
    "fgsea": (C2, 1),
}
COMPARED = 3  # topics


def topics(data: Path, keep: Path) -> Path:
    """File of 100 topics over 5,000 genes; fitted where it is absent."""
    path = keep / "topics.h5ad"
    if not path.exists():
        from sce2tm import SCE2TM

        cells = anndata.read_h5ad(data / "sets" / "Kang_ifnb2800.h5ad")
        SCE2TM(N_TOPICS, n_genes=N_GENES, seed=0).fit(cells).annotate(cells)
        seen = ~np.isnan(cells.varm["sce2tm_topic_genes"]).any(axis=1)
        only = anndata.AnnData(np.ones((1, seen.sum()), dtype=np.float32))
        only.var_names = cells.var_names[seen]
        only.varm["sce2tm_topic_genes"] = cells.varm["sce2tm_topic_genes"][seen]
        only.uns["sce2tm"] = {"topic_names": cells.uns["sce2tm"]["topic_names"]}
        only.write_h5ad(path)
    return path


def first(adata: anndata.AnnData, n: int) -> anndata.AnnData:
    """The same with the first topics alone."""
    fewer = adata.copy()
    fewer.varm["sce2tm_topic_genes"] = adata.varm["sce2tm_topic_genes"][:, :n]
    fewer.uns["sce2tm"] = {"topic_names": adata.uns["sce2tm"]["topic_names"][:n]}
    return fewer


def work(method: str, adata: anndata.AnnData, path: Path, n: int) -> Callable[[], pd.DataFrame]:
    """What is timed: from the path of the sets to the table."""
    import sce2tm

    if method == "ours, ORA":
        return lambda: sce2tm.tl.ora(adata, path)
    if method.startswith("ours"):
        ranking = "weight" if "weight" in method else "rank"
        return lambda: sce2tm.tl.gsea(first(adata, n), path, ranking=ranking, progress=False)
    import gseapy

    name = adata.uns["sce2tm"]["topic_names"][0]
    vector = sce2tm.tl.topic_ranks(adata, name, "rank" if "multilevel" in method else "weight")
    kind = "multilevel" if "multilevel" in method else "permutation"
    return lambda: (
        gseapy.prerank(
            vector, sce2tm.tl.read_gmt(path), method=kind, threads=1, no_plot=True, seed=0
        ).res2d
    )


def measure(method: str, data: Path, topics_file: Path) -> Row:
    """Run one method in this process."""
    collection, n_topics = METHODS[method]
    run = work(method, anndata.read_h5ad(topics_file), data / "gmt" / collection, n_topics)
    wall, cpu = time.perf_counter(), time.process_time()
    table = run()
    return {
        "method": method,
        "sets": collection,
        "topics": n_topics,
        "tests": len(table),
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "peak_mb": peak_mb(),
    }


def child(method: str, arguments: argparse.Namespace, topics_file: Path) -> Row:
    """The same in a process of its own, with one thread."""
    if method == "fgsea":
        return fgsea(arguments.data, topics_file)
    command = [sys.executable, __file__, "--data", arguments.data, "--one", method]
    threads = dict.fromkeys(["OMP_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"], "1")
    run = subprocess.run(
        [*map(str, command), "--keep", topics_file.parent],
        capture_output=True,
        text=True,
        env={**os.environ, **threads},
        check=True,
    )
    return dict(json.loads(run.stdout.splitlines()[-1]))


def fgsea(data: Path, topics_file: Path) -> Row:
    """Fgsea on the same vector, where R has it."""
    import sce2tm

    script = """
    sets <- fgsea::gmtPathways(commandArgs(TRUE)[1])
    ranks <- read.csv(commandArgs(TRUE)[2]); ranks <- setNames(ranks[[2]], ranks[[1]])
    used <- system.time(table <- fgsea::fgseaMultilevel(sets, ranks, minSize = 15, maxSize = 500,
      eps = 1e-50, scoreType = "pos", nproc = 1))
    cat(nrow(table), used[["user.self"]] + used[["sys.self"]], used[["elapsed"]])
    """
    row = {"method": "fgsea", "sets": C2, "topics": 1}
    if shutil.which("Rscript") is None:
        return {**row, "skipped": "no R"}
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "ranks.csv"
        adata = anndata.read_h5ad(topics_file)
        sce2tm.tl.topic_ranks(adata, adata.uns["sce2tm"]["topic_names"][0]).to_csv(csv)
        run = subprocess.run(
            ["Rscript", "-e", script, data / "gmt" / C2, csv],  # noqa: S607
            capture_output=True,
            text=True,
        )
    if run.returncode:
        return {**row, "skipped": "R has no fgsea"}
    n, cpu, wall = map(float, run.stdout.split())
    return {**row, "tests": int(n), "cpu": cpu, "wall": wall}


def agreement(data: Path, topics_file: Path) -> list[Row]:
    """Two-sided p-values of ours and of gseapy's multilevel method on the same vectors."""
    import gseapy

    import sce2tm

    adata = first(anndata.read_h5ad(topics_file), COMPARED)
    sets = sce2tm.tl.read_gmt(data / "gmt" / C2)
    ours = sce2tm.tl.gsea(adata, sets, score_type="std", progress=False)
    rows = []
    for topic, mine in ours.groupby("topic", sort=False):
        theirs = gseapy.prerank(
            sce2tm.tl.topic_ranks(adata, topic), sets, method="multilevel", threads=1,
            no_plot=True, seed=0,
        ).res2d.set_index("Term").loc[mine["pathway"]]  # fmt: skip
        known = theirs["NOM p-val"].notna().to_numpy() & (mine["ES"] > 0).to_numpy()
        p = -np.log10(mine["pval"].to_numpy()[known])
        q = -np.log10(np.maximum(theirs["NOM p-val"].to_numpy()[known], 1e-50))
        error = np.hypot(mine["log2err"].to_numpy()[known], theirs["log2err"].to_numpy()[known])
        rows.append(
            {
                "topic": topic,
                "sets": int(known.sum()),
                "rank_correlation": float(pd.Series(p).corr(pd.Series(q), method="spearman")),
                "largest_es_difference": float(np.abs(mine["ES"].to_numpy() - theirs["ES"]).max()),
                # standard deviation of the difference, in units of the two errors
                "spread": float(np.std(((p - q) / np.log10(2))[error > 0] / error[error > 0])),
                "smallest_p": float(mine["pval"].min()),
            }
        )
    return rows


def block(rows: list[Row], agreed: list[Row]) -> str:
    """Both tables as markdown."""
    lines = [
        "| method | sets | topics run | tests | CPU s | wall s | peak MB | CPU s for 100 topics |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for method in METHODS:
        runs = [row for row in rows if row["method"] == method]
        name = "C2" if runs[0]["sets"] == C2 else "all of MSigDB"
        head = f"| {method} | {name} | {runs[0]['topics']} |"
        if "skipped" in runs[0]:
            lines.append(f"{head} not run: {runs[0]['skipped']} | | | | |")
            continue
        best = min(runs, key=lambda row: row["cpu"])
        scaled = best["cpu"] * 100 / best["topics"]
        peak = f"{best['peak_mb']:.0f}" if "peak_mb" in best else ""
        lines.append(
            f"{head} {best['tests']:,} | {best['cpu']:.1f} | {best['wall']:.1f} | {peak} | "
            f"{scaled:,.0f}{' (scaled)' if best['topics'] < 100 else ''} |"
        )
    lines += [
        "",
        "| topic | sets with ES > 0 | rank correlation of -log10 p | largest difference of ES "
        "| spread | smallest p |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row['topic']} | {row['sets']:,} | {row['rank_correlation']:.4f} | "
        f"{row['largest_es_difference']:.0e} | {row['spread']:.2f} | {row['smallest_p']:.0e} |"
        for row in agreed
    ]
    return "\n".join(lines) + "\n"


def write_json(path: Path, results: dict[str, list[Row]]) -> None:
    """One measurement a line; what is there stays, new ones are added."""
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]"
        for name, rows in results.items()
    ]
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def main() -> None:
    """Measure, write the JSON and the tables of README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--methods", choices=list(METHODS), nargs="+", default=list(METHODS))
    parser.add_argument("--only", choices=["times", "agreement"], nargs="+")
    parser.add_argument("--one", choices=list(METHODS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        topics_file = topics(arguments.data, arguments.keep or Path(folder))
        if arguments.one:
            print(json.dumps(measure(arguments.one, arguments.data, topics_file)))
            return
        results = arguments.out / "results" / "enrichment.json"
        old = json.loads(results.read_text()) if results.exists() else {}
        steps = arguments.only or ["times", "agreement"]
        if "times" in steps:
            for method in arguments.methods * arguments.repeats:
                old.setdefault("times", []).append(child(method, arguments, topics_file))
                print(old["times"][-1], flush=True)
                write_json(results, old)
        if "agreement" in steps:
            old["agreement"] = agreement(arguments.data, topics_file)
            write_json(results, old)
        if "agreement" in old and {row["method"] for row in old.get("times", [])} == set(METHODS):
            tables = block(old["times"], old["agreement"])
            write_block(arguments.out / "README.md", "enrichment", tables)


if __name__ == "__main__":
    main()
