"""Gene names that are there under another spelling: what to say when genes are missing."""

import re
from collections.abc import Callable, Iterable

_ENSEMBL = re.compile(r"ENS[A-Z]*G\d{6,}", re.IGNORECASE)
# most telling first: what a spelling is reduced to, and how to say it
_SPELLINGS: tuple[tuple[Callable[[str], str], str], ...] = (
    (lambda name: re.sub(r"\.\d+$", "", name), "differ by a version at the end"),
    (lambda name: re.sub(r"[-_. ]", "", name), "differ by dashes, dots or blanks"),
    (str.upper, "differ by upper and lower case (another species?)"),
)


def naming_hint(missing: Iterable[str], present: Iterable[str]) -> str | None:
    """Say whether genes that seem to be missing are there under another spelling.

    Parameters
    ----------
    missing
        Names that were looked for and not found.
    present
        All names that are there.

    Returns
    -------
    str or None
        One sentence on the spelling that would find most of them, with an example.

    Examples
    --------
    >>> naming_hint(["CD3D", "LYZ"], ["Cd3d", "Lyz2"])
    "1 of them differ by upper and lower case (another species?): 'Cd3d' for 'CD3D'."
    """
    sought, given = list(missing), list(present)
    if not sought or not given:
        return None
    identifiers = [sum(map(bool, map(_ENSEMBL.match, names))) for names in (sought, given)]
    kinds = [n > len(names) / 2 for n, names in zip(identifiers, (sought, given), strict=True)]
    if kinds[0] != kinds[1]:
        words = {True: "Ensembl identifiers", False: "symbols"}
        return (
            f"They are {words[kinds[0]]} ({sought[0]!r}), but the names here are "
            f"{words[kinds[1]]} ({given[0]!r})."
        )
    best: tuple[int, str] = (0, "")
    for reduce, words_for in _SPELLINGS:
        spelled = {reduce(name): name for name in given}
        found = [name for name in sought if reduce(name) in spelled]
        if len(found) > best[0]:
            example = f"{spelled[reduce(found[0])]!r} for {found[0]!r}"
            best = (len(found), f"{len(found)} of them {words_for}: {example}.")
    return best[1] or None
