"""Topic coherence, do the top genes of a topic belong together; and topic quality."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sce2tm.errors import InputError
from sce2tm.tl.metrics.diversity import TopGenes, checked_topics, topic_diversity


def topic_coherence(top_genes: TopGenes, gene_sets: Mapping[str, Sequence[str]]) -> float:
    """Do the top genes of a topic meet in the same gene sets (TC).

    The mean over topics of the mean over pairs of top genes of the normalised pointwise mutual
    information log(p_ij / (p_i p_j)) / -log p_ij, where p_i is the share of the gene sets that hold
    gene i, and p_ij the share that hold both. Pairs that never meet, and genes in no set, count 0
    (so TC has no penalty for them); a pair that meets in every set counts 1.

    Parameters
    ----------
    top_genes
        One sequence of at least two different gene names for each topic (K x h).
    gene_sets
        Set name -> genes, as from :func:`read_gmt`. Names have to be those of ``top_genes``:
        mouse symbols need a mouse collection. Figures from two collections do not compare.

    Returns
    -------
    float
        Between -1 and 1; higher is more coherent.

    Notes
    -----
    Cost: one sparse gene x set matrix over the top genes alone. 100 topics of 10 genes against all
    of MSigDB (25,724 sets) take about a second. Source: paper, Eqs. 1 and 2; Bouma 2009 (NPMI).

    Examples
    --------
    >>> import sce2tm
    >>> sets = {"T cell": ["CD3D", "CD3E"], "B cell": ["MS4A1", "CD79A"]}
    >>> sce2tm.tl.topic_coherence([["CD3D", "CD3E"], ["CD3D", "MS4A1"]], sets)
    0.5
    """
    return float(coherences(top_genes, gene_sets).mean())


def topic_quality(
    top_genes: TopGenes,
    gene_sets: Mapping[str, Sequence[str]],
    definition: Literal["unique", "once"] = "unique",
) -> float:
    """Topic coherence x topic diversity (TQ); the paper's Eq. 4.

    Parameters
    ----------
    top_genes, gene_sets
        As for :func:`topic_coherence`.
    definition
        As for :func:`topic_diversity`.

    Returns
    -------
    float
        Higher is better on both together: repeating one coherent topic does not raise it.

    Examples
    --------
    >>> import sce2tm
    >>> sets = {"T cell": ["CD3D", "CD3E"], "B cell": ["MS4A1", "CD79A"]}
    >>> sce2tm.tl.topic_quality([["CD3D", "CD3E"], ["CD3D", "CD3E"]], sets)
    0.5
    """
    return topic_coherence(top_genes, gene_sets) * topic_diversity(top_genes, definition)


def coherences(
    top_genes: TopGenes, gene_sets: Mapping[str, Sequence[str]]
) -> npt.NDArray[np.float64]:
    """The coherence of each topic: K values, of which :func:`topic_coherence` is the mean."""
    topics = checked_topics(top_genes)
    for number, genes in enumerate(topics, start=1):
        if len(set(genes)) < 2 or len(set(genes)) < len(genes):
            raise InputError(
                f"top_genes: topic {number} is {genes[:5]!r}. "
                "Coherence needs two or more genes for each topic, none of them twice."
            )
    if not gene_sets:
        raise InputError(f"gene_sets={gene_sets!r} is empty. Give a dict of set name -> genes.")
    rows = {gene: row for row, gene in enumerate(dict.fromkeys(chain.from_iterable(topics)))}
    membership = _membership(rows, gene_sets)
    if membership.nnz == 0:
        raise InputError(
            f"gene_sets: none of the {len(rows)} top genes (such as {topics[0][0]!r}) is in any of "
            f"the {len(gene_sets)} sets. Use a collection of the same species and naming."
        )
    return np.array(
        [_mean_npmi(membership[[rows[gene] for gene in genes]], len(gene_sets)) for genes in topics]
    )


def _membership(
    rows: Mapping[str, int], gene_sets: Mapping[str, Sequence[str]]
) -> sparse.csr_array:
    """Gene x set matrix of 0 and 1 over the genes in `rows` alone."""
    row: list[int] = []
    column: list[int] = []
    for number, genes in enumerate(gene_sets.values()):
        found = {rows[gene] for gene in genes if gene in rows}
        row.extend(found)
        column.extend([number] * len(found))
    ones = np.ones(len(row), dtype=np.int64)
    return sparse.csr_array((ones, (row, column)), shape=(len(rows), len(gene_sets)))


def _mean_npmi(members: sparse.csr_array, n_sets: int) -> float:
    """Mean over the pairs of rows of `members`."""
    together = (members @ members.T).toarray()
    first, second = np.triu_indices(len(together), k=1)
    pair, single = together[first, second] / n_sets, together.diagonal() / n_sets
    expected = single[first] * single[second]
    score = np.zeros(pair.size)
    meet = (pair > 0) & (pair < 1)
    score[meet] = np.log(pair[meet] / expected[meet]) / -np.log(pair[meet])
    score[pair == 1] = 1.0
    return float(score.mean())
