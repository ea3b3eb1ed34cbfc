"""Normalisation, variable genes and principal components, all on sparse rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scanpy as sc
from anndata import AnnData
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.utils.sparsefuncs import mean_variance_axis

from sce2tm.data.matrix import listing
from sce2tm.errors import InputError

FloatArray = npt.NDArray[np.float32]


def log_normalise(
    rows: sparse.csr_matrix, totals: npt.NDArray[np.float64], target_sum: float
) -> sparse.csr_matrix:
    """``log1p(target_sum * count / total)``, in new memory; the pattern of zeros is shared.

    Parameters
    ----------
    rows
        Counts, cells x genes, any subset of the genes that the totals are over.
    totals
        Library size of each cell, over all genes.
    target_sum
        Library size to bring each cell to. 0 takes the logarithm of the counts as they are,
        as the paper does; depth then decides much of what is found.

    Examples
    --------
    >>> counts = sparse.csr_matrix(np.array([[1.0, 3.0]], dtype="float32"))
    >>> log_normalise(counts, np.array([4.0]), 4.0).toarray().round(3)
    array([[0.693, 1.386]], dtype=float32)
    """
    data = rows.data.astype(np.float32)
    if target_sum:
        factors = (target_sum / totals).astype(np.float32)
        data *= np.repeat(factors, np.diff(rows.indptr))
    np.log1p(data, out=data)
    return sparse.csr_matrix((data, rows.indices, rows.indptr), shape=rows.shape)


def variable_genes(lognorm: sparse.csr_matrix, n_genes: int) -> npt.NDArray[np.bool_]:
    """Mark the most variable genes: scanpy's normalised dispersion (flavor "seurat").

    Parameters
    ----------
    lognorm
        Cells x genes, log-normalised.
    n_genes
        How many to mark; genes without any count are never among them.

    Returns
    -------
    Boolean mask over genes. All genes with counts, where they are no more than `n_genes`.

    Examples
    --------
    >>> variable_genes(sparse.csr_matrix(np.eye(4, dtype="float32")), 9).sum()
    4
    """
    seen = _seen(lognorm)
    if int(seen.sum()) <= n_genes:
        return seen
    columns = np.flatnonzero(seen)
    table = sc.pp.highly_variable_genes(
        AnnData(lognorm[:, columns]), n_top_genes=n_genes, flavor="seurat", inplace=False
    )
    mask = np.zeros(lognorm.shape[1], dtype=bool)
    mask[columns[table["highly_variable"].to_numpy()]] = True
    return mask


def choose_genes(
    lognorm: sparse.csr_matrix, var: pd.DataFrame, n_genes: int
) -> npt.NDArray[np.bool_]:
    """Mark ``var["highly_variable"]`` where it exists, else the top `n_genes`.

    Genes without any count are left out of a mask that the caller brought.

    Raises
    ------
    InputError
        When the caller's mask has missing entries or marks no gene with counts.
    """
    if "highly_variable" not in var:
        return variable_genes(lognorm, n_genes)
    column = var["highly_variable"]
    if column.isna().any():
        missing = var.index[column.isna()]
        raise InputError(
            f"var['highly_variable'] is missing for {len(missing)} genes: {listing(missing)}. "
            "Fill it with True or False, or drop the column to have the genes chosen."
        )
    mask: npt.NDArray[np.bool_] = column.to_numpy(dtype=bool) & _seen(lognorm)
    if not mask.any():
        raise InputError(
            f"var['highly_variable'] marks {int(column.sum())} genes, none of which has a count. "
            "Mark genes that are expressed, or drop the column to have the genes chosen."
        )
    return mask


def _seen(rows: sparse.csr_matrix) -> npt.NDArray[np.bool_]:
    """Which genes have any count; no copy of the matrix is made."""
    return np.bincount(rows.indices, weights=rows.data, minlength=rows.shape[1]) > 0


@dataclass(frozen=True)
class Components:
    """Principal axes that project old and new cells alike.

    Attributes
    ----------
    mean
        Mean of each gene, length V.
    axes
        V x C, orthonormal columns.
    scale
        Standard deviation of the cells along the first axis.
    """

    mean: FloatArray
    axes: FloatArray
    scale: float

    def project(
        self, lognorm: sparse.csr_matrix, absent: npt.NDArray[np.bool_] | None = None
    ) -> FloatArray:
        """``(x - mean) axes / scale``, cells x C; sparse rows stay sparse.

        Parameters
        ----------
        lognorm
            Cells x V.
        absent
            Genes that were not measured in these cells, their columns empty: they are taken to
            be at their mean, which says nothing, rather than at zero, which would.

        Examples
        --------
        >>> axes = Components(np.ones(2, "float32"), np.eye(2, dtype="float32"), 2.0)
        >>> axes.project(sparse.csr_matrix(np.array([[3.0, 1.0]], dtype="float32")))
        array([[1., 0.]], dtype=float32)
        """
        mean = self.mean if absent is None else np.where(absent, np.float32(0), self.mean)
        scores = np.asarray(lognorm @ self.axes) - mean @ self.axes
        projected: FloatArray = (scores / self.scale).astype(np.float32)
        return projected


def components(lognorm: sparse.csr_matrix, n_components: int, seed: int) -> Components:
    """Leading principal components of centred, unscaled, log-normalised values.

    ARPACK on the sparse matrix with implicit centring (scikit-learn): a few hundred products
    with sparse vectors, no dense matrix.

    Parameters
    ----------
    lognorm
        Cells x V.
    n_components
        How many; capped at one less than cells and genes.
    seed
        Of the start vector.

    Raises
    ------
    InputError
        When all cells are the same.
    """
    if not mean_variance_axis(lognorm, axis=0)[1].any():
        raise InputError(
            f"all {lognorm.shape[0]} cells have the same values in the {lognorm.shape[1]} genes "
            "in use: there is nothing to tell them apart. Give more genes or other cells."
        )
    n_components = max(1, min(n_components, min(lognorm.shape) - 1))
    solver = PCA(n_components=n_components, svd_solver="arpack", random_state=seed)
    scale = float(solver.fit_transform(lognorm)[:, 0].std())
    axes = np.ascontiguousarray(solver.components_.T, dtype=np.float32)
    return Components(np.asarray(solver.mean_, dtype=np.float32), axes, scale)
