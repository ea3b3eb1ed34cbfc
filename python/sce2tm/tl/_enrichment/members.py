"""Which genes of the universe are in which sets."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sce2tm.errors import InputError
from sce2tm.tl._enrichment.naming import likely_cause

logger = logging.getLogger(__name__)

# less in common than this, and names are of another kind: no result would mean anything
_LEAST_MATCH = 0.2


@dataclass(frozen=True)
class Members:
    """Gene sets cut to a universe.

    Attributes
    ----------
    names
        Of the sets.
    sets
        Sets x genes, 1 where the gene is a member.
    of_gene
        The same, genes x sets.
    """

    names: npt.NDArray[np.object_]
    sets: sparse.csr_array
    of_gene: sparse.csr_array

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Members of each set."""
        return np.diff(self.sets.indptr).astype(np.int64)


def cut(
    gene_sets: Mapping[str, Sequence[str]],
    universe: Sequence[str],
    min_size: int,
    max_size: int,
    ignore_case: bool,
) -> Members:
    """Cut sets to the universe, and drop those that are then too small or too large.

    Raises
    ------
    InputError
        Sizes that cannot be, names that hardly match, or names that differ in case alone.
    """
    if not 1 <= min_size <= max_size:
        raise InputError(
            f"min_size={min_size!r} and max_size={max_size!r} leave no size between them. "
            "Use min_size of at least 1, and max_size of at least min_size."
        )
    place = {gene: i for i, gene in enumerate(_comparable(universe, ignore_case))}
    if len(place) < len(universe):
        raise InputError(
            "ignore_case=True makes genes of the data the same, such as "
            f"{_same(universe)!r}. Leave it False, or rename them."
        )
    rows = [
        # a set of a user's own can name a gene twice
        np.array(sorted({place[gene] for gene in genes if gene in place}), dtype=np.int64)
        for genes in (_comparable(genes, ignore_case) for genes in gene_sets.values())
    ]
    _check_match(gene_sets, universe, rows)
    # a set of all genes has no genes outside to compare with
    highest = min(max_size, len(universe) - 1)
    kept = [i for i, row in enumerate(rows) if min_size <= row.size <= highest]
    logger.info(
        "%d of %d gene sets have %d to %d genes among the %d of the universe; %d are too small, "
        "%d too large.",
        len(kept),
        len(rows),
        min_size,
        highest,
        len(universe),
        sum(row.size < min_size for row in rows),
        sum(row.size > highest for row in rows),
    )
    names = np.array(list(gene_sets), dtype=object)[kept]
    indptr = np.concatenate([[0], np.cumsum([rows[i].size for i in kept])]).astype(np.int64)
    indices = np.concatenate([np.empty(0, dtype=np.int64), *(rows[i] for i in kept)])
    sets = sparse.csr_array(
        (np.ones(indices.size), indices, indptr), shape=(len(kept), len(universe))
    )
    return Members(names, sets, sets.T.tocsr())


def _check_match(
    gene_sets: Mapping[str, Sequence[str]],
    universe: Sequence[str],
    rows: Sequence[npt.NDArray[np.int64]],
) -> None:
    """Names of the two sides have to be of one kind."""
    wanted = set().union(*gene_sets.values())
    found = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *rows])).size
    # of the smaller side: few sets of markers against all genes, or few genes against MSigDB
    share = found / max(1, min(len(wanted), len(universe)))
    logger.info(
        "%d of the %d genes of the universe are in the gene sets, which name %d genes.",
        found,
        len(universe),
        len(wanted),
    )
    if share < _LEAST_MATCH:
        raise InputError(
            f"gene_sets: only {found} of {len(wanted)} genes are among the {len(universe)} of the "
            f"data ({share:.0%} of the smaller number). {likely_cause(wanted, universe)}"
        )


def _comparable(genes: Sequence[str], ignore_case: bool) -> list[str]:
    return [str(gene).upper() if ignore_case else str(gene) for gene in genes]


def _same(universe: Sequence[str]) -> list[str]:
    """Two genes that differ in case alone."""
    seen: dict[str, str] = {}
    for gene in universe:
        if gene.upper() in seen:
            return [seen[gene.upper()], gene]
        seen[gene.upper()] = gene
    return []
