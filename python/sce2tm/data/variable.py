"""Variable genes from one pass over the cells."""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sce2tm.data.blocks import Blocks
from sce2tm.data.matrix import listing
from sce2tm.data.normalise import Normalisation
from sce2tm.errors import InputError

_BINS = 20


@dataclass(frozen=True)
class GeneMoments:
    """Moments of each gene's normalised counts over all cells.

    Attributes
    ----------
    mean, variance
        Over cells, zeros included; the variance is the unbiased one.
    entries
        Number of cells with a stored value.
    """

    mean: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    entries: npt.NDArray[np.int64]

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Which genes have any count."""
        return self.mean > 0


def gene_moments(expression: Blocks, normalisation: Normalisation) -> GeneMoments:
    """Pass over the cells once and sum up each gene, in double precision."""
    n_cells, n_genes = len(expression.cells), len(expression.genes)
    total, square = np.zeros(n_genes), np.zeros(n_genes)
    entries = np.zeros(n_genes, dtype=np.int64)
    for rows, block in expression:
        data = normalisation.linear(block, rows).astype(np.float64)
        total += np.bincount(block.indices, weights=data, minlength=n_genes)
        square += np.bincount(block.indices, weights=data * data, minlength=n_genes)
        entries += np.bincount(block.indices, minlength=n_genes)
    mean = total / n_cells
    variance = (square / n_cells - mean * mean) * (n_cells / max(n_cells - 1, 1))
    return GeneMoments(mean, np.maximum(variance, 0.0), entries)


def variable_genes(moments: GeneMoments, n_genes: int) -> npt.NDArray[np.bool_]:
    """Mark the most variable genes by normalised dispersion (Seurat's, scanpy's default).

    The logarithm of variance over mean is compared with that of genes of similar mean: genes are
    cut into 20 bins of equal width by log1p of the mean, and each is measured in standard
    deviations from the mean of its bin. Written here, from moments, because scanpy's function
    needs the whole matrix in memory; on the same cells it marks the same genes.

    Parameters
    ----------
    moments
        Of normalised counts.
    n_genes
        How many to mark; genes without any count are never among them.

    Returns
    -------
    Boolean mask over genes. All genes with counts, where they are no more than `n_genes`.
    """
    seen = moments.seen
    if int(seen.sum()) <= n_genes:
        return seen
    mean = moments.mean[seen]
    with np.errstate(divide="ignore"):
        dispersion = np.log(moments.variance[seen] / mean)
    dispersion[~np.isfinite(dispersion)] = np.nan
    table = pd.DataFrame({"mean": np.log1p(mean), "dispersion": dispersion})
    table["bin"] = pd.cut(table["mean"], bins=_BINS, labels=False)
    bins = table.groupby("bin")["dispersion"]
    centre, width = bins.transform("mean"), bins.transform("std")
    # a gene alone in its bin cannot be compared: it counts as one deviation above
    alone = width.isna()
    centre[alone], width[alone] = 0.0, table["dispersion"][alone]
    score = ((table["dispersion"] - centre) / width).fillna(-np.inf).to_numpy()
    mask = np.zeros(len(seen), dtype=bool)
    mask[np.flatnonzero(seen)[np.argsort(-score, kind="stable")[:n_genes]]] = True
    return mask


def choose_genes(moments: GeneMoments, var: pd.DataFrame, n_genes: int) -> npt.NDArray[np.bool_]:
    """Mark ``var["highly_variable"]`` where it exists, else the top `n_genes`.

    Genes without any count are left out of a mask that the caller brought, with a warning.

    Raises
    ------
    InputError
        When the caller's mask has missing entries or marks no gene with counts.
    """
    if "highly_variable" not in var:
        return variable_genes(moments, n_genes)
    column = var["highly_variable"]
    if column.isna().any():
        missing = var.index[column.isna()]
        raise InputError(
            f"var['highly_variable'] is missing for {len(missing)} genes: {listing(missing)}. "
            "Fill it with True or False, or drop the column to have the genes chosen."
        )
    mask: npt.NDArray[np.bool_] = column.to_numpy(dtype=bool) & moments.seen
    if not mask.any():
        raise InputError(
            f"var['highly_variable'] marks {int(column.sum())} genes, none of which has a count. "
            "Mark genes that are expressed, or drop the column to have the genes chosen."
        )
    unseen = var.index[column.to_numpy(dtype=bool) & ~moments.seen]
    if len(unseen):
        warnings.warn(
            f"var['highly_variable'] marks {len(unseen)} genes without any count: "
            f"{listing(unseen)}. They are left out.",
            stacklevel=2,
        )
    return mask
