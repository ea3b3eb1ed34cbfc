"""Reactome's gene sets: pathways to name topics by, no download.

Packed once by ``scripts/make_reactome.py``.
"""

from importlib.resources import as_file, files
from typing import Literal, get_args

from sce2tm.errors import InputError
from sce2tm.tl.gene_sets import read_gmt

Organism = Literal["human", "mouse"]


def reactome(organism: Organism = "human") -> dict[str, list[str]]:
    """Read the pathways of Reactome as gene sets.

    Parameters
    ----------
    organism
        ``"human"`` or ``"mouse"``: whose gene symbols. Those of mouse are the human pathways with
        the mouse's own genes in place of the human ones.

    Returns
    -------
    dict
        Pathway -> genes, ready for any ``gene_sets=``: 2,504 pathways with 11,387 genes (human),
        or 2,477 with 9,734 (mouse). Names have "-" in place of spaces, as in the files.

    Raises
    ------
    InputError
        An unknown organism.

    Notes
    -----
    The files name no release. Pathways of SARS-CoV-2 are in them, so they are of 2020 or later; for
    the newest take the GMT file of reactome.org. Reactome's annotation files are in the public
    domain (CC0). To cite: Jassal et al., Nucleic Acids Research 48, D498-D503 (2020).

    Examples
    --------
    >>> from sce2tm.datasets import reactome
    >>> sets = reactome()
    >>> "ISG15" in sets["Interferon-alpha/beta-signaling"]
    True
    """
    if organism not in get_args(Organism):
        raise InputError(f"organism={organism!r} is not embedded. Use 'human' or 'mouse'.")
    with as_file(files("sce2tm.datasets") / f"reactome_{organism}.gmt.gz") as path:
        return read_gmt(path)
