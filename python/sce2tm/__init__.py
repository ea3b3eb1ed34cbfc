"""Interpretable single-cell embedding by topic modelling, for AnnData and scanpy."""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sce2tm._version import __version__
from sce2tm.errors import (
    DeviceError,
    InputError,
    ModelFileError,
    NotFittedError,
    SCE2TMError,
)

if TYPE_CHECKING:
    from sce2tm import datasets, pl, pp, report, tl
    from sce2tm.inference import Embedding
    from sce2tm.model import SCE2TM

logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "SCE2TM",
    "DeviceError",
    "Embedding",
    "InputError",
    "ModelFileError",
    "NotFittedError",
    "SCE2TMError",
    "__version__",
    "datasets",
    "pl",
    "pp",
    "report",
    "tl",
]

_MODULES = {"datasets", "pl", "pp", "report", "tl"}
_CLASSES = {"SCE2TM": "sce2tm.model", "Embedding": "sce2tm.inference"}


def __getattr__(name: str) -> Any:
    # torch, anndata and matplotlib cost seconds, which a command's help or a figure need not wait
    if name in _MODULES:
        return import_module(f"sce2tm.{name}")
    if name in _CLASSES:
        return getattr(import_module(_CLASSES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
