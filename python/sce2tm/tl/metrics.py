"""How good topics are: numbers from top genes, gene sets, topic proportions and labels.

Pure functions on arrays. Source: the scE2TM paper, section 2.2; definitions are in the docstrings.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from sce2tm.errors import InputError

TopGenes = Sequence[Sequence[str]] | npt.NDArray[np.str_] | npt.NDArray[np.object_]

# one random assignment is noisy on a hundred cells; the mean over twenty is steady to about 0.005
_RANDOM_DRAWS = 20


def topic_diversity(top_genes: TopGenes, definition: Literal["unique", "once"] = "unique") -> float:
    """Share of the pooled top genes that are different (TD).

    Parameters
    ----------
    top_genes
        One sequence of gene names for each topic (K x h). Names are compared whole.
    definition
        ``"unique"``: number of different genes / number of all (the paper's Eq. 3).
        ``"once"``: number of genes that appear in exactly one topic / number of all. It is never
        larger, and is what the authors' code prints.

    Returns
    -------
    float
        From near 0 (all topics name the same genes) to 1 (no gene is named twice).

    Examples
    --------
    >>> import sce2tm
    >>> topics = [["CD3D", "CD3E"], ["CD3D", "MS4A1"]]
    >>> sce2tm.tl.topic_diversity(topics)
    0.75
    >>> sce2tm.tl.topic_diversity(topics, definition="once")
    0.5
    """
    if definition not in ("unique", "once"):
        raise InputError(f"definition={definition!r} is unknown. Use 'unique' or 'once'.")
    pooled = list(chain.from_iterable(_checked_topics(top_genes)))
    _, times = np.unique(np.array(pooled), return_counts=True)
    counted = times.size if definition == "unique" else int((times == 1).sum())
    return counted / len(pooled)


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
    topics = _checked_topics(top_genes)
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
    scores = [
        _mean_npmi(membership[[rows[gene] for gene in genes]], len(gene_sets)) for genes in topics
    ]
    return float(np.mean(scores))


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


def interpretation_purity(theta: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Share of cells that belong to the majority type of their strongest topic (IP).

    It grows with the number of topics in use, for any assignment: read it beside
    :func:`random_purity`.

    Parameters
    ----------
    theta
        Topic proportions, n x K. Only the position of each row's largest value counts.
    labels
        The known type of each cell, n values.

    Returns
    -------
    float
        From the share of the most frequent type (or more) to 1.

    Examples
    --------
    >>> import sce2tm
    >>> theta = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]
    >>> sce2tm.tl.interpretation_purity(theta, ["T", "T", "B"])
    1.0
    """
    topic, codes = _groups(theta, labels)
    return _purity(topic, codes)


def random_purity(theta: npt.ArrayLike, labels: npt.ArrayLike, rng: np.random.Generator) -> float:
    """Purity of cells assigned to topics by chance, in groups of the same sizes.

    The floor under :func:`interpretation_purity`: the mean over 20 permutations of the labels.

    Parameters
    ----------
    theta, labels
        As for :func:`interpretation_purity`.
    rng
        The generator that draws the permutations.

    Returns
    -------
    float
        What purity would be if topics knew nothing of the types.

    Examples
    --------
    >>> import numpy as np, sce2tm
    >>> theta = np.eye(2)[[0, 0, 1, 1]]
    >>> sce2tm.tl.random_purity(theta, ["T", "T", "T", "T"], np.random.default_rng(0))
    1.0
    """
    topic, codes = _groups(theta, labels)
    return float(np.mean([_purity(topic, rng.permutation(codes)) for _ in range(_RANDOM_DRAWS)]))


def _checked_topics(top_genes: TopGenes) -> list[list[str]]:
    """Topics as lists of str; one flat list of genes is a likely slip."""
    if len(top_genes) == 0:
        raise InputError("top_genes is empty. Give one sequence of gene names for each topic.")
    if isinstance(top_genes[0], str):
        raise InputError(
            f"top_genes[0]={top_genes[0]!r} is one name. "
            "Give a sequence of gene names for each topic, such as [['CD3D', 'CD3E'], ...]."
        )
    topics = [[str(gene) for gene in genes] for genes in top_genes]
    empty = [number for number, genes in enumerate(topics, start=1) if not genes]
    if empty:
        raise InputError(f"top_genes: topics {empty[:5]!r} have no gene. Leave them out.")
    return topics


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


def _groups(
    theta: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The strongest topic and the label of each cell, both as codes."""
    proportions = np.asarray(theta)
    codes, _ = pd.factorize(np.asarray(labels, dtype=object))  # a missing label gets -1
    if proportions.ndim != 2 or 0 in proportions.shape or len(proportions) != codes.size:
        raise InputError(
            f"theta has shape {proportions.shape!r} and labels has {codes.size} values. "
            "Give theta as cells x topics and one label for each of its rows."
        )
    if not np.isfinite(proportions).all():
        raise InputError("theta holds NaN or Inf. Leave those cells out.")
    if (codes < 0).any():
        raise InputError(f"labels: {(codes < 0).sum()} values are missing. Leave those cells out.")
    return proportions.argmax(axis=1), codes


def _purity(topic: npt.NDArray[np.intp], codes: npt.NDArray[np.intp]) -> float:
    """Share of cells in the majority label of their topic."""
    table = np.zeros((topic.max() + 1, codes.max() + 1), dtype=np.int64)
    np.add.at(table, (topic, codes), 1)
    return float(table.max(axis=1).sum() / topic.size)
