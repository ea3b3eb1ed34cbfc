"""R in this process, where it is there; SCE2TM_REQUIRE_R=true makes its absence a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


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
