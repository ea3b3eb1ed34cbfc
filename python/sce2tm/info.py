"""What is in a file, and what this installation has: for people, as plain text."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import anndata as ad
import torch

from sce2tm._version import __version__
from sce2tm.data.stored import is_stored, store
from sce2tm.errors import InputError
from sce2tm.model import SCE2TM
from sce2tm.train.device import find_device

_LIBRARIES = ("torch", "numpy", "scipy", "anndata", "scanpy", "safetensors")


def describe(path: Path) -> str:
    """Describe a model file, or an .h5ad or .zarr that a model wrote its results into.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        A line for each fact.

    Raises
    ------
    InputError
        The file is absent, or holds cells without results.
    ModelFileError
        It is no model.
    """
    if not path.exists():
        raise InputError(f"{str(path)!r} does not exist. Check the name and the folder.")
    return _cells(path) if is_stored(path) else _model(path)


def installation() -> str:
    """Versions of the libraries, and the device that training would use."""
    facts = {"sce2tm": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            facts[name] = "missing"
    device = find_device("auto")
    cores = f"cpu ({torch.get_num_threads()} threads)"
    facts["device"] = torch.cuda.get_device_name(device) if device.type == "cuda" else cores
    return _lines(facts)


def _model(path: Path) -> str:
    model = SCE2TM.load(path, device="cpu")
    genes = model.gene_names
    facts = {
        "file": f"{path} (model)",
        "topics": len(model.topic_names),
        "genes": f"{len(genes)} ({', '.join(genes[:5])}, ...)",
        "steps": int(model.history["step"][-1]),
        "last loss": f"{model.history['loss'][-1]:.6g}",
    }
    return _lines(facts | _settings(model.config.to_dict()))


def _cells(path: Path) -> str:
    with store(path) as file:
        if "uns/sce2tm" not in file:
            raise InputError(
                f"{str(path)!r} holds no results of sce2tm. "
                "Make some: sce2tm fit, or sce2tm transform with a model."
            )
        results: dict[str, Any] = ad.io.read_elem(file["uns/sce2tm"])
        n_cells = file["obsm/sce2tm_theta"].shape[0]
    facts = {
        "file": f"{path} (annotated cells)",
        "cells": n_cells,
        "topics": len(results["topic_names"]),
        "external": results["external"]["name"],
        "made with": f"sce2tm {results['versions']['sce2tm']}",
    }
    return _lines(facts | _settings(results["params"]))


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in settings.items()
        if value is not None and name not in ("n_topics",)
    }


def _lines(facts: dict[str, Any]) -> str:
    width = max(map(len, facts))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in facts.items())
