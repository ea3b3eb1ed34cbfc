"""Interpretable single-cell embedding by topic modelling, for AnnData and scanpy."""

import logging

from sce2tm import datasets, pl, pp, tl
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
