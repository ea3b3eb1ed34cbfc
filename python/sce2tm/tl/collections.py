"""A collection of gene sets, from wherever it comes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sce2tm.errors import InputError
from sce2tm.tl.gene_sets import read_gmt

GeneSets = str | Path | Mapping[str, Sequence[str]]

_SUFFIXES = {".gmt", ".gz", ".txt", ".tsv", ".csv", ".json"}


def gene_sets(source: GeneSets, organism: str | None = None) -> dict[str, list[str]]:
    """Gene sets from a GMT file, a mapping, or a library of Enrichr.

    Parameters
    ----------
    source
        Path of a GMT file, plain or gzip; set name -> genes; or the name of an Enrichr library,
        such as ``"MSigDB_Hallmark_2020"`` (``gseapy.get_library_name()`` lists them). A string is
        taken for a library only if it is no file and does not look like one. **A library is
        fetched over the network, each time**; nothing else is.
    organism
        Of the library, as gseapy names it (``"Human"``, ``"Mouse"``, ``"Fly"`` ...). None is
        human. Only for libraries.

    Returns
    -------
    dict
        Set name -> genes, in the order of the source; a gene that a set names twice is kept once.

    Raises
    ------
    InputError
        No such file or library, no network, or no sets of genes in `source`.

    Examples
    --------
    >>> import sce2tm
    >>> sce2tm.tl.gene_sets({"interferon": ["ISG15", "MX1", "ISG15"]})
    {'interferon': ['ISG15', 'MX1']}
    """
    if isinstance(source, str) and not _is_path(source):
        return _library(source, organism or "Human")
    if organism is not None:
        raise InputError(
            f"organism={organism!r} is for libraries of Enrichr; these gene sets have theirs. "
            "Leave it out."
        )
    return read_gmt(source) if isinstance(source, str | Path) else _mapping(source)


def _is_path(source: str) -> bool:
    path = Path(source)
    return path.name != source or path.suffix.lower() in _SUFFIXES or path.exists()


def _mapping(source: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if not isinstance(source, Mapping):
        raise InputError(
            f"gene_sets={source!r:.60} is a {type(source).__name__}. "
            "Give a path, a dict of set name -> genes, or the name of an Enrichr library."
        )
    if not source:
        raise InputError(f"gene_sets={source!r} is empty. Give a dict of set name -> genes.")
    for name, genes in source.items():
        if isinstance(genes, str) or not all(isinstance(gene, str) for gene in genes):
            raise InputError(
                f"gene_sets[{name!r}]={genes!r:.60} is no list of gene names. "
                "Give a dict of set name -> genes."
            )
    return {str(name): list(dict.fromkeys(genes)) for name, genes in source.items()}


def _library(name: str, organism: str) -> dict[str, list[str]]:
    import gseapy

    advice = (
        "Name one of gseapy.get_library_name(organism), with a network; or give the path of a GMT "
        "file or a dict."
    )
    try:
        # its own limits on size are off: sets are cut to the data later
        sets = gseapy.get_library(name, organism=organism, min_size=0, max_size=1_000_000)
    except Exception as error:  # gseapy raises bare Exception, and requests a family of its own
        raise InputError(
            f"gene_sets={name!r} is no file, and could not be fetched as an Enrichr library "
            f"(organism {organism!r}): {error}. {advice}"
        ) from error
    if not sets:
        raise InputError(f"gene_sets={name!r}: the library is empty. {advice}")
    return _mapping(sets)
