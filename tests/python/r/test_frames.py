"""Columns of cells and genes keep their names, values and types on the way through R."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from sce2tm.r.rpy2 import from_sce, to_sce

COLUMNS = {
    "weird name-1": [0.5, np.nan, 1.5],
    "flag": [True, False, True],
    "flag with gaps": pd.array([True, None, False], dtype="boolean"),
    "count": [1, 2, 3],
    "count with gaps": pd.array([1, None, 3], dtype="Int32"),
    "text": ["a", "b", "c"],
    "type": pd.Categorical(["B", None, "T"], ["T", "B", "unused"]),
    "dose": pd.Categorical(["low", "high", "low"], ["low", "high"], ordered=True),
}


@pytest.mark.parametrize("side", ["obs", "var"])
def test_columns_come_back_as_they_were(ro, side):
    adata = AnnData(np.ones((3, 3), dtype=np.float32))
    table = pd.DataFrame(COLUMNS, index=["one", "two", "three"])
    setattr(adata, side, table)
    pd.testing.assert_frame_equal(getattr(from_sce(to_sce(adata)), side), table)


def test_categories_become_text_and_the_cells_stay_theirs(ro):
    adata = AnnData(np.ones((3, 2), dtype=np.float32))
    adata.obs["cluster"] = pd.Categorical([3, 1, 3])
    back = from_sce(to_sce(adata))
    assert list(back.obs["cluster"]) == ["3", "1", "3"]
    assert adata.obs["cluster"].cat.categories.dtype.kind == "i"


def test_what_came_can_be_written(ro, tmp_path):
    adata = AnnData(np.ones((3, 3), dtype=np.float32), obs=pd.DataFrame(COLUMNS, index=list("abc")))
    from_sce(to_sce(adata)).write_h5ad(tmp_path / "cells.h5ad")
