"""Why the genes of the sets are not those of the data."""

import re
from collections.abc import Callable, Collection

_ENSEMBL = re.compile(r"^ENS[A-Z]*G\d{6,}", re.IGNORECASE)
_NUMBER = re.compile(r"^\d+$")


def likely_cause(wanted: Collection[str], universe: Collection[str]) -> str:
    """Say in what way names differ, and what to do.

    Parameters
    ----------
    wanted
        Genes of the sets.
    universe
        Genes of the data.

    Examples
    --------
    >>> likely_cause({"CD3D", "MS4A1"}, ["Cd3d", "Ms4a1"])
    "They differ in case: 'CD3D' in the sets, 'Cd3d' in the data, as human and mouse symbols do. \
Use sets of the species, or ignore_case=True."
    """
    in_sets, in_data = min(wanted, default=""), min(universe, default="")
    example = f"{in_sets!r} in the sets, {in_data!r} in the data"
    kinds = {"Ensembl": _ENSEMBL, "Entrez": _NUMBER}
    for kind, pattern in kinds.items():
        sets_are, data_are = _mostly(pattern, wanted), _mostly(pattern, universe)
        if sets_are != data_are:
            one, other = ("sets", "data") if sets_are else ("data", "sets")
            return (
                f"The {one} hold {kind} identifiers, the {other} do not: {example}. "
                "Rename the genes, or use sets with the names of the data."
            )
    pair = _pair(wanted, universe, str.upper)
    if pair is not None:
        return (
            f"They differ in case: {pair[0]!r} in the sets, {pair[1]!r} in the data, as human and "
            "mouse symbols do. Use sets of the species, or ignore_case=True."
        )
    pair = _pair(wanted, universe, lambda gene: gene.replace("_", "-"))
    if pair is not None:
        return (
            f"They differ in '_' and '-': {pair[0]!r} in the sets, {pair[1]!r} in the data. Seurat "
            "writes '-' for '_'. Rename the genes of one side."
        )
    return f"For example {example}. Use sets with the species and the names of the data."


def _mostly(pattern: re.Pattern[str], genes: Collection[str]) -> bool:
    return sum(pattern.match(gene) is not None for gene in genes) > len(genes) / 2


def _pair(
    wanted: Collection[str], universe: Collection[str], alike: Callable[[str], str]
) -> tuple[str, str] | None:
    """A gene of each side that would be the same, where many would."""
    by_form = {alike(gene): gene for gene in universe}
    pairs = [(gene, by_form[alike(gene)]) for gene in sorted(wanted) if alike(gene) in by_form]
    if len(pairs) < 0.2 * min(len(wanted), len(universe)):
        return None
    return next((pair for pair in pairs if pair[0] != pair[1]), None)
