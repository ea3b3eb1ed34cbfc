"""Topic diversity: do topics name different genes."""

from collections.abc import Sequence
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from sce2tm.errors import InputError

TopGenes = Sequence[Sequence[str]] | npt.NDArray[np.str_] | npt.NDArray[np.object_]


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
    pooled = list(chain.from_iterable(checked_topics(top_genes)))
    _, times = np.unique(np.array(pooled), return_counts=True)
    counted = times.size if definition == "unique" else int((times == 1).sum())
    return counted / len(pooled)


def checked_topics(top_genes: TopGenes) -> list[list[str]]:
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
