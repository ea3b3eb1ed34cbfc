"""The nearest genes of a gene, in the space where the model puts genes and topics."""

import difflib
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError

Metric = Literal["cosine", "euclidean"]
Points = npt.NDArray[np.float64]

_BLOCK = 256


def gene_neighbors(
    adata: AnnData,
    genes: str | Sequence[str],
    n_neighbors: int = 10,
    metric: Metric = "cosine",
) -> pd.DataFrame:
    """List the genes whose embeddings are nearest to those of some genes.

    Genes lie near each other where the same topics use them.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into: needs ``varm["sce2tm_gene_embedding"]``.
    genes
        One gene or several; each has to be among the genes that the model saw.
    n_neighbors
        Neighbours for each gene; the gene itself does not count.
    metric
        What to rank by; the table holds both.

        ``"cosine"``: the angle. It compares which topics a gene leans to, and not how strongly.

        ``"euclidean"``: the distance that the model's gene-to-topic weights come from. Genes with
        short embeddings, which no topic claims, are near to one another in it.

    Returns
    -------
    pandas.DataFrame
        ``n_neighbors`` rows for each gene, genes in the order given and the nearest first, with the
        columns ``gene``, ``rank`` (from 1), ``neighbor``, ``cosine`` (-1 to 1) and ``distance``
        (Euclidean). Ties keep the order of the genes.

    Raises
    ------
    InputError
        No results, an unknown gene (likely spellings are named), or more neighbours than genes.

    Notes
    -----
    Cost: one product of 256 genes x V at a time, milliseconds for a few genes.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "CD3E"]
    >>> adata.varm["sce2tm_gene_embedding"] = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.gene_neighbors(adata, "CD3D", n_neighbors=1)
       gene  rank neighbor  cosine  distance
    0  CD3D     1     CD3E     0.8  0.632456
    """
    table = results.gene_embedding(adata)
    asked = [genes] if isinstance(genes, str) else [str(gene) for gene in genes]
    rows = _positions(adata, table.index, asked)
    points = table.to_numpy()
    nearest = nearest_genes(points, rows, n_neighbors, metric)
    first, second = points[rows][:, None], points[nearest]
    lengths = np.linalg.norm(first, axis=2) * np.linalg.norm(second, axis=2)
    names = table.index.to_numpy()
    return pd.DataFrame(
        {
            "gene": np.repeat(names[rows], n_neighbors),
            "rank": np.tile(np.arange(1, n_neighbors + 1), len(rows)),
            "neighbor": names[nearest].ravel(),
            "cosine": ((first * second).sum(axis=2) / np.where(lengths, lengths, 1.0)).ravel(),
            "distance": np.linalg.norm(first - second, axis=2).ravel(),
        }
    )


def nearest_genes(
    points: Points, rows: npt.NDArray[np.intp], n_neighbors: int, metric: Metric
) -> npt.NDArray[np.intp]:
    """Positions of the nearest other rows of `points`, nearest first; exact, in blocks of rows."""
    if metric not in ("cosine", "euclidean"):
        raise InputError(f"metric={metric!r} is unknown. Use 'cosine' or 'euclidean'.")
    if not 1 <= n_neighbors < len(points):
        raise InputError(
            f"n_neighbors={n_neighbors!r} is out of range. The model knows {len(points)} genes; "
            f"use 1 to {len(points) - 1}."
        )
    if metric == "cosine":
        lengths = np.linalg.norm(points, axis=1, keepdims=True)
        points = points / np.where(lengths, lengths, 1.0)
        offsets = np.zeros(len(points))
    else:
        offsets = (points**2).sum(axis=1) / 2
    nearest = np.empty((len(rows), n_neighbors), dtype=np.intp)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        # of Euclidean distances, the part that ranks: x y - y y / 2
        closeness = points[block] @ points.T - offsets
        closeness[np.arange(len(block)), block] = -np.inf
        # sorted by position first, so that the stable sort leaves ties in the order of the genes
        near = np.sort(np.argpartition(-closeness, n_neighbors - 1, axis=1)[:, :n_neighbors])
        order = np.argsort(-np.take_along_axis(closeness, near, axis=1), axis=1, kind="stable")
        nearest[start : start + _BLOCK] = np.take_along_axis(near, order, axis=1)
    return nearest


def _positions(adata: AnnData, known: pd.Index, asked: list[str]) -> npt.NDArray[np.intp]:
    """Rows of the genes asked for, or an error that helps to find them."""
    if not asked:
        raise InputError("genes is empty. Name one gene or more, such as 'CD3D'.")
    rows = known.get_indexer(asked)
    for gene in (gene for gene, row in zip(asked, rows, strict=True) if row < 0):
        if gene in adata.var_names:
            raise InputError(
                f"genes: {gene!r} is in adata, but not among the {len(known)} genes that the model "
                "saw. Fit with more genes (n_genes), or name another one."
            )
        by_capitals = {str(name).upper(): str(name) for name in known}
        close = difflib.get_close_matches(gene.upper(), by_capitals, n=3, cutoff=0.7)
        hint = f" Did you mean {[by_capitals[name] for name in close]}?" if close else ""
        raise InputError(
            f"genes: {gene!r} is not in adata.var_names.{hint} "
            f"Genes here are named like {str(known[0])!r}."
        )
    return np.asarray(rows, dtype=np.intp)
