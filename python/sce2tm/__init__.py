"""Interpretable single-cell embedding by topic modelling, for AnnData and scanpy."""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sce2tm import datasets, pp, tl
from sce2tm._version import __version__
from sce2tm.errors import (
    DeviceError,
    InputError,
    ModelFileError,
    NotFittedError,
    SCE2TMError,
)
from sce2tm.inference import Embedding
from sce2tm.model import SCE2TM

if TYPE_CHECKING:
    from sce2tm import pl

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
    "tl",
]


def __getattr__(name: str) -> Any:
    # matplotlib costs a second and 30 MB, which a fit does not need
    if name == "pl":
        return import_module("sce2tm.pl")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
