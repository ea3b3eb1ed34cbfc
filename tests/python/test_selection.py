"""Cells chosen by a mask or by a sentence."""

import numpy as np
import pytest
from anndata import AnnData

from sce2tm import InputError
from sce2tm.selection import conditions, select_cells


@pytest.fixture
def cells():
    cells = AnnData(np.ones((4, 2), dtype=np.float32))
    cells.obs["drug"] = ["no", "yes", "no", "other"]
    cells.obs["depth"] = [1.0, 2.0, 3.0, np.nan]
    cells.obs["drug"] = cells.obs["drug"].astype("category")
    return cells


@pytest.mark.parametrize(
    ("query", "mask"),
    [
        ("drug == 'no'", [1, 0, 1, 0]),
        ("drug in ['no', 'yes'] and depth > 1", [0, 1, 1, 0]),
        ("drug != 'no'", [0, 1, 0, 1]),
    ],
)
def test_queries(cells, query, mask):
    assert select_cells(cells, query, "cells").tolist() == [bool(value) for value in mask]


def test_none_is_all(cells):
    assert select_cells(cells, None, "cells").all()


@pytest.mark.parametrize(
    "query", ["depth", "nothing == 1", "drug ==", "@cells.shape", "__import__"]
)
def test_what_is_no_query(cells, query):
    with pytest.raises(InputError, match="reference"):
        select_cells(cells, query, "reference")


def test_conditions(cells):
    control, treated = conditions(cells, ("drug", "no", "other"))
    assert control.tolist() == [True, False, True, False]
    assert treated.tolist() == [False, False, False, True]
    with pytest.raises(InputError, match=r"'maybe' is not in.*\['no', 'other', 'yes'\]"):
        conditions(cells, ("drug", "no", "maybe"))
