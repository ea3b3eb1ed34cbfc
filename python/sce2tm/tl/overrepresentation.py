"""Over-representation of gene sets among the top genes of topics."""

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse
from scipy.stats import hypergeom

from sce2tm import results
from sce2tm.data.matrix import check_unique
from sce2tm.errors import InputError
from sce2tm.tl._enrichment import tables
from sce2tm.tl._enrichment.members import cut
from sce2tm.tl.collections import GeneSets
from sce2tm.tl.collections import gene_sets as read_gene_sets
from sce2tm.tl.top_genes import top_genes

logger = logging.getLogger(__name__)


def ora(
    adata: AnnData,
    gene_sets: GeneSets,
    *,
    n_genes: int = 10,
    contrast: float | None = None,
    universe: Sequence[str] | None = None,
    min_size: int = 15,
    max_size: int = 500,
    ignore_case: bool = False,
) -> pd.DataFrame:
    """Test whether gene sets hold more of a topic's top genes than chance would give (ORA).

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    gene_sets
        Path of a GMT file, set name -> genes, or the name of an Enrichr library: see
        :func:`gene_sets`. They are cut to the universe first.
    n_genes
        Top genes of each topic, by weight; the paper takes 10.
    contrast
        Take the genes whose ``contrast`` in :func:`top_genes` is at least this instead of a fixed
        number: 0 for all genes that have no stronger topic, 0.7 for twice the weight of the
        runner-up. Topics then differ in their number of genes, and may have none (p is 1).
    universe
        Genes that could have been found. None takes those that the model saw, which is right
        unless a gene had no chance to be a top gene for another reason. A universe that is too
        large makes everything significant. Top genes are taken from within it.
    min_size, max_size
        Sets with fewer or more genes in the universe are left out, and counted in the log.
    ignore_case
        Take ``Cd3d`` and ``CD3D`` for one gene, for human sets on mouse genes.

    Returns
    -------
    pandas.DataFrame
        A row for each topic and set, topics in their order, smallest p first, with the columns of
        fgsea's fora: ``topic``, ``pathway``, ``pval`` (hypergeometric, this overlap or a larger
        one), ``padj``, ``foldEnrichment`` (overlap / expected overlap; NaN for a topic without
        genes), ``overlap``, ``size`` (genes of the set in the universe), ``overlapGenes`` (list,
        best first) and ``padj_all``. No set of a usable size gives no row.

        ``padj`` is adjusted (Benjamini-Hochberg) over the sets of one topic, ``padj_all`` over all
        rows: as in :func:`gsea`.

    Raises
    ------
    InputError
        No results, sets that cannot be read or name other genes, or an argument that cannot be.

    Notes
    -----
    Cost: one sparse product, topics x genes times genes x sets; and a row for each pair.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> genes = [f"G{i}" for i in range(100)]
    >>> adata = anndata.AnnData(np.ones((1, 100)))
    >>> adata.var_names = genes
    >>> first = np.linspace(0.9, 0.1, 100)
    >>> adata.varm["sce2tm_topic_genes"] = np.column_stack([first, 1 - first])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> table = sce2tm.tl.ora(adata, {"a": genes[7:27], "b": genes[40:60]})
    >>> table.loc[table["topic"] == "topic_1", ["pathway", "overlap", "size", "overlapGenes"]]
      pathway  overlap  size  overlapGenes
    0       a        3    20  [G7, G8, G9]
    1       b        0    20            []
    """
    weights = results.topic_genes(adata)
    genes = _universe(universe, weights.index)
    members = cut(read_gene_sets(gene_sets), genes, min_size, max_size, ignore_case)
    if len(members.names) == 0:
        logger.warning("No gene set is left; the table of enrichment is empty.")
        return tables.empty(tables.ORA)
    top = _top(adata, n_genes, contrast, genes)

    topics = list(weights.columns)
    row = pd.Index(topics).get_indexer(top["topic"])
    column = pd.Index(genes).get_indexer(top["gene"])
    chosen = sparse.csr_array(
        (np.ones(len(top), dtype=np.int64), (row, column)), shape=(len(topics), len(genes))
    )
    overlap = (chosen @ members.of_gene).toarray().astype(np.int64)
    n_top = np.bincount(row, minlength=len(topics))[:, None]
    sizes = members.sizes[None, :]
    pval = _tail(overlap, len(genes), sizes, n_top)
    within, over_all = tables.adjusted(pval)
    with np.errstate(invalid="ignore", divide="ignore"):
        fold = overlap * len(genes) / (n_top * sizes)
    table = tables.table(
        tables.ORA,
        {
            "topic": np.repeat(np.array(topics, dtype=object), sizes.size),
            "pathway": np.tile(members.names, len(topics)),
            "pval": pval.ravel(),
            "padj": within.ravel(),
            "foldEnrichment": fold.ravel(),
            "overlap": overlap.ravel(),
            "size": np.tile(members.sizes, len(topics)),
            "overlapGenes": _overlap_genes(row, column, members.of_gene, overlap.shape, genes),
            "padj_all": over_all.ravel(),
        },
    )
    order = np.lexsort((pval.ravel(), np.repeat(np.arange(len(topics)), sizes.size)))
    return table.iloc[order].reset_index(drop=True)


def _universe(universe: Sequence[str] | None, modelled: pd.Index) -> list[str]:
    if universe is None:
        return [str(gene) for gene in modelled]
    if isinstance(universe, str):
        raise InputError(f"universe={universe!r} is one name. Give a list of gene names.")
    genes = [str(gene) for gene in universe]
    check_unique(pd.Index(genes), "universe", "list(dict.fromkeys(universe))")
    if not modelled.isin(genes).any():
        raise InputError(
            f"universe={genes[:3]!r} ... holds none of the {len(modelled)} genes of the model, "
            f"such as {str(modelled[0])!r}. Give the names that adata.var_names has."
        )
    return genes


def _top(
    adata: AnnData, n_genes: int, contrast: float | None, universe: Sequence[str]
) -> pd.DataFrame:
    """Top genes within the universe, best first within each topic."""
    n_modelled = len(results.topic_genes(adata))
    ranked = top_genes(adata, n_modelled, "weight" if contrast is None else "contrast")
    ranked = ranked[ranked["gene"].isin(set(universe))]
    if contrast is not None:
        return ranked[ranked["contrast"] >= contrast]
    n_usable = int(ranked["gene"].nunique())
    if not 1 <= n_genes <= n_usable:
        raise InputError(
            f"n_genes={n_genes!r} is out of range. The universe holds {n_usable} genes of the "
            f"model; use 1 to {n_usable}."
        )
    return ranked.groupby("topic", sort=False).head(n_genes)


def _tail(
    overlap: npt.NDArray[np.int64],
    n_universe: int,
    sizes: npt.NDArray[np.int64],
    n_top: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Probability of this overlap or a larger one: topics x sets."""
    cases = np.stack(np.broadcast_arrays(overlap, sizes, n_top), axis=-1).reshape(-1, 3)
    # the same few cases come again and again
    different, which = np.unique(cases, axis=0, return_inverse=True)
    tail = hypergeom.sf(different[:, 0] - 1, n_universe, different[:, 1], different[:, 2])
    return np.asarray(tail[which.ravel()].reshape(overlap.shape))


def _overlap_genes(
    row: npt.NDArray[np.intp],
    column: npt.NDArray[np.intp],
    of_gene: sparse.csr_array,
    shape: tuple[int, int],
    genes: Sequence[str],
) -> list[list[str]]:
    """Shared genes of each pair, best first."""
    lists: list[list[str]] = [[] for _ in range(shape[0] * shape[1])]
    for topic, gene in zip(row, column, strict=True):
        for number in of_gene.indices[of_gene.indptr[gene] : of_gene.indptr[gene + 1]]:
            lists[topic * shape[1] + number].append(genes[gene])
    return lists
