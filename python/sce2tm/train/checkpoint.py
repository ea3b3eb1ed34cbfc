"""Write and read a trained model: one safetensors file, arrays and JSON, no pickle."""

import json
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from sce2tm.errors import ModelFileError

FORMAT = "sce2tm-model"
VERSION = 1
Arrays = dict[str, npt.NDArray[Any]]


def write(path: Path, arrays: Arrays, metadata: dict[str, Any]) -> None:
    """Write arrays and JSON metadata so that the file is whole or the old one still there.

    Parameters
    ----------
    path
        File to write; its folder must exist.
    arrays
        By name.
    metadata
        Anything that JSON can hold.
    """
    header = {"format": FORMAT, "version": str(VERSION), "sce2tm": json.dumps(metadata)}
    content = save({k: np.ascontiguousarray(array) for k, array in arrays.items()}, header)
    atomically(path, lambda temporary: Path(temporary).write_bytes(content))


def atomically(path: Path, write_to: Callable[[str], Any]) -> None:
    """Call `write_to` with a temporary path beside `path`, then move the file into place.

    A process that dies on the way leaves the old file as it was.
    """
    # the suffix stays last: some writers choose the format by it
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        write_to(str(temporary))
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Remove what saves of `path` have left that were killed on their way."""
    left = re.compile(rf"\.{re.escape(path.stem)}\.[0-9a-f]{{8}}{re.escape(path.suffix)}")
    for file in path.parent.iterdir():
        if left.fullmatch(file.name):
            file.unlink(missing_ok=True)


def read(path: Path, argument: str = "path") -> tuple[Arrays, dict[str, Any]]:
    """Read what `write` wrote; opening a file from a stranger runs no code.

    Parameters
    ----------
    path
        The file.
    argument
        What the caller calls it, for the messages.

    Raises
    ------
    ModelFileError
        When the file is absent, cut short, no model, or of another version.
    """
    given = f"{argument}={str(path)!r}"
    if not path.is_file():
        raise ModelFileError(f"{given} is not a file. Give a file that sce2tm wrote.")
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            _check_header(given, header)
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, json.loads(header["sce2tm"])
    except (SafetensorError, json.JSONDecodeError, KeyError) as error:
        raise ModelFileError(
            f"{given} cannot be read: cut short, or no file that sce2tm wrote ({error}). "
            "Copy it again, or make it again."
        ) from error


def _check_header(given: str, header: dict[str, str]) -> None:
    if header.get("format") != FORMAT:
        raise ModelFileError(f"{given} is a safetensors file, but not one that sce2tm wrote.")
    if header.get("version") != str(VERSION):
        raise ModelFileError(
            f"{given} has format version {header.get('version')!r}; this sce2tm reads "
            f"version {VERSION}. Load it with the release that wrote it, or train again."
        )
