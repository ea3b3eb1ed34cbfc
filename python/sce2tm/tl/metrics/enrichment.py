"""How many gene sets the topics are enriched for, and how often the same one."""

from collections.abc import Collection, Hashable, Iterable
from itertools import chain
from typing import NamedTuple

import pandas as pd
from pandas.api.types import is_numeric_dtype

from sce2tm.errors import InputError

ALPHA = 0.01
_COLUMNS = ("topic", "pathway", "padj")


class EnrichmentCounts(NamedTuple):
    """Number of gene sets found (N), how unlike the topics are in them (U), and the product (Q)."""

    n: int
    u: float
    q: float


def enrichment_counts(table: pd.DataFrame, alpha: float = ALPHA) -> EnrichmentCounts:
    """Count the gene sets that topics are enriched for: ORA_N, U, Q or GSEA_N, U, Q.

    Parameters
    ----------
    table
        A row for each topic and gene set, with the columns ``topic``, ``pathway`` and ``padj``, as
        enrichment tests give it. ``padj`` is adjusted within each topic, as in the paper. A missing
        ``padj`` (a set that could not be tested) is not significant.
    alpha
        Largest adjusted p that counts; 0.01 in the paper.

    Returns
    -------
    EnrichmentCounts
        ``n``: number of different gene sets with ``padj <= alpha`` in any topic.
        ``u``: ``n`` / number of significant pairs of topic and set; 1 when no set is found twice.
        ``q``: ``n`` x ``u``. Where nothing is significant all three are 0: a model whose topics
        mean nothing is the worst, not an unknown.

    Raises
    ------
    InputError
        A column is missing, ``padj`` or ``alpha`` is no probability, or a pair stands there twice.

    Notes
    -----
    N grows with the number of topics, of sets in the collection and, in ORA, of top genes: compare
    models that share all three. Source: paper, Eqs. 6 and 7.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> table = pd.DataFrame(
    ...     {
    ...         "topic": ["topic_1", "topic_1", "topic_2", "topic_2"],
    ...         "pathway": ["interferon", "B cell", "interferon", "B cell"],
    ...         "padj": [0.001, 0.002, 0.005, 0.9],
    ...     }
    ... )
    >>> sce2tm.tl.enrichment_counts(table)
    EnrichmentCounts(n=2, u=0.6666666666666666, q=1.3333333333333333)
    """
    return counts(found_sets(table, alpha).values())


def found_sets(table: pd.DataFrame, alpha: float = ALPHA) -> dict[Hashable, frozenset[Hashable]]:
    """The significant gene sets of each topic that has any."""
    _check(table, alpha)
    significant = table[table["padj"] <= alpha]
    by_topic = significant.groupby("topic", sort=False, observed=True)["pathway"]
    return {topic: frozenset(pathways) for topic, pathways in by_topic}


def counts(found: Iterable[Collection[Hashable]]) -> EnrichmentCounts:
    """N, U and Q of the gene sets that each topic is enriched for."""
    found = list(found)
    pairs, n = sum(map(len, found)), len(set(chain.from_iterable(found)))
    u = n / pairs if pairs else 0.0
    return EnrichmentCounts(n, u, n * u)


def _check(table: pd.DataFrame, alpha: float) -> None:
    if not 0 < alpha <= 1:
        raise InputError(f"alpha={alpha!r} is no level. Give a number above 0 and up to 1.")
    absent = [name for name in _COLUMNS if name not in table]
    if absent:
        raise InputError(
            f"table lacks the columns {absent!r}; it has {list(table)!r}. "
            "Give the table of an enrichment test over topics."
        )
    padj = table["padj"]
    if not is_numeric_dtype(padj) or not padj.dropna().between(0, 1).all():
        raise InputError(
            f"table['padj'] (such as {padj.iloc[0]!r}) holds other things than probabilities. "
            "Give adjusted p-values from 0 to 1."
        )
    twice = table[table.duplicated(["topic", "pathway"])]
    if len(twice):
        raise InputError(
            f"table holds {len(twice)} pairs of topic and pathway twice, such as "
            f"{tuple(twice.iloc[0][['topic', 'pathway']])!r}. Give one test's table at a time."
        )
