"""What all tests share: where the real data lie, and a generator of their own."""

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SCE2TM_DATA", ROOT.parent / "shared" / "data"))


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
