"""Grown cells have the types, means and depth of their parents, in memory and in files."""

import importlib
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def semisynthetic(monkeypatch):
    """The file of the benchmark folder, which is no package, with small blocks."""
    monkeypatch.syspath_prepend(str(FOLDER))
    module = importlib.import_module("semisynthetic")
    monkeypatch.setattr(module, "ROWS", 700)
    return module


@pytest.fixture
def real(rng):
    """40 cells in two types that share no gene but the last, which never varies much."""
    counts = np.zeros((40, 5), dtype="float32")
    counts[::4, 0] = rng.integers(200, 300, 10)  # type b, a quarter of the cells
    kind = np.where(np.arange(40) % 4 == 0, "b", "a")
    counts[kind == "a", 1:3] = rng.integers(50, 150, (30, 2))
    counts[:, 4] = 10
    obs = pd.DataFrame({"cell_type": kind}, index=[f"r{i}" for i in range(40)])
    return AnnData(sparse.csr_matrix(counts), obs=obs, var=pd.DataFrame(index=list("ABCDE")))


def test_types_keep_their_shares_and_their_genes(semisynthetic, real):
    new = semisynthetic.grow(real, 2000, 5)
    assert new.shape == (2000, 4)  # a gene without counts has no variance
    is_b = (new.obs["cell_type"] == "b").to_numpy()
    assert is_b.mean() == pytest.approx(0.25, abs=0.03)
    counts = new.to_df()
    assert (counts.loc[~is_b, "A"] == 0).all()
    assert (counts.loc[is_b, ["B", "C"]] == 0).all().all()
    assert counts.loc[is_b, "A"].mean() == pytest.approx(float(real.X[::4, 0].mean()), rel=0.05)
    # E is 10 in all parents: what is left is Poisson noise, variance equal to the mean
    assert counts["E"].var() == pytest.approx(10, rel=0.15)
    np.testing.assert_array_equal(counts, np.floor(counts))


def test_the_seed_decides_and_blocks_differ(semisynthetic, real):
    one, again = (
        semisynthetic.grow(real, 1500, 5, seed=1),
        semisynthetic.grow(real, 1500, 5, seed=1),
    )
    other = semisynthetic.grow(real, 1500, 5, seed=2)
    assert (one.X != again.X).nnz == 0
    assert (one.X != other.X).nnz > 0
    assert (one.X[:700] != one.X[700:1400]).nnz > 0


def test_cells_with_hardly_a_count_have_no_children(semisynthetic, real):
    real.X[0, 0] = 1  # with gene E it has 11 counts
    assert len(semisynthetic.prepare(real, 10, 5, 0).real) == 39


@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_files_hold_the_same_cells(semisynthetic, real, tmp_path, kind):
    path = tmp_path / f"cells.{kind}"
    getattr(semisynthetic, f"write_{kind}")(path, real, 1500, 3)
    read = getattr(anndata, f"read_{kind}")(path)
    expected = semisynthetic.grow(real, 1500, 3)
    assert (read.X != expected.X).nnz == 0
    assert read.X.dtype == np.float32
    pd.testing.assert_frame_equal(read.obs, expected.obs)
    pd.testing.assert_frame_equal(read.var, expected.var)
