"""The engine beside R: ``python -m sce2tm.r.worker DIR`` answers one request and ends.

``DIR`` holds ``request.json`` and, for a fit, the cells as raw arrays: ``values.bin`` (float32),
``genes.bin`` and ``lengths.bin`` (int32), ``external.bin`` (float64, n x D by columns). They are
mapped, not read. Events go to the standard output, one line each; the results go to ``DIR``:
one file of raw values by columns for each array, then ``answer.json``, last.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .bridge import Answer, Cells, answer


def main(folder: Path) -> None:
    """Answer the request in `folder`."""
    text = (folder / "request.json").read_text("utf-8")
    request = json.loads(text)
    cells = external = None
    if request["task"] == "fit":
        cells = Cells(len(request["genes"]))
        cells.add(
            _mapped(folder / "values.bin", "<f4"),
            _mapped(folder / "genes.bin", "<i4"),
            _mapped(folder / "lengths.bin", "<i4"),
        )
        if request["external"] is not None:
            flat = _mapped(folder / "external.bin", "<f8")
            external = flat.reshape((len(request["cells"]), -1), order="F")
    _write(folder, answer(text, cells, external, _emit))


def _emit(event: str) -> None:
    sys.stdout.write(event + "\n")
    sys.stdout.flush()


def _mapped(path: Path, dtype: str) -> npt.NDArray[Any]:
    # an empty file cannot be mapped; copy on write, so that nothing changes what R wrote
    if path.stat().st_size == 0:
        return np.empty(0, dtype=dtype)
    return np.memmap(path, dtype=dtype, mode="c")


def _write(folder: Path, result: Answer) -> None:
    layout = {}
    for name, array in result.arrays.items():
        kind = {"f": "<f8", "i": "<i4", "u": "<u1"}[array.dtype.kind]
        (folder / f"{name}.bin").write_bytes(array.astype(kind).tobytes(order="F"))
        layout[name] = {"kind": kind[1:], "shape": array.shape}
    # written under another name first: where it exists, it is whole
    draft = folder / "answer.json.part"
    draft.write_text(json.dumps({"meta": result.meta, "arrays": layout}), "utf-8")
    draft.replace(folder / "answer.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
