import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.data import blocks as module
from sce2tm.data.blocks import blocks, summarise
from sce2tm.errors import InputError

COUNTS = np.array([[0, 2, 0], [1, 0, 30], [4, 0, 0], [0, 0, 7]], dtype="float32")


def together(expression):
    return sparse.vstack([block for _, block in expression]).toarray()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Three rows at a time, so that these cells need two blocks."""
    monkeypatch.setattr(module, "ROWS", 3)


def test_backed_and_layered_values_are_read(tmp_path):
    adata = AnnData(sparse.csr_matrix(COUNTS), layers={"raw": sparse.csr_matrix(2 * COUNTS)})
    np.testing.assert_array_equal(together(blocks(adata, "raw")), 2 * COUNTS)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert [rows for rows, _ in blocks(backed)] == [slice(0, 3), slice(3, 4)]
    np.testing.assert_array_equal(together(blocks(backed)), COUNTS)
    backed.file.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda x: x.__setitem__((1, 0), np.nan),
            r"NaN or infinite.*1 in.*cell '1'.*gene '0'",
        ),
        (
            lambda x: x.__setitem__((2, 0), np.inf),
            r"NaN or infinite.*inf, for cell '2'",
        ),
        (
            lambda x: x.__setitem__((3, 2), -1.5),
            r"negative values.*-1.5, for cell '3'.*'2'.*raw",
        ),
    ],
)
def test_wrong_values_are_named(change, message):
    matrix = COUNTS.copy()
    change(matrix)
    with pytest.raises(InputError, match=message):
        summarise(blocks(AnnData(sparse.csr_matrix(matrix))))


def test_absent_layer_empty_matrix_and_repeated_genes_are_named():
    adata = AnnData(COUNTS)
    with pytest.raises(InputError, match=r"layer='counts' is not in adata.layers.*\[\]"):
        blocks(adata, "counts")
    with pytest.raises(InputError, match="adata.X is None"):
        blocks(AnnData(obs=pd.DataFrame(index=["a"]), var=pd.DataFrame(index=["g"])))
    with pytest.raises(InputError, match="0 cells x 3 genes"):
        blocks(AnnData(sparse.csr_matrix((0, 3), dtype="float32")))
    adata.var_names = ["A", "B", "A"]
    with pytest.raises(InputError, match=r"1 repeated names: 'A'.*var_names_make_unique"):
        blocks(adata)


def test_a_pass_sums_up_the_cells():
    summary = summarise(blocks(AnnData(COUNTS)))
    np.testing.assert_array_equal(summary.totals, COUNTS.sum(1))
    assert (summary.largest, summary.whole) == (30, True)
    assert not summarise(blocks(AnnData(np.log1p(COUNTS)))).whole


@pytest.mark.parametrize("form", [sparse.csc_matrix, sparse.csr_array, np.asarray])
def test_every_form_is_read_in_rows(form):
    np.testing.assert_array_equal(together(blocks(AnnData(form(COUNTS)))), COUNTS)


def test_empty_cells_are_listed():
    adata = AnnData(COUNTS * [[1], [0], [1], [0]])
    adata.obs_names = list("abcd")
    with pytest.raises(InputError, match=r"2 of 4 cells have no counts.*'b', 'd'.*filter_cells"):
        summarise(blocks(adata))
