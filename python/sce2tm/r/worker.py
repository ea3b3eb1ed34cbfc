"""The engine beside R: ``python -m sce2tm.r.worker DIR`` answers one request and ends.

``DIR`` holds ``request.json`` and, for a fit, the files of `StoredCells` (unless the cells are in a
file of the user's) and ``external.bin`` (float64, n x D by columns). Events go to the standard
output, one line each; the results go to ``DIR``: one file of raw values by columns for each array,
then ``answer.json``, last.
"""

import json
import sys
from pathlib import Path

from .bridge import Answer, answer
from .stored import StoredCells, mapped


def main(folder: Path) -> None:
    """Answer the request in `folder`."""
    text = (folder / "request.json").read_text("utf-8")
    request = json.loads(text)
    cells = external = None
    if (folder / "values.bin").exists():
        shape = len(request["cells"]), len(request["genes"])
        cells = StoredCells(folder, *shape, by_gene=request["by_gene"])
    if (folder / "external.bin").exists():
        names = request["external_cells"] or request["cells"]
        flat = mapped(folder / "external.bin", "<f8")
        external = flat.reshape((len(names), -1), order="F")
    _write(folder, answer(text, cells, external, _emit))


def _emit(event: str) -> None:
    sys.stdout.write(event + "\n")
    sys.stdout.flush()


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
