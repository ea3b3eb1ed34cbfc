"""What all tests share: where the real data lie, and a generator of their own."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from sce2tm import SCE2TM, annotated, outputs
from sce2tm.datasets import kang_ifnb

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SCE2TM_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session", autouse=True)
def _signals():
    """Where a script starts the tests in the background, their children would ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def rng():
    """One seeded generator for each test."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def real_set():
    """Path of a real labelled set by name; skips where the data folder is absent."""

    def find(name: str) -> Path:
        path = DATA / "sets" / f"{name}.h5ad"
        if not path.exists():
            pytest.skip(f"real data absent: {name}.h5ad (SCE2TM_DATA names the folder)")
        return path

    return find


@pytest.fixture(scope="session")
def gmt_file():
    """Path of a file of gene sets by name; skips where the data folder is absent."""

    def find(name: str) -> Path:
        path = DATA / "gmt" / name
        if not path.exists():
            pytest.skip(f"gene sets absent: {name} (SCE2TM_DATA names the folder)")
        return path

    return find


@pytest.fixture(scope="session")
def toy_results(tmp_path_factory):
    """Folder with a small real result, as `sce2tm fit` leaves it; not to be changed."""
    adata = kang_ifnb()[::20, :200].copy()
    model = SCE2TM(n_topics=5, epochs=5, n_threads=1, device="cpu", progress=False).fit(adata)
    model.annotate(adata)
    adata.obsm["X_umap"] = adata.obsm["X_sce2tm"][:, :2]  # any place to draw them at
    folder = tmp_path_factory.mktemp("results")
    outputs.write_h5ad(adata, folder / "blood.h5ad")
    return folder


@pytest.fixture
def toy(toy_results):
    """The cells of this result, without expression; each test has its own."""
    return annotated.read(toy_results)


@pytest.fixture(scope="session")
def toy_sets(toy_results):
    """Gene sets of these cells: the top genes of a topic, and others."""
    adata = annotated.read(toy_results)
    weights = adata.varm["sce2tm_topic_genes"]
    best = adata.var_names[np.argsort(-weights[:, 0])[:20]]
    return {"planted": list(best), "first genes": list(adata.var_names[:30])}
