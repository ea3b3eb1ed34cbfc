"""Each way in which names differ is told."""

import pytest

from sce2tm.tl._enrichment.naming import likely_cause

SYMBOLS = ["CD3D", "MS4A1", "LYZ"]
ENSEMBL = ["ENSG00000167286", "ENSG00000156738", "ENSG00000090382"]


@pytest.mark.parametrize(
    ("sets", "data", "said"),
    [
        (SYMBOLS, ENSEMBL, "The data hold Ensembl identifiers, the sets do not"),
        (ENSEMBL, SYMBOLS, "The sets hold Ensembl identifiers, the data do not"),
        (SYMBOLS, ["ENSMUSG00000032094.8"], "The data hold Ensembl"),
        (["915", "931"], SYMBOLS, "The sets hold Entrez identifiers"),
        (SYMBOLS, ["Cd3d", "Ms4a1", "Lyz2"], "differ in case: 'CD3D' in the sets, 'Cd3d'"),
        (["a_b", "c_d"], ["a-b", "c-d"], "'_' and '-': 'a_b' in the sets, 'a-b'"),
        (SYMBOLS, ["YAL001C", "YBR002W"], "'CD3D' in the sets, 'YAL001C' in the data"),
        ([], SYMBOLS, "For example '' in the sets"),
    ],
)
def test_cause(sets, data, said):
    assert said in likely_cause(sets, data)
