"""Where the extra is missing, the error says how to get it."""

import sys

import pytest
from anndata import AnnData

from sce2tm.r.rpy2 import from_sce, to_sce


@pytest.mark.parametrize("convert", [from_sce, to_sce])
def test_the_extra_is_named(monkeypatch, convert):
    monkeypatch.setitem(sys.modules, "anndata2ri", None)
    with pytest.raises(ImportError, match=r"extra 'r' of pysce2tm.*R before 4.5: 'rpy2<3.6'"):
        convert(AnnData())
