"""The same numbers from files as from memory, to the last bit, and the files left as they were."""

import numpy as np
import pytest
from scipy import sparse

import sce2tm
from sce2tm.data import blocks
from simulate import planted_topics
from stores import write_h5ad, write_zarr

SETTINGS = {"n_topics": 5, "epochs": 3, "n_genes": 60, "batch_size": 32, "n_threads": 1}
FORMS = {"csr": sparse.csr_matrix, "dense": lambda matrix: matrix.toarray()}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Several blocks."""
    monkeypatch.setattr(blocks, "ROWS", 50)


@pytest.fixture(scope="module")
def cells():
    adata = planted_topics(n_cells=170, n_groups=3, n_markers=10, n_genes=90).adata
    adata.obsm["X_view"] = np.random.default_rng(0).normal(size=(170, 6)).astype("float32")
    return adata


def results(data, **changes):
    model = sce2tm.SCE2TM(external="X_view", progress=False, **(SETTINGS | changes)).fit(data)
    latent = model.transform(data).latent
    return [model.topic_genes, latent, model.history["loss"]], model.gene_names


@pytest.mark.parametrize("write", [write_h5ad, write_zarr], ids=["h5ad", "zarr"])
@pytest.mark.parametrize("form", [*FORMS, "csc"])
@pytest.mark.parametrize("layer", [None, "counts"])
def test_a_path_gives_what_memory_gives(cells, tmp_path, write, form, layer, caplog):
    path = tmp_path / ("cells.h5ad" if write is write_h5ad else "cells.zarr")
    on_disk = cells.copy()
    convert = FORMS.get(form, sparse.csc_matrix)
    on_disk.X = convert(cells.X)
    if layer:
        on_disk.layers[layer], on_disk.X = on_disk.X, sparse.csr_matrix(cells.shape)
    write(on_disk, path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
    expected, names = results(cells)
    found, found_names = results(path, layer=layer)
    assert found_names == names
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert before == {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
    assert ("stored by columns (CSC)" in caplog.text) == (form == "csc")
