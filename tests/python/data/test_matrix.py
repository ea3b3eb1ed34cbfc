import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.data.matrix import as_csr, cell_totals, expression, listing, recognise
from sce2tm.errors import InputError

COUNTS = np.array([[0, 2, 0], [1, 0, 30], [4, 0, 0], [0, 0, 7]], dtype="float32")


@pytest.mark.parametrize(
    "make",
    [np.asarray, sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.coo_matrix,
     lambda x: x.astype("int64"), lambda x: sparse.csr_matrix(x.astype("float64"))],
)  # fmt: skip
def test_every_form_becomes_the_same_rows(make):
    rows = as_csr(make(COUNTS))
    assert isinstance(rows, sparse.csr_matrix)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows.toarray(), COUNTS)


def test_rows_in_the_right_form_are_not_copied():
    matrix = sparse.csr_matrix(COUNTS)
    assert np.shares_memory(as_csr(matrix).data, matrix.data)


def test_unsorted_and_repeated_entries_are_put_right_in_a_copy():
    matrix = sparse.csr_matrix(
        (np.array([1, 2, 3], "float32"), np.array([2, 0, 0]), np.array([0, 3])), shape=(1, 3)
    )
    before = matrix.indices.copy()
    np.testing.assert_array_equal(as_csr(matrix).toarray(), [[5, 0, 1]])
    np.testing.assert_array_equal(matrix.indices, before)


def test_backed_and_layered_values_are_read(tmp_path):
    adata = AnnData(sparse.csr_matrix(COUNTS), layers={"raw": sparse.csr_matrix(2 * COUNTS)})
    np.testing.assert_array_equal(expression(adata, "raw").toarray(), 2 * COUNTS)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    np.testing.assert_array_equal(expression(backed).toarray(), COUNTS)
    backed.file.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.__setitem__((1, 0), np.nan), r"1 NaN or infinite values.*cell '1'.*gene '0'"),
        (lambda x: x.__setitem__((2, 0), np.inf), r"1 NaN or infinite values.*cell '2'"),
        (lambda x: x.__setitem__((3, 2), -1.5), r"1 negative values.*cell '3'.*'2' \(-1.5\).*raw"),
    ],
)
def test_wrong_values_are_named(change, message):
    matrix = COUNTS.copy()
    change(matrix)
    with pytest.raises(InputError, match=message):
        expression(AnnData(sparse.csr_matrix(matrix)))


def test_absent_layer_empty_matrix_and_repeated_genes_are_named():
    adata = AnnData(COUNTS)
    with pytest.raises(InputError, match=r"layer='counts' is not in adata.layers.*\[\]"):
        expression(adata, "counts")
    with pytest.raises(InputError, match="adata.X is None"):
        expression(AnnData(obs=pd.DataFrame(index=["a"]), var=pd.DataFrame(index=["g"])))
    with pytest.raises(InputError, match="0 cells x 3 genes"):
        expression(AnnData(sparse.csr_matrix((0, 3), dtype="float32")))
    adata.var_names = ["A", "B", "A"]
    with pytest.raises(InputError, match=r"1 repeated names: 'A'.*var_names_make_unique"):
        expression(adata)


def test_text_is_refused():
    with pytest.raises(InputError, match="cannot be read as numbers"):
        as_csr(np.array([["a", "b"]]))


def test_empty_cells_are_listed():
    rows = as_csr(COUNTS * [[1], [0], [1], [0]])
    with pytest.raises(InputError, match=r"2 of 4 cells have no counts.*'b', 'd'.*filter_cells"):
        cell_totals(rows, pd.Index(list("abcd")))


def test_counts_and_logs_are_told_apart():
    counts, logs = as_csr(COUNTS), as_csr(np.log1p(COUNTS))
    linear = as_csr(COUNTS * 1.5)
    assert [recognise(x, "auto") for x in (counts, logs, linear)] == ["counts", "lognorm", "counts"]
    assert recognise(linear, "counts") == "counts"
    assert recognise(as_csr(np.minimum(COUNTS, 5)), "lognorm") == "lognorm"


def test_the_one_in_place_of_the_other_is_refused():
    with pytest.raises(InputError, match=r"values='counts'.*3.434.*log-transformed"):
        recognise(as_csr(np.log1p(COUNTS)), "counts")
    with pytest.raises(InputError, match=r"values='lognorm'.*30.*look like counts"):
        recognise(as_csr(COUNTS), "lognorm")
    with pytest.raises(InputError, match=r"values='raw' is unknown"):
        recognise(as_csr(COUNTS), "raw")


def test_listing_is_cut():
    assert listing(list("abcdefg")) == "'a', 'b', 'c', 'd', 'e' and 2 more"
