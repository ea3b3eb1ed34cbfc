"""Any number of semi-synthetic cells, grown from a real labelled set.

python benchmarks/semisynthetic.py --data FOLDER --set Baron_mouse --cells 100000 --out big.h5ad

A new cell draws two real cells of one type; its counts are Poisson around the mean of the two.
Types keep their shares. The cells are semi-synthetic: they fill a program with work of a realistic
kind (sparsity, depth, types), and are never new biology.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.data.blocks import blocks, summarise
from sce2tm.data.normalise import Normalisation
from sce2tm.data.variable import gene_moments, variable_genes
from sets import SETS, load

N_GENES = 5000
# rows at a time; part of what a seed means, because each block has a generator of its own
ROWS = 10_000
# real cells with fewer counts are left out: a new cell is then empty once in exp(50)
LEAST_COUNTS = 50


@dataclass(frozen=True)
class Growth:
    """What new cells come from.

    Attributes
    ----------
    real
        Real cells in order of type, the most variable genes only.
    start, size
        For each real cell: the first cell of its type, and how many there are.
    n_cells
        How many to grow.
    seed
        Of every draw.
    """

    real: AnnData
    start: np.ndarray
    size: np.ndarray
    n_cells: int
    seed: int

    def __iter__(self) -> Iterator[tuple[sparse.csr_matrix, np.ndarray]]:
        """Yield blocks of new cells: their counts, and the first real cell of each."""
        for block, first_row in enumerate(range(0, self.n_cells, ROWS)):
            rng = np.random.default_rng([self.seed, block])
            n_rows = min(ROWS, self.n_cells - first_row)
            one = rng.integers(self.real.n_obs, size=n_rows)
            other = self.start[one] + rng.integers(self.size[one])
            counts = (self.real.X[one] + self.real.X[other]).tocsr()
            counts.data = rng.poisson(counts.data / 2).astype(np.float32)
            counts.eliminate_zeros()
            yield counts, one

    def frames(self, parents: np.ndarray) -> dict[str, pd.DataFrame]:
        """``obs`` with the type of each new cell, and ``var``."""
        names = pd.Index([f"cell{number}" for number in range(self.n_cells)], dtype=object)
        types = self.real.obs["cell_type"].array[parents]
        obs = pd.DataFrame({"cell_type": types}, index=names)
        return {"obs": obs, "var": pd.DataFrame(index=self.real.var_names)}


def prepare(adata: AnnData, n_cells: int, n_genes: int, seed: int) -> Growth:
    """Cut real cells of counts to their variable genes and put them in order of type."""
    expression = blocks(adata)
    normalisation = Normalisation("counts", summarise(expression).totals, 1e4)
    chosen = variable_genes(gene_moments(expression, normalisation), n_genes)
    enough = np.asarray(adata.X[:, chosen].sum(axis=1)).ravel() >= LEAST_COUNTS
    types = adata.obs["cell_type"].astype("category").cat.codes.to_numpy()
    order = np.argsort(types, kind="stable")
    real = adata[order[enough[order]], chosen].copy()
    real.X = sparse.csr_matrix(real.X, dtype=np.float32)
    real.obs["cell_type"] = real.obs["cell_type"].astype("category")
    _, start, kind, size = np.unique(
        real.obs["cell_type"].cat.codes, return_index=True, return_inverse=True, return_counts=True
    )
    return Growth(real, start[kind], size[kind], n_cells, seed)


def grow(adata: AnnData, n_cells: int, n_genes: int = N_GENES, seed: int = 0) -> AnnData:
    """Semi-synthetic cells in memory.

    Parameters
    ----------
    adata
        Real cells x genes of counts, with ``obs["cell_type"]``.
    n_cells
        How many to make.
    n_genes
        Genes to keep, the most variable.
    seed
        The same seed gives the same cells, here and in the files.

    Returns
    -------
    AnnData with CSR float32 counts and ``obs["cell_type"]``.
    """
    growth = prepare(adata, n_cells, n_genes, seed)
    counts, parents = zip(*growth, strict=True)
    return AnnData(sparse.vstack(counts, format="csr"), **growth.frames(np.concatenate(parents)))


def write_h5ad(
    path: Path, adata: AnnData, n_cells: int, n_genes: int = N_GENES, seed: int = 0
) -> None:
    """Write what `grow` returns to an .h5ad file, a block of cells in memory at a time."""
    with h5py.File(path, "w") as file:
        _write(file, prepare(adata, n_cells, n_genes, seed))


def write_zarr(
    path: Path, adata: AnnData, n_cells: int, n_genes: int = N_GENES, seed: int = 0
) -> None:
    """Write what `grow` returns to a zarr store, a block of cells in memory at a time."""
    import zarr

    # format 2, as anndata itself writes by default
    _write(zarr.open_group(path, mode="w", zarr_format=2), prepare(adata, n_cells, n_genes, seed))


def _write(group: object, growth: Growth) -> None:
    parents = []
    for counts, one in growth:
        if not parents:
            # positions beyond 2^31 need it, and appending does not widen them
            counts.indptr = counts.indptr.astype(np.int64)
            layout = {"chunks": (100_000,)}
            layout |= {"compression": "lzf"} if isinstance(group, h5py.Group) else {}
            anndata.io.write_elem(group, "X", counts, dataset_kwargs=layout)
            matrix = anndata.io.sparse_dataset(group["X"])
        else:
            matrix.append(counts)
        parents.append(one)
    for name, frame in growth.frames(np.concatenate(parents)).items():
        anndata.io.write_elem(group, name, frame)
    group.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})


def main() -> None:
    """Write one file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=SETS, default="Baron_mouse")
    parser.add_argument("--cells", type=int, required=True)
    parser.add_argument("--genes", type=int, default=N_GENES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="ends in .h5ad or .zarr")
    asked = parser.parse_args()
    write = write_zarr if asked.out.suffix == ".zarr" else write_h5ad
    write(asked.out, load(asked.data, SETS[asked.set]), asked.cells, asked.genes, asked.seed)


if __name__ == "__main__":
    main()
