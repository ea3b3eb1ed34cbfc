"""Peak memory of a child process: no dense cells x genes matrix, and no file as a whole."""

import json
import subprocess
import sys
import textwrap

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import zarr
from scipy import sparse

COMMON = textwrap.dedent("""
    import json
    import re
    import sys
    from pathlib import Path
    import numpy as np
    from anndata import AnnData
    from scipy import sparse
    import sce2tm
    from sce2tm.model import SCE2TM

    def peak_mb():
        # of this process alone: what getrusage says begins with the parent's
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024

    def cells(n, genes, density):
        rng = np.random.default_rng(0)
        matrix = sparse.random(n, genes, density, format="csr", dtype="float32", rng=rng)
        matrix.data = np.ceil(matrix.data * 9).astype("float32")
        return AnnData(matrix)

    # libraries load and compile on the first, small fit
    small = cells(600, 300, 0.2)
    for preset in ("default", "paper"):
        SCE2TM(5, None, preset, epochs=1, progress=False).fit(small)
""")
FROM_MEMORY = textwrap.dedent("""
    adata = cells(20_000, 5_000, 0.02)
    for preset in ("default", "paper"):
        before = peak_mb()
        model = SCE2TM(
            20, None, preset, epochs=1, n_genes=5_000, batch_size=512, progress=False
        ).fit(adata)
        model.annotate(adata)
        print(preset, peak_mb() - before)
""")
FROM_FILES = textwrap.dedent("""
    import sce2tm.shell.training
    path, out, settings = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    before = peak_mb()
    sce2tm.shell.training.fit(path, out, progress=False, n_topics=5, **settings)
    print("grown", peak_mb() - before)
""")


def growth(code, *arguments):
    """Megabytes, by name, that a child process said its peak grew by."""
    command = [sys.executable, "-c", COMMON + code, *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {name: float(mb) for name, mb in map(str.split, run.stdout.splitlines())}


def test_peak_memory_stays_far_below_a_dense_matrix():
    # dense float32 would be 381 MiB; the sparse matrix itself is 16 MiB
    grown = growth(FROM_MEMORY)
    assert grown.keys() == {"default", "paper"}
    assert max(grown.values()) < 200, grown


def fill(group, block, n_blocks, *, dense):
    """Write the same cells again and again."""
    n_cells, n_genes = n_blocks * block.shape[0], block.shape[1]
    group.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    for name, n, letter in (("obs", n_cells, "c"), ("var", n_genes, "g")):
        index = pd.Index([f"{letter}{number}" for number in range(n)], dtype=object)
        anndata.io.write_elem(group, name, pd.DataFrame(index=index))
    if dense:
        rows = block.toarray()
        values = group.create_dataset("X", (n_cells, n_genes), dtype="f4")
        for start in range(0, n_cells, len(rows)):
            values[start : start + len(rows)] = rows
        values.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
        return
    chunks = {"chunks": (100_000,)}
    anndata.io.write_elem(group, "X", block, dataset_kwargs=chunks)
    matrix = anndata.io.sparse_dataset(group["X"])
    for _ in range(n_blocks - 1):
        matrix.append(block)


FEW_GENES = {"n_genes": 100, "epochs": 1}
# all genes, in 400 steps of four cells
FEW_CELLS = {"n_genes": 4000, "batch_size": 4}


@pytest.mark.parametrize(
    ("form", "settings"),
    [("h5ad", FEW_GENES), ("zarr", FEW_GENES), ("dense", FEW_GENES), ("h5ad", FEW_CELLS)],
    ids=["h5ad", "zarr", "dense", "all genes"],
)
def test_a_file_is_never_held_as_a_whole(tmp_path, form, settings):
    # sparse rows: 240 MB, and more cells than ARPACK is used for; dense: 290 MB
    rng = np.random.default_rng(0)
    block = sparse.random(6000, 4000, 0.125, format="csr", dtype="float32", rng=rng)
    block.data = np.ceil(block.data * 9).astype("float32")
    path = tmp_path / ("cells.zarr" if form == "zarr" else "cells.h5ad")
    if form == "zarr":
        fill(zarr.open_group(path, mode="w", zarr_format=2), block, 10, dense=False)
    else:
        with h5py.File(path, "w") as file:
            fill(file, block, 3 if form == "dense" else 10, dense=form == "dense")
    grown = growth(FROM_FILES, path, tmp_path / "out", json.dumps(settings))
    assert grown["grown"] < 150, grown
