"""What `uns` and `metadata()` hold goes over with its structure, and comes back the same."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.r import values

KEPT = {
    "none": None,
    "text": "umap",
    "number": 0.5,
    "whole": 3,
    "true": True,
    "false": False,
    "empty": {},
    "nested": {"base": None, "deeper": {"metric": "cosine", "k": 15}},
    "one text": np.array(["a"], dtype=object),
    "one number": np.array([0.5]),
    "texts": np.array(["a", "b"], dtype=object),
    "numbers": np.arange(6.0).reshape(2, 3),
    "cube": np.arange(24.0).reshape(2, 3, 4),
    "flags": np.array([[True, False]]),
}


def same(one, two):
    assert type(one) is type(two)
    if isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            same(one[key], two[key])
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, two, strict=True)
    else:
        assert one == two


@pytest.mark.parametrize("name", KEPT)
def test_values_come_back_as_they_were(ro, name):
    same(values.from_r(values.to_r(KEPT[name])), KEPT[name])


def test_lists_become_arrays_and_scalars_of_numpy_plain_ones(ro):
    same(values.from_r(values.to_r(("a", "b"))), np.array(["a", "b"], dtype=object))
    same(values.from_r(values.to_r([1.5, 2.5])), np.array([1.5, 2.5]))
    same(values.from_r(values.to_r(np.float64(0.5))), 0.5)
    same(values.from_r(values.to_r(np.bool_(True))), True)


def test_tables_stay_tables(ro):
    table = pd.DataFrame({"score": [0.5, 1.5], "gene": ["a", "b"]}, index=["p", "q"])
    pd.testing.assert_frame_equal(values.from_r(values.to_r(table)), table)


def test_what_r_says(ro):
    said = values.from_r(ro.r("list(a = 1:2, b = list('x', 2), c = c(TRUE, NA), d = as.raw(7))"))
    assert list(said["a"]) == [1, 2]
    assert said["b"] == ["x", 2.0]
    np.testing.assert_array_equal(said["c"], [1, np.nan])
    np.testing.assert_array_equal(said["d"], np.array([7], dtype=np.uint8), strict=True)


def test_what_cannot_go_is_named(ro):
    known, unknown = values.each(
        [("object", object()), ("two", 2), ("mixed", np.array(["a", None])), ("huge", 2**40)],
        values.to_r,
    )
    assert list(known) == ["two"]
    assert unknown == ["object", "mixed", "huge"]
    known, unknown = values.each([("mean", ro.r("mean"))], values.from_r)
    assert (known, unknown) == ({}, ["mean"])
