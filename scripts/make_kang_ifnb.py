"""Make the embedded example, python/sce2tm/datasets/kang_ifnb.h5ad, from the full set.

Run once: python scripts/make_kang_ifnb.py path/to/Kang_ifnb2800.h5ad

All 2,800 cells are kept, and the 3,000 genes that vary most by analytic Pearson residuals: no
random number, no label is used. These genes keep the library size of a cell (correlation 0.99 with
that over all genes), so that a model of them alone can normalise by their total.
"""

import sys
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import scanpy as sc
import scipy.sparse as sp

TARGET = Path(__file__).parents[1] / "python/sce2tm/datasets/kang_ifnb.h5ad"
N_GENES = 3000
SOURCE = (
    "Gene Expression Omnibus GSE96583: peripheral blood mononuclear cells, unstimulated (CTRL) or "
    "six hours with interferon beta (STIM). 2,800 cells and 3,000 variable genes of the subset "
    "'ifnb' of SeuratData, whose cell types are published under CC BY 4.0."
)
CITATION = (
    "Kang HM et al. Multiplexed droplet single-cell RNA-sequencing using natural genetic "
    "variation. Nature Biotechnology 36, 89-94 (2018). doi:10.1038/nbt.4042"
)


def compact(full: ad.AnnData) -> ad.AnnData:
    """The variable genes of all cells as small integers, the commonest gene first."""
    sc.experimental.pp.highly_variable_genes(full, n_top_genes=N_GENES)
    genes = np.flatnonzero(full.var["highly_variable"])
    # commonest first: the column numbers of a row then compress a third better
    genes = genes[np.argsort(-full.X.getnnz(axis=0)[genes], kind="stable")]
    counts = sp.csr_matrix(full.X[:, genes]).astype(np.uint16)
    counts.sort_indices()

    small = ad.AnnData(counts, obs=full.obs[["cell_type", "condition"]].astype("category"))
    small.obs["n_counts"] = np.asarray(full.X.sum(axis=1)).ravel().astype(np.int32)
    small.var_names = full.var_names[genes]
    small.uns = {"source": SOURCE, "citation": CITATION}
    return small


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    example = compact(ad.read_h5ad(sys.argv[1]))
    squeeze = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
    with h5py.File(TARGET, "w") as file:
        ad.io.write_elem(file, "/", ad.AnnData(obs=example.obs, var=example.var, uns=example.uns))
        ad.io.write_elem(file, "X", example.X, dataset_kwargs=squeeze)
