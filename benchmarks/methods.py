r"""Fit one method on one set, and write what it found; run by quality.py in a process of its own.

    python benchmarks/methods.py --data FOLDER --set Yan --method ours --seed 0 \
        --threads 1 --out found.npz

A process of its own, so that its peak memory is the method's and nothing else's.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scanpy as sc
from anndata import AnnData
from sklearn.decomposition import NMF

from peak import peak_mb
from sets import MIXTURE, SETS, BenchmarkSet, load

TOP = 10
Found = dict[str, np.ndarray]


def topic_model(preset: str, n_topics: int = 100) -> Callable[..., Found]:
    """Make the method that fits our package with one of its presets."""

    def fit(cells: AnnData, chosen: BenchmarkSet, seed: int, threads: int) -> Found:
        import sce2tm

        model = sce2tm.SCE2TM(
            n_topics=n_topics,
            preset=preset,
            values=chosen.values,
            seed=seed,
            device="cpu",
            progress=False,
            n_threads=threads,
        )
        model.fit(cells).annotate(cells)
        table = sce2tm.tl.top_genes(cells, n_genes=TOP)
        return {
            "embedding": np.asarray(cells.obsm["X_sce2tm"]),
            "theta": np.asarray(cells.obsm["sce2tm_theta"]),
            "top_genes": table["gene"].to_numpy(dtype=str).reshape(-1, TOP),
            "steps": np.array(len(model.history["loss"])),
        }

    return fit


def variable_lognorm(cells: AnnData, chosen: BenchmarkSet) -> AnnData:
    """Log-normalised values (10,000 a cell) of the 2,000 most variable genes."""
    cells = cells.copy()
    if chosen.values == "counts":
        sc.pp.normalize_total(cells, target_sum=1e4)
        sc.pp.log1p(cells)
    if cells.n_vars <= 2000:
        return cells
    sc.pp.highly_variable_genes(cells, n_top_genes=2000)
    return cells[:, cells.var["highly_variable"]].copy()


def pca(cells: AnnData, chosen: BenchmarkSet, seed: int, threads: int) -> Found:
    """20 unscaled principal components; they have no topics."""
    table = variable_lognorm(cells, chosen)
    sc.pp.pca(table, n_comps=20, random_state=seed)
    return {"embedding": table.obsm["X_pca"]}


def nmf3(cells: AnnData, chosen: BenchmarkSet, seed: int, threads: int) -> Found:
    """Three non-negative factors, rows scaled to sum 1: a plain peer for three proportions."""
    table = variable_lognorm(cells, chosen)
    factors = NMF(3, init="random", random_state=seed, max_iter=1000).fit_transform(table.X)
    return {"embedding": factors, "theta": factors / factors.sum(axis=1, keepdims=True)}


METHODS: dict[str, Callable[..., Found]] = {
    "ours": topic_model("default"),
    "paper": topic_model("paper"),
    "PCA": pca,
    "ours, K=3": topic_model("default", n_topics=3),
    "paper, K=3": topic_model("paper", n_topics=3),
    "NMF, K=3": nmf3,
}


def main() -> None:
    """Read the arguments, fit, time it, write one npz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", required=True)
    parser.add_argument("--method", choices=METHODS, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    chosen = MIXTURE if asked.set == MIXTURE.file else SETS[asked.set]
    cells = load(asked.data, chosen)
    if asked.method not in ("PCA", "NMF, K=3"):
        import sce2tm  # noqa: F401  # imports are not part of the time, but of the memory
    start = time.perf_counter()
    found = METHODS[asked.method](cells, chosen, asked.seed, asked.threads)
    seconds = time.perf_counter() - start
    np.savez(asked.out, seconds=seconds, peak_mb=peak_mb(), **found)


if __name__ == "__main__":
    main()
