"""The embedded pathways against Reactome's own files and against well-known members."""

import gzip
from importlib.resources import files

import pytest

from sce2tm.datasets import kang_ifnb, reactome
from sce2tm.errors import InputError


@pytest.mark.parametrize(
    ("organism", "pathway", "genes"),
    [
        ("human", "Interferon-alpha/beta-signaling", ["ISG15", "IFIT1", "MX1", "STAT1"]),
        ("human", "TCR-signaling", ["CD3D", "CD3E", "LCK", "ZAP70"]),
        ("mouse", "Interferon-alpha/beta-signaling", ["Isg15", "Ifit2", "Mx1", "Stat1"]),
        ("mouse", "TCR-signaling", ["Cd3d", "Cd3e", "Lck", "Zap70"]),
    ],
)
def test_known_members(organism, pathway, genes):
    assert set(genes) <= set(reactome(organism)[pathway])


@pytest.mark.parametrize(
    ("organism", "n_sets", "n_genes"), [("human", 2504, 11387), ("mouse", 2477, 9734)]
)
def test_numbers_are_those_of_the_docstring(organism, n_sets, n_genes):
    sets = reactome(organism)
    assert len(sets) == n_sets
    assert len(set().union(*sets.values())) == n_genes
    assert "SARS-CoV-2-Infection" in sets


def test_half_of_the_embedded_cells_genes_are_in_a_pathway():
    genes = set(kang_ifnb().var_names)
    assert len(genes & set().union(*reactome().values())) > len(genes) / 2


def test_other_organisms_are_refused():
    with pytest.raises(InputError, match=r"organism='rat'.*'human' or 'mouse'"):
        reactome("rat")


@pytest.mark.parametrize(("organism", "suffix"), [("human", "Hs"), ("mouse", "Mm")])
def test_packed_file_is_reactomes_own(organism, suffix, gmt_file):
    packed = (files("sce2tm.datasets") / f"reactome_{organism}.gmt.gz").read_bytes()
    assert gzip.decompress(packed) == gmt_file(f"ReactomePathways.{suffix}.gmt").read_bytes()
    assert packed[4:8] == bytes(4)  # no time stamp: the same file gives the same bytes
