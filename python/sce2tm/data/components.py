"""Principal components of sparse rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from scipy.sparse.linalg import LinearOperator, svds

from sce2tm.errors import InputError

FloatArray = npt.NDArray[np.float32]
# beyond this many cells the covariance of the genes, made in blocks, is cheaper than ARPACK
ITERATE_UP_TO = 50_000
# what an entry costs in all products of ARPACK, in multiplications of the covariance: measured
_ENTRY = 60_000
_BLOCK = 4096


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
        # in place: with many cells the scores are large
        scores: FloatArray = np.asarray(lognorm @ self.axes, dtype=np.float32)
        scores -= mean @ self.axes
        scores /= np.float32(self.scale)
        return scores


def components(lognorm: sparse.csr_matrix, n_components: int, seed: int) -> Components:
    """Leading principal components of centred, unscaled, log-normalised values.

    By ARPACK on the sparse matrix with implicit centring, a few hundred products with
    vectors, or from the covariance of the genes, summed over blocks of cells: time grows with
    the cells and the square of the genes. Whichever is faster is taken, the second always
    beyond 50,000 cells; they agree but for rounding.

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
    if _all_same(lognorm):
        raise InputError(
            f"all {lognorm.shape[0]} cells have the same values in the {lognorm.shape[1]} genes "
            "in use: there is nothing to tell them apart. Give more genes or other cells."
        )
    n_components = max(1, min(n_components, min(lognorm.shape) - 1))
    if _few_genes(lognorm):
        mean, axes, variance = _from_covariance(lognorm, n_components)
    else:
        mean, axes, variance = _from_products(lognorm, n_components, seed)
    # an axis has no sign of its own: the largest entry is made positive
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(n_components)])
    return Components(
        np.asarray(mean, dtype=np.float32),
        np.ascontiguousarray(axes, dtype=np.float32),
        float(np.sqrt(variance)),
    )


def _few_genes(lognorm: sparse.csr_matrix) -> bool:
    """Whether the covariance costs less than products with all entries."""
    n_cells, n_genes = lognorm.shape
    products = n_cells * n_genes**2 + 10 * n_genes**3
    cheaper = n_cells > n_genes and _ENTRY * lognorm.nnz > products
    return bool(cheaper or n_cells > ITERATE_UP_TO)


def _all_same(lognorm: sparse.csr_matrix) -> bool:
    """Whether no gene differs between cells; the first block tells, as a rule."""
    first = lognorm[0]
    for start in range(0, lognorm.shape[0], _BLOCK):
        block = lognorm[start : start + _BLOCK]
        if (block.max(axis=0) != first).nnz or (block.min(axis=0) != first).nnz:
            return False
    return True


def _from_products(
    lognorm: sparse.csr_matrix, n_components: int, seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Mean, leading axes, and variance along the first, by ARPACK."""
    n_cells, n_genes = lognorm.shape
    mean = np.asarray(lognorm.mean(axis=0, dtype=np.float64)).ravel().astype(np.float32)
    transposed = lognorm.T
    centred = LinearOperator(
        lognorm.shape,
        matvec=lambda genes: lognorm @ genes.ravel() - mean @ genes.ravel(),
        rmatvec=lambda cells: transposed @ cells.ravel() - mean * cells.sum(),
        dtype=np.float32,
    )
    start = np.random.default_rng(seed).uniform(-1, 1, min(n_cells, n_genes))
    _, values, axes = svds(centred, n_components, v0=start.astype(np.float32))
    return mean.astype(np.float64), axes[::-1].T, float(values[-1]) ** 2 / n_cells


def _from_covariance(
    lognorm: sparse.csr_matrix, n_components: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Mean, leading axes, and variance along the first, without any matrix over all cells."""
    n_cells, n_genes = lognorm.shape
    mean = np.asarray(lognorm.mean(axis=0, dtype=np.float64)).ravel()
    covariance = np.zeros((n_genes, n_genes))
    for start in range(0, n_cells, _BLOCK):
        block = lognorm[start : start + _BLOCK].toarray() - mean.astype(np.float32)
        covariance += block.T @ block
    covariance /= n_cells
    leading = [n_genes - n_components, n_genes - 1]
    variances, axes = linalg.eigh(covariance, subset_by_index=leading)
    return mean, axes[:, ::-1], float(variances[-1])
