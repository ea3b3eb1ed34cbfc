import numpy as np
import pytest
from scipy import sparse

from sce2tm.data.matrix import as_csr, listing, recognise
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


def test_text_is_refused():
    with pytest.raises(InputError, match="cannot be read as numbers"):
        as_csr(np.array([["a", "b"]]))


@pytest.mark.parametrize(
    ("largest", "whole", "kind"),
    [(30, True, "counts"), (3, True, "counts"), (45.5, False, "counts"), (3.4, False, "lognorm")],
)
def test_counts_and_logs_are_told_apart(largest, whole, kind):
    assert recognise(largest, whole, "auto") == kind
    assert recognise(largest, whole, kind) == kind


def test_the_one_in_place_of_the_other_is_refused():
    with pytest.raises(InputError, match=r"values='counts'.*3.434.*log-transformed"):
        recognise(3.434, False, "counts")
    with pytest.raises(InputError, match=r"values='lognorm'.*30.*look like counts"):
        recognise(30, True, "lognorm")
    with pytest.raises(InputError, match=r"values='raw' is unknown"):
        recognise(30, True, "raw")


def test_listing_is_cut():
    assert listing(list("abcdefg")) == "'a', 'b', 'c', 'd', 'e' and 2 more"
