"""The worker must give what the bridge gives, through files."""

import json

import numpy as np
import pytest

from sce2tm.r import worker
from sce2tm.r.bridge import Cells, answer

REQUEST = {
    "task": "fit",
    "settings": {"n_topics": 3, "epochs": 2, "n_neighbors": 4, "n_threads": 1},
    "genes": [f"g{j}" for j in range(20)],
    "cells": [f"c{i}" for i in range(30)],
    "resume": False,
    "path": None,
    "by_gene": False,
    "features": None,
    "external": "view",
    "external_cells": None,
}


@pytest.fixture
def question(rng, tmp_path):
    """A folder as R writes it, and the cells and the view in it."""
    counts = rng.poisson(1.0, (30, 20))
    values = counts[counts > 0].astype("<f4")
    genes = np.nonzero(counts)[1].astype("<i4")
    lengths = (counts > 0).sum(axis=1).astype("<i4")
    view = rng.normal(size=(30, 3))
    values.tofile(tmp_path / "values.bin")
    genes.tofile(tmp_path / "genes.bin")
    lengths.tofile(tmp_path / "lengths.bin")
    view.T.tofile(tmp_path / "external.bin")
    (tmp_path / "request.json").write_text(json.dumps(REQUEST), "utf-8")
    cells = Cells(20)
    cells.add(values, genes, lengths)
    return tmp_path, cells, view


def read(folder):
    """Arrays and metadata as R reads them."""
    found = json.loads((folder / "answer.json").read_text("utf-8"))
    arrays = {
        name: np.fromfile(folder / f"{name}.bin", dtype="<" + layout["kind"]).reshape(
            layout["shape"], order="F"
        )
        for name, layout in found["arrays"].items()
    }
    return arrays, json.loads(found["meta"])


def test_files_carry_the_answer_of_the_bridge(question, capsys):
    folder, cells, view = question
    worker.main(folder)
    arrays, meta = read(folder)
    direct = answer(json.dumps(REQUEST), cells, view, lambda event: None)
    assert arrays.keys() == direct.arrays.keys()
    for name in arrays.keys() - {"model"}:
        np.testing.assert_array_equal(arrays[name], direct.arrays[name])
    assert meta["error"] is None
    assert meta["external"] == {"name": "view", "width": 3}
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum("step" in event for event in events) == 2


def test_what_r_wrote_is_not_changed(question):
    folder, _, _ = question
    before = {name: (folder / name).read_bytes() for name in ("values.bin", "genes.bin")}
    worker.main(folder)
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_an_error_is_an_answer_too(question):
    folder, _, _ = question
    (folder / "lengths.bin").write_bytes(b"")
    worker.main(folder)
    arrays, meta = read(folder)
    assert arrays == {}
    assert meta["error"]["message"]


def test_the_example_needs_no_cells(tmp_path):
    (tmp_path / "request.json").write_text('{"task": "example"}', "utf-8")
    worker.main(tmp_path)
    arrays, meta = read(tmp_path)
    assert len(arrays["pointers"]) == 2801
    assert arrays["obs_condition"].dtype == np.int32
    assert len(meta["genes"]) == 3000
