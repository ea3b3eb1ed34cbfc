"""Opened files: nothing of the expression is read, and rubbish is named."""

import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.data.blocks import blocks
from sce2tm.data.readers import opened
from sce2tm.data.stored import store
from sce2tm.errors import InputError
from stores import write_h5ad, write_zarr

COUNTS = np.array([[0, 2, 0, 1], [1, 0, 3, 0], [0, 5, 1, 1]], dtype="float32")
WRITERS = {"h5ad": write_h5ad, "zarr": write_zarr}


@pytest.fixture
def adata():
    return AnnData(
        sparse.csr_matrix(COUNTS),
        obs=pd.DataFrame({"kind": pd.Categorical(["a", "b", "a"])}, index=list("xyz")),
        var=pd.DataFrame({"highly_variable": [True, True, False, True]}, index=list("ABCD")),
        obsm={
            "dense": COUNTS[:, :2],
            "sparse": sparse.csr_matrix(COUNTS),
            "table": pd.DataFrame({"one": [1.0, 2.0, 3.0]}, index=list("xyz")),
        },
        layers={"dense": 2 * COUNTS, "csc": sparse.csc_matrix(3 * COUNTS)},
    )


def together(expression):
    return sparse.vstack([block for _, block in expression]).toarray()


@pytest.mark.parametrize("kind", WRITERS)
def test_names_are_read_and_matrices_left_there(adata, tmp_path, kind):
    path = tmp_path / f"cells.{kind}"
    WRITERS[kind](adata, path)
    with opened(str(path)) as cells:
        pd.testing.assert_frame_equal(cells.obs, adata.obs)
        pd.testing.assert_frame_equal(cells.var, adata.var)
        for matrix in (cells.X, *cells.layers.values(), cells.obsm["dense"]):
            assert not isinstance(matrix, np.ndarray | sparse.spmatrix)
        for layer, times in ((None, 1), ("dense", 2), ("csc", 3)):
            np.testing.assert_array_equal(together(blocks(cells, layer)), times * COUNTS)
        np.testing.assert_array_equal(cells.obsm["dense"][:], COUNTS[:, :2])
        assert (cells.obsm["sparse"] != adata.obsm["sparse"]).nnz == 0
        assert cells.obsm["table"].equals(adata.obsm["table"])


def test_the_file_is_closed_whatever_happens(adata, tmp_path):
    path = tmp_path / "cells.h5ad"
    write_h5ad(adata, path)
    with pytest.raises(ZeroDivisionError), opened(path) as cells:  # noqa: PT012
        matrix = cells.layers["dense"]
        assert matrix
        raise ZeroDivisionError
    assert not matrix
    with h5py.File(path, "r+"):
        pass


def test_cells_in_memory_and_other_files_pass_through(adata, tmp_path):
    with opened(adata) as cells:
        assert cells is adata
    adata.to_df().to_csv(tmp_path / "cells.csv")
    with opened(tmp_path / "cells.csv") as cells:
        np.testing.assert_array_equal(cells.X.toarray(), COUNTS)


def refused(path, match):
    with pytest.raises(InputError, match=match), opened(path):
        pass


def test_what_is_no_store_is_named(adata, tmp_path):
    refused(7, "data is a int. Give an AnnData, or the path")
    refused(tmp_path / "absent.zarr", r"absent.zarr' does not exist")
    (tmp_path / "folder.zarr").mkdir()
    refused(tmp_path / "folder.zarr", r"folder.zarr' cannot be read: No group found")
    (tmp_path / "file.zarr").write_text("x")
    refused(tmp_path / "file.zarr", r"file.zarr' cannot be read: it is no folder")
    (tmp_path / "text.h5ad").write_text("x")
    refused(tmp_path / "text.h5ad", "it is no HDF5 file, or was cut short")
    write_h5ad(adata, tmp_path / "short.h5ad")
    content = (tmp_path / "short.h5ad").read_bytes()
    (tmp_path / "short.h5ad").write_bytes(content[: len(content) // 2])
    refused(tmp_path / "short.h5ad", r"short.h5ad' cannot be read.*truncated")


def test_an_absent_zarr_is_named(adata, tmp_path, monkeypatch):
    write_zarr(adata, tmp_path / "cells.zarr")
    monkeypatch.setitem(sys.modules, "zarr", None)
    refused(tmp_path / "cells.zarr", r"cells.zarr' cannot be read: .*pip install zarr")


@pytest.mark.parametrize("kind", WRITERS)
def test_stores_without_cells_or_expression_are_named(adata, tmp_path, kind):
    path = tmp_path / f"cells.{kind}"
    WRITERS[kind](adata, path)
    with store(path, "r+") as group:
        del group["X"]
    with opened(path) as cells, pytest.raises(InputError, match=r"adata.X is None"):
        blocks(cells)
    with store(path, "r+") as group:
        del group["obs"]
    refused(path, "cannot be read: it holds no 'obs'")


def test_files_of_old_are_named(tmp_path):
    with h5py.File(tmp_path / "old.h5ad", "w") as file:
        file["obs"] = np.array([(b"x", 1)], dtype=[("index", "S1"), ("n", "i4")])
        file["var"] = file["obs"][:]
    refused(tmp_path / "old.h5ad", "anndata before 0.7.*write it again")


@pytest.mark.parametrize("part", ["data", "indices"])
def test_a_folder_copied_in_part_is_named(adata, tmp_path, part):
    path = tmp_path / "cells.zarr"
    write_zarr(adata, path)
    (path / "X" / part / "c" / "0").unlink()
    refused(path, f"X/{part} lacks 1 of 1 chunks. Copy the folder again")


def test_damaged_values_are_named(adata, tmp_path):
    path = tmp_path / "cells.h5ad"
    adata.write_h5ad(path, compression="gzip")
    with h5py.File(path) as file:
        start = file["X/data"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[start : start + 10] = bytes(10)
    path.write_bytes(content)
    with opened(path) as cells, pytest.raises(InputError, match=r"rows 0 to 3.*damaged"):
        list(blocks(cells))
