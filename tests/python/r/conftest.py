"""R in this process, and cells that came from it.

Skips where R is missing; SCE2TM_REQUIRE_R=true makes that a failure.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sce2tm import SCE2TM
from sce2tm.datasets import kang_ifnb
from sce2tm.r.rpy2 import from_sce, to_sce

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {"n_topics": 5, "epochs": 5, "batch_size": 64, "seed": 3, "n_threads": 1}


@pytest.fixture(scope="session")
def ro():
    """rpy2's robjects, with anndata2ri and SingleCellExperiment beside them."""
    before = os.environ.get("LD_LIBRARY_PATH")
    try:
        import anndata2ri  # noqa: F401
        import rpy2.robjects
        from rpy2.robjects.packages import importr

        importr("SingleCellExperiment")
    except Exception as error:  # without R, rpy2 raises all kinds of errors
        if os.environ.get("SCE2TM_REQUIRE_R") == "true":
            raise
        pytest.skip(f"rpy2, anndata2ri or R with SingleCellExperiment is missing: {error}")
    finally:
        # R's library path would make Python's children load other libraries
        if before is None:
            os.environ.pop("LD_LIBRARY_PATH", None)
        else:
            os.environ["LD_LIBRARY_PATH"] = before
    return rpy2.robjects


@pytest.fixture(scope="session")
def package(ro, tmp_path_factory):
    """The R package of these sources, attached in R."""
    library = tmp_path_factory.mktemp("library")
    quick = ["--no-docs", "--no-byte-compile", "--no-test-load", f"--library={library}"]
    subprocess.run(["R", "CMD", "INSTALL", *quick, str(ROOT)], check=True, capture_output=True)  # noqa: S607
    ro.r(".libPaths")(ro.StrVector([str(library), *ro.r(".libPaths()")]))
    ro.r("Sys.setenv")(RETICULATE_PYTHON=sys.executable)
    ro.r("library(sce2tm)")
    return library


@pytest.fixture(scope="session")
def cells():
    """Real cells without results; some genes are not modelled."""
    adata = kang_ifnb()[::14, :300].copy()
    adata.obs["donor"] = pd.Categorical(np.resize(["a", "b", "c", "d"], adata.n_obs))
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(adata.n_obs, 2))
    return adata


@pytest.fixture(scope="session")
def fitted(cells):
    """The same, fitted in Python."""
    adata = cells.copy()
    SCE2TM(n_genes=200, progress=False, **SETTINGS).fit(adata).annotate(adata)
    return adata


@pytest.fixture(scope="session")
def returned(ro, fitted):
    """The fitted cells, to R and back."""
    return from_sce(to_sce(fitted))


@pytest.fixture(scope="session")
def sce(ro, package, cells):
    """The cells as RunSCE2TM() leaves them in R, not converted."""
    given = ", ".join(f"{key.replace('_', '.')} = {value}" for key, value in SETTINGS.items())
    given = given.replace("seed", "seed.use")
    run = f"function(x) RunSCE2TM(x, 'X', n.genes = 200, {given}, verbose = FALSE)"
    return ro.r(run)(to_sce(cells))


@pytest.fixture(scope="session")
def by_r(sce):
    """The cells, fitted in R."""
    return from_sce(sce)


@pytest.fixture(params=["from Python and back", "fitted in R"])
def came(request, returned, by_r):
    """Cells that came from R either way; a copy for each test."""
    return (returned if request.param == "from Python and back" else by_r).copy()
