"""Spellings that are recognised, and those that are not."""

import re

import pytest

from sce2tm.data.naming import naming_hint


@pytest.mark.parametrize(
    ("missing", "present", "said"),
    [
        (["CD3D", "LYZ"], ["Cd3d", "Lyz", "Ptprc"], r"2 of them differ by upper and lower case"),
        (
            ["HLA-A", "HLA-B"],
            ["HLA.A", "HLA.B"],
            r"2 of them differ by dashes.*'HLA.A' for 'HLA-A'",
        ),
        (["ENSG00000167286.10"], ["ENSG00000167286.4"], "1 of them differ by a version"),
        (["CD3D", "LYZ"], ["ENSG00000167286", "ENSG00000090382"], "They are symbols.*Ensembl"),
        (["ENSMUSG00000032094"], ["Cd3d"], "They are Ensembl identifiers.*are symbols"),
    ],
)
def test_recognised(missing, present, said):
    assert re.search(said, naming_hint(missing, present))


@pytest.mark.parametrize("missing", [[], ["XIST"]])
def test_nothing_to_say(missing):
    assert naming_hint(missing, ["CD3D", "LYZ"]) is None
