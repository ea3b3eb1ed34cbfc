"""All measures of one model in one table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl.collections import GeneSets
from sce2tm.tl.collections import gene_sets as collection
from sce2tm.tl.metrics.clusters import cluster_scores
from sce2tm.tl.metrics.coherence import coherences
from sce2tm.tl.metrics.diversity import topic_diversity
from sce2tm.tl.metrics.enrichment import ALPHA, counts, found_sets
from sce2tm.tl.metrics.intervals import topic_interval
from sce2tm.tl.metrics.purity import majorities, random_purity
from sce2tm.tl.top_genes import top_genes

Resolution = float | Literal["silhouette", "oracle"]
Row = tuple[str, float, float, float, str]

_SHARE = (0.0, 1.0)
_COHERENCE = (-1.0, 1.0)
_COUNT = (0.0, np.inf)
_ENRICHMENT = (
    ("N", _COUNT, f"gene sets with adjusted p <= {ALPHA:g} in any topic"),
    ("U", _SHARE, "N / significant pairs of topic and set"),
    ("Q", _COUNT, "N x U"),
)
_FEWEST_CELLS = 20  # more than the 15 neighbours of the clustering
_NAN = float("nan")


def evaluate(
    adata: AnnData,
    gene_sets: GeneSets | None = None,
    labels: str | None = None,
    *,
    n_genes: int = 10,
    resolution: Resolution = "silhouette",
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Measure how good the topics are: genes, pathways, cells and clusters in one table.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    gene_sets
        Path of a GMT file, set name -> genes, or an Enrichr library, as for
        :func:`sce2tm.tl.gene_sets`. None leaves out the rows that need them. The paper takes all of
        MSigDB for TC, and its collection C2 for ORA and GSEA: two calls. Figures from different
        collections do not compare.
    labels
        Column of ``obs`` that holds known cell types. None leaves out the rows that need them.
    n_genes
        Top genes of each topic, by weight, for TC, TD, TQ and ORA; 10 in the paper.
    resolution
        Of the Leiden clustering of the latent. ``"silhouette"`` takes the one from 0.1, 0.2 to 2.0
        whose clusters are best apart; it sees no label, and prefers few, clear clusters. A number
        is taken as it is. ``"oracle"`` takes the one with the best ARI, as the paper does: it looks
        at the labels, so that its rows are called ``ARI_oracle`` and so on.
    seed
        For GSEA, the clustering, the permutations and the intervals.
    progress
        Show a bar for GSEA.

    Returns
    -------
    pandas.DataFrame
        Tidy: one row for each measure, with the columns ``metric``, ``value``, ``low``, ``high``
        (95 % interval) and ``note``.

        =====================  ====================================================================
        metric                 what
        =====================  ====================================================================
        ``TC``                 :func:`topic_coherence`; needs ``gene_sets``
        ``TD``, ``TD_once``    :func:`topic_diversity`, both definitions
        ``TQ``                 TC x TD; needs ``gene_sets``
        ``IP``, ``IP_random``  :func:`interpretation_purity` and its floor, :func:`random_purity`;
                               needs ``labels``
        ``ORA_N``, ``_U``,     :func:`enrichment_counts` of over-representation at adjusted
        ``_Q``                 p <= 0.01; needs ``gene_sets``
        ``GSEA_N``, ``_U``,    the same of gene set enrichment; needs ``gene_sets``
        ``_Q``
        ``ARI``, ``NMI``,      :func:`cluster_scores` of Leiden clusters (igraph; graph of the 15
        ``AMI``, ``purity``    nearest neighbours in the latent); needs ``labels``
        =====================  ====================================================================

        The interval tells how the figure would vary over other topics of the same kind, as many as
        these: a percentile bootstrap over topics, of the share that each topic has in the figure,
        since a topic drawn twice would count as redundant in TD, TQ, N, U and Q. It does not tell
        how the figure varies over seeds: fit again for that. It has no width where no topic alone
        changes the figure, and is NaN where topics are not what is measured (``IP_random``,
        clusters) and with fewer than three topics.

    Raises
    ------
    InputError
        ``adata`` holds no result, an argument cannot be used, labels are missing, or no top gene
        is in any gene set.

    Notes
    -----
    Cost: GSEA takes most of the time. The neighbours for the clusters are exact: time grows with
    the square of the cells, seconds for some thousands. `adata` is not changed.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "LYZ"]
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.1, 0.9], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.evaluate(adata, n_genes=2)[["metric", "value"]]
        metric  value
    0       TD   0.75
    1  TD_once   0.50
    """
    _check_resolution(resolution)
    if labels is not None:
        _check_cells(adata, labels)
    tops = top_genes(adata, n_genes).groupby("topic", sort=False)["gene"].agg(list).to_list()
    sets = None if gene_sets is None else collection(gene_sets)
    rows = list(_gene_rows(tops, sets, seed))
    if labels is not None:
        rows += _purity_rows(adata, labels, seed)
    if sets is not None:
        rows += _enrichment_rows(adata, sets, n_genes, seed, progress)
    if labels is not None:
        rows += _cluster_rows(adata, labels, resolution, seed)
    return pd.DataFrame(rows, columns=["metric", "value", "low", "high", "note"])


def _gene_rows(
    tops: list[list[str]], sets: Mapping[str, Sequence[str]] | None, seed: int
) -> Iterator[Row]:
    """TC, TD, TD_once and TQ."""
    if sets is not None:
        coherence = coherences(tops, sets).tolist()
        genes = {gene for top in tops for gene in top}
        absent = len(genes.difference(*sets.values()))
        note = f"{len(sets):,} gene sets; {absent} of {len(genes)} top genes in none"
        yield "TC", *_measured(np.mean, coherence, seed, _COHERENCE), note
    once = partial(topic_diversity, definition="once")
    yield "TD", *_measured(topic_diversity, tops, seed, _SHARE), "different top genes / all"
    yield "TD_once", *_measured(once, tops, seed, _SHARE), "top genes of one topic alone / all"
    if sets is not None:
        pairs = list(zip(coherence, tops, strict=True))
        yield "TQ", *_measured(_quality, pairs, seed, _COHERENCE), "TC x TD"


def _purity_rows(adata: AnnData, labels: str, seed: int) -> Iterator[Row]:
    """IP and its floor."""
    theta, types = results.proportions(adata).to_numpy(), results.column(adata, labels).to_numpy()
    leaders = list(majorities(theta, types))
    note = f"{len(leaders)} of {theta.shape[1]} topics lead cells"
    yield "IP", *_measured(_purity, leaders, seed, _SHARE), note
    floor = random_purity(theta, types, np.random.default_rng(seed))
    yield "IP_random", floor, _NAN, _NAN, "cells at random, groups of the same sizes"


def _enrichment_rows(
    adata: AnnData, sets: Mapping[str, Sequence[str]], n_genes: int, seed: int, progress: bool
) -> Iterator[Row]:
    """N, U and Q of ORA and of GSEA."""
    # numba and scipy.stats take seconds to load
    from sce2tm.tl.enrichment import gsea
    from sce2tm.tl.overrepresentation import ora

    tables = {
        "ORA": ora(adata, sets, n_genes=n_genes),
        "GSEA": gsea(adata, sets, seed=seed, progress=progress),
    }
    topics = results.names(adata)
    for test, table in tables.items():
        found = found_sets(table)
        by_topic = [found.get(topic, frozenset()) for topic in topics]
        for letter, bounds, note in _ENRICHMENT:
            measured = _measured(partial(_count, letter), by_topic, seed, bounds)
            yield f"{test}_{letter}", *measured, note


def _cluster_rows(adata: AnnData, labels: str, resolution: Resolution, seed: int) -> Iterator[Row]:
    """Agreement of Leiden clusters of the latent with the labels."""
    # scanpy and scikit-learn take seconds to load
    from sce2tm.tl.clustering import leiden, neighbor_graph
    from sce2tm.tl.resolution import by_labels, by_silhouette

    points = results.latent(adata).to_numpy(dtype=np.float32)
    types = results.column(adata, labels)
    graph = neighbor_graph(points)
    if resolution == "silhouette":
        taken, clusters = by_silhouette(graph, points, seed)
        how = "of best silhouette, no label seen"
    elif resolution == "oracle":
        taken, clusters = by_labels(graph, pd.factorize(types)[0], seed)
        how = "of best ARI: it looked at the labels"
    else:
        taken, clusters, how = resolution, leiden(graph, resolution, seed), "as given"
    note = f"Leiden, resolution {taken:g} {how}: {clusters.max() + 1} clusters"
    suffix = "_oracle" if resolution == "oracle" else ""
    for name, value in cluster_scores(types, clusters).items():
        yield name + suffix, value, _NAN, _NAN, note


def _measured(
    statistic: Callable[[Sequence[Any]], float],
    topics: Sequence[Any],
    seed: int,
    bounds: tuple[float, float],
) -> tuple[float, float, float]:
    """Value, low and high; each figure draws the same topics."""
    interval = topic_interval(statistic, topics, np.random.default_rng(seed), bounds)
    return float(statistic(topics)), *interval


def _quality(topics: Sequence[tuple[float, list[str]]]) -> float:
    coherence, tops = zip(*topics, strict=True)
    return float(np.mean(coherence)) * topic_diversity(tops)


def _purity(leaders: Sequence[npt.NDArray[np.int64]]) -> float:
    largest, cells = np.sum(leaders, axis=0)
    return float(largest / cells)


def _count(letter: str, found: Sequence[frozenset[Any]]) -> float:
    return float(getattr(counts(found), letter.lower()))


def _check_resolution(resolution: Resolution) -> None:
    if resolution in ("silhouette", "oracle"):
        return
    if isinstance(resolution, bool | str) or not 0 < resolution < np.inf:
        raise InputError(
            f"resolution={resolution!r} is unknown. Use 'silhouette', 'oracle' or a number above 0."
        )


def _check_cells(adata: AnnData, labels: str) -> None:
    missing = int(results.column(adata, labels).isna().sum())
    if missing:
        raise InputError(
            f"labels={labels!r}: {missing} values are missing. Leave those cells out, such as by "
            f"adata[adata.obs[{labels!r}].notna()]."
        )
    if adata.n_obs < _FEWEST_CELLS:
        raise InputError(
            f"adata has {adata.n_obs} cells, too few to cluster: at least {_FEWEST_CELLS} are "
            "needed. Leave out labels to measure the genes alone."
        )
