"""The annotated copy: everything of the source, the results, and the source as it was."""

import hashlib
from pathlib import Path

import anndata
import numpy as np
import pytest

from sce2tm import SCE2TM, annotated
from sce2tm.data.readers import opened
from sce2tm.datasets import kang_ifnb
from sce2tm.errors import InputError
from simulate import planted_topics
from stores import write_h5ad, write_zarr


@pytest.fixture(scope="module")
def model():
    """A model of few cells."""
    cells = planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60).adata
    return SCE2TM(4, None, epochs=1, progress=False).fit(cells)


@pytest.fixture
def adata():
    cells = planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60).adata
    cells.uns["colours"] = np.array(["red", "blue"], dtype=object)
    cells.obsm["X_pca"] = np.arange(120.0).reshape(60, 2)
    cells.raw = cells[:, :30].copy()
    return cells


def fingerprint(path):
    """Hash of a file, or of all files of a folder with their names."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    parts = [str(file).encode() + file.read_bytes() for file in files if file.is_file()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def annotate(model, data, path):
    """What the command line does."""
    with opened(data) as cells:
        model.annotate(cells)
    annotated.write(cells, data, path)
    return getattr(anndata, f"read_{path.suffix[1:]}")(path), cells


KINDS = [("h5ad", write_h5ad), ("zarr", lambda a, p: write_zarr(a, p, 2)), ("zarr", write_zarr)]


@pytest.mark.parametrize(("kind", "write"), KINDS, ids=["h5ad", "zarr 2", "zarr 3"])
def test_the_copy_has_all_of_the_source_and_the_results(model, adata, tmp_path, kind, write):
    source, path = tmp_path / f"cells.{kind}", tmp_path / f"done.{kind}"
    write(adata, source)
    before = fingerprint(source)
    written, cells = annotate(model, source, path)
    assert fingerprint(source) == before
    assert (written.X != adata.X).nnz == 0
    assert (written.raw.X != adata.raw.X).nnz == 0
    assert list(written.uns["colours"]) == ["red", "blue"]
    assert written.obs.equals(adata.obs)
    for key in ("X_sce2tm", "sce2tm_theta"):
        np.testing.assert_array_equal(written.obsm[key], cells.obsm[key])
    for key in ("sce2tm_topic_genes", "sce2tm_gene_embedding"):
        np.testing.assert_array_equal(written.varm[key], cells.varm[key])
    assert list(written.uns["sce2tm"]["topic_names"]) == model.topic_names
    np.testing.assert_array_equal(written.obsm["X_pca"], adata.obsm["X_pca"])


@pytest.mark.parametrize(("kind", "write"), KINDS[:2], ids=["h5ad", "zarr"])
def test_old_results_are_replaced_even_in_place(model, adata, tmp_path, kind, write):
    path = tmp_path / f"cells.{kind}"
    adata.obsm["X_sce2tm"] = np.zeros((60, 9))
    adata.uns["sce2tm"] = {"stale": 1}
    write(adata, path)
    written, cells = annotate(model, path, path)
    np.testing.assert_array_equal(written.obsm["X_sce2tm"], cells.obsm["X_sce2tm"])
    assert "stale" not in written.uns["sce2tm"]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_cells_of_another_kind_are_written_whole(model, adata, tmp_path):
    adata.to_df().to_csv(tmp_path / "cells.csv")
    written, _ = annotate(model, tmp_path / "cells.csv", tmp_path / "done.h5ad")
    assert (written.X != adata.X).nnz == 0
    assert written.obsm["X_sce2tm"].shape == (60, 4)


@pytest.mark.parametrize(("kind", "write"), KINDS[:2], ids=["h5ad", "zarr"])
def test_a_writing_that_fails_leaves_the_old_one(model, adata, tmp_path, kind, write, monkeypatch):
    source, path = tmp_path / f"cells.{kind}", tmp_path / f"done.{kind}"
    write(adata, source)
    write(adata, path)
    before = fingerprint(path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(annotated, "write_elem", full)
    with pytest.raises(OSError, match="No space left"):
        annotate(model, source, path)
    assert fingerprint(path) == before
    assert {file.name for file in tmp_path.iterdir()} == {source.name, path.name}


def test_suffix():
    assert annotated.suffix_for(Path("a.ZARR")) == ".zarr"
    assert annotated.suffix_for(Path("folder")) == ".h5ad"


def test_results_are_found_in_their_folder(toy_results):
    file = toy_results / "blood.h5ad"
    assert annotated.find(toy_results) == annotated.find(file) == file
    assert annotated.folder(toy_results) == annotated.folder(file) == toy_results


def test_a_folder_without_one_file_of_cells(toy_results, tmp_path):
    with pytest.raises(InputError, match="found: none"):
        annotated.find(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        annotated.find(tmp_path / "absent")
    for name in ("one.h5ad", "two.h5ad"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"one\.h5ad, two\.h5ad.*Name the file"):
        annotated.find(tmp_path)


def test_results_are_read_with_and_without_expression(toy_results):
    light, whole = annotated.read(toy_results), annotated.read(toy_results, expression=True)
    assert light.X is None
    assert whole.X.shape == light.shape == (140, 200)
    np.testing.assert_array_equal(light.obsm["sce2tm_theta"], whole.obsm["sce2tm_theta"])
    np.testing.assert_array_equal(light.varm["sce2tm_decoder"], whole.varm["sce2tm_decoder"])
    assert list(light.obs) == list(whole.obs)


def test_cells_without_results_are_refused(tmp_path):
    kang_ifnb()[:3, :4].copy().write_h5ad(tmp_path / "cells.h5ad")
    with pytest.raises(InputError, match="no results of sce2tm"):
        annotated.read(tmp_path)
