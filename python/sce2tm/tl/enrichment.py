"""Gene set enrichment of all topics at once."""

import logging
import os
from typing import Literal

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl._enrichment import pairs, tables
from sce2tm.tl._enrichment.members import Members, cut
from sce2tm.tl._enrichment.paper import prerank
from sce2tm.tl._enrichment.ranks import Ranking, check_ranking, orders, rank_scores
from sce2tm.tl.collections import GeneSets
from sce2tm.tl.collections import gene_sets as read_gene_sets

logger = logging.getLogger(__name__)


def gsea(
    adata: AnnData,
    gene_sets: GeneSets,
    *,
    ranking: Ranking = "rank",
    score_type: pairs.ScoreType = "pos",
    method: Literal["multilevel", "paper"] = "multilevel",
    min_size: int = 15,
    max_size: int = 500,
    ignore_case: bool = False,
    eps: float = 1e-50,
    seed: int = 0,
    n_jobs: int = 1,
    progress: bool = True,
) -> pd.DataFrame:
    """Test every gene set against the ranked genes of every topic (GSEA).

    The genes ranked are those that the model saw; ``adata[:, genes]`` restricts them.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    gene_sets
        Path of a GMT file, set name -> genes, or the name of an Enrichr library: see
        :func:`gene_sets`. Genes that the model did not see are left out of the sets.
    ranking
        The numbers that are tested, as :func:`topic_ranks` gives them.

        ``"rank"``: a fixed function of the gene's rank. All topics then share one null for each
        size of set, which is why this is fast. Their p-values share its error as well.

        ``"weight"``: the weights O, with a null for each topic: what fgsea gives on the weights.
        Ten to thirty times slower for 100 topics.
    score_type
        ``"pos"``: enrichment at the top of the list. Weights are positive, and the end of the list
        means only that a gene belongs elsewhere. ``"neg"``: at its end. ``"std"``: at either, p
        among the random sets of the same sign, as fgsea and GSEA do.
    method
        ``"multilevel"``: small p-values by multilevel splitting. ``"paper"``: as published,
        gseapy's prerank on the weights of each topic, two-sided, 1,000 permutations, with its FDR
        q-value in `padj` (the paper takes q <= 0.01). Slow: half a minute a topic for 2,000 sets.
        `ranking`, `score_type` and `eps` do not apply.
    min_size, max_size
        Sets with fewer or more genes among those ranked are left out, and counted in the log.
    ignore_case
        Take ``Cd3d`` and ``CD3D`` for one gene, for human sets on mouse genes.
    eps
        P-values below are reported as this, with NaN as their error.
    seed
        The random sets are drawn from it. Same seed, same numbers, whatever `n_jobs`.
    n_jobs
        Threads; -1 takes all processors.
    progress
        Show a tqdm bar.

    Returns
    -------
    pandas.DataFrame
        A row for each topic and set, topics in their order, sets as given, with the columns of
        fgsea: ``topic``, ``pathway``, ``pval``, ``padj``, ``log2err`` (standard deviation of log2
        of the p-value), ``ES``, ``NES`` (ES by the mean of random sets of that size and sign),
        ``size`` (genes that are ranked), ``leadingEdge`` (list of genes, in order of rank from the
        end that is enriched) and ``padj_all``. No set of a usable size gives no row.

        ``padj`` is adjusted (Benjamini-Hochberg) over the sets of one topic: use it to read one
        topic. ``padj_all`` is adjusted over all rows: use it to list or count pairs of topic and
        set. A set that is many topics' own is helped by the second, a lone finding by the first.

    Raises
    ------
    InputError
        No results, sets that cannot be read or name other genes, or an argument that cannot be.

    Notes
    -----
    Cost: one step down the list of genes for each membership and topic; and for each different
    size of set, random sets as far up as the best topic needs. 100 topics against 2,000 sets take
    seconds. Under ``"rank"`` a random set's score depends on its size alone, not on the topic:
    the null is shared without any approximation. `log2err` takes the sets of a level for
    independent, as fgsea does: for p far below 1e-20 the true error can be half as large again.

    Sources: Subramanian et al. 2005 (score); Korotkevich et al. 2021, doi 10.1101/060012 (p).

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> genes = [f"G{i}" for i in range(200)]
    >>> adata = anndata.AnnData(np.ones((1, 200)))
    >>> adata.var_names = genes
    >>> first = np.linspace(0.9, 0.1, 200)
    >>> adata.varm["sce2tm_topic_genes"] = np.column_stack([first, 1 - first])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sets = {"top": genes[:20], "end": genes[-20:], "even": genes[::10]}
    >>> table = sce2tm.tl.gsea(adata, sets, progress=False)
    >>> table.loc[table["padj"] < 1e-6, ["topic", "pathway", "ES", "size"]]
         topic pathway   ES  size
    0  topic_1     top  1.0    20
    4  topic_2     end  1.0    20
    """
    _check(ranking, score_type, method, eps, seed, n_jobs)
    n_jobs = (os.cpu_count() or 1) if n_jobs == -1 else n_jobs
    weights = results.topic_genes(adata)
    members = cut(
        read_gene_sets(gene_sets), weights.index.tolist(), min_size, max_size, ignore_case
    )
    if len(members.names) == 0:
        logger.warning("No gene set is left; the table of enrichment is empty.")
        return tables.empty(tables.GSEA)
    if method == "paper":
        return _paper(members, weights, seed, n_jobs, progress)

    order = orders(weights)
    if ranking == "rank":
        values = rank_scores(len(weights))[None]
    else:
        values = np.take_along_axis(weights.to_numpy().T, order, axis=1)
    with pairs.workers(n_jobs) as run:
        found = pairs.sides(members, order, values, score_type, run)
        scores = pairs.signed(found)
        result = pairs.test(members, found, scores, eps, seed, run, progress)
    within, over_all = tables.adjusted(result.p)
    n_topics, n_sets = scores.shape
    columns = {
        "topic": np.repeat(weights.columns.to_numpy(dtype=object), n_sets),
        "pathway": np.tile(members.names, n_topics),
        "pval": result.p.ravel(),
        "padj": within.ravel(),
        "log2err": result.error.ravel(),
        "ES": scores.ravel(),
        "NES": result.nes.ravel(),
        "size": np.tile(members.sizes, n_topics),
        "leadingEdge": list(pairs.edges(members, found, scores, weights.index.to_numpy(object))),
        "padj_all": over_all.ravel(),
    }
    return tables.table(tables.GSEA, columns)


def _paper(
    members: Members, weights: pd.DataFrame, seed: int, n_jobs: int, progress: bool
) -> pd.DataFrame:
    found = pd.concat(prerank(members, weights, seed, n_jobs, progress), ignore_index=True)
    number = found["number"].to_numpy()
    found["pathway"], found["size"] = members.names[number], members.sizes[number]
    found["log2err"] = np.nan
    found["padj_all"] = tables.adjusted(found["pval"].to_numpy()[None])[1][0]
    return tables.table(tables.GSEA, found)


def _check(ranking: str, score_type: str, method: str, eps: float, seed: int, n_jobs: int) -> None:
    check_ranking(ranking)
    if score_type not in ("pos", "neg", "std"):
        raise InputError(f"score_type={score_type!r} is unknown. Use 'pos', 'neg' or 'std'.")
    if method not in ("multilevel", "paper"):
        raise InputError(f"method={method!r} is unknown. Use 'multilevel' or 'paper'.")
    if not 0 < eps < 1:
        raise InputError(f"eps={eps!r} is no small probability. Use, for example, 1e-50.")
    if not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed={seed!r} is no seed. Use a whole number from 0 on.")
    if n_jobs != -1 and n_jobs < 1:
        raise InputError(f"n_jobs={n_jobs!r} is no number of threads. Use 1 or more, or -1.")
