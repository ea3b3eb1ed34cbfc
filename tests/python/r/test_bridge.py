"""What R gets back must be what a Python user gets, and nothing may be raised across."""

import json
import logging
import warnings

import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm import SCE2TM
from sce2tm.r import bridge
from sce2tm.r.bridge import Cells, answer

SETTINGS = {"n_topics": 3, "epochs": 2, "batch_size": 16, "seed": 5, "n_threads": 1}


@pytest.fixture
def counts(rng):
    return sparse.csr_matrix(rng.poisson(1.0, (40, 30)).astype(np.float32))


def blocks(matrix, sizes):
    """The matrix as R sends it: by blocks of cells, genes of a cell in any order."""
    cells = Cells(matrix.shape[1])
    for rows in np.split(np.arange(matrix.shape[0]), np.cumsum(sizes)[:-1]):
        block = matrix[rows]
        cells.add(block.data.astype(float), block.indices, np.diff(block.indptr))
    return cells


def request(matrix, **changes):
    base = {
        "task": "fit",
        "settings": SETTINGS,
        "genes": [f"g{j}" for j in range(matrix.shape[1])],
        "cells": [f"c{i}" for i in range(matrix.shape[0])],
        "resume": False,
        "path": None,
        "by_gene": False,
        "features": None,
        "external": None,
        "external_cells": None,
    }
    return json.dumps(base | changes)


def test_blocks_make_the_matrix_empty_cells_included(counts):
    counts = sparse.csr_matrix(counts.multiply(np.arange(40)[:, None] != 7))
    made = blocks(counts, [7, 1, 32]).matrix()
    assert made.dtype == np.float32
    assert made.has_canonical_format
    np.testing.assert_array_equal(made.toarray(), counts.toarray())


def test_genes_out_of_order_are_sorted():
    cells = Cells(3)
    cells.add([5.0, 4.0], [2, 0], [2])
    np.testing.assert_array_equal(cells.matrix().toarray(), [[4, 0, 5]])


def test_a_fit_gives_the_numbers_of_python(counts, rng):
    view = rng.normal(size=(40, 4))
    text = request(counts, external="view", settings=SETTINGS | {"n_neighbors": 4})
    got = answer(text, blocks(counts, [40]), view, lambda event: None)
    meta = json.loads(got.meta)
    assert meta["error"] is None
    assert meta["warnings"] == []
    adata = AnnData(counts.copy())
    adata.var_names = meta["genes"]
    adata.obsm["view"] = view
    model = SCE2TM(external="view", progress=False, **SETTINGS, n_neighbors=4).fit(adata)
    model.annotate(adata)
    np.testing.assert_array_equal(got.arrays["latent"], adata.obsm["X_sce2tm"])
    np.testing.assert_array_equal(got.arrays["theta"], adata.obsm["sce2tm_theta"])
    np.testing.assert_array_equal(got.arrays["topic_genes"], model.topic_genes)
    np.testing.assert_array_equal(got.arrays["decoder"], adata.varm["sce2tm_decoder"])
    loss = got.arrays["history"][:, meta["terms"].index("loss")]
    np.testing.assert_array_equal(loss, model.history["loss"])
    assert meta["external"] == {"name": "view", "width": 4}
    assert meta["topics"] == ["topic_1", "topic_2", "topic_3"]


def test_the_model_comes_as_bytes_that_load(counts, tmp_path):
    got = answer(request(counts), blocks(counts, [40]), None, lambda event: None)
    path = tmp_path / "model.safetensors"
    path.write_bytes(got.arrays["model"].tobytes())
    np.testing.assert_array_equal(SCE2TM.load(path).topic_genes, got.arrays["topic_genes"])


def test_features_are_the_genes(counts):
    text = request(counts, features=["g9", "g2", "g4", "g5", "g6"])
    got = answer(text, blocks(counts, [40]), None, lambda event: None)
    assert json.loads(got.meta)["genes"] == ["g2", "g4", "g5", "g6", "g9"]


def test_a_file_gives_what_its_cells_give(counts, tmp_path):
    names = json.loads(request(counts))
    adata = AnnData(counts.copy())
    adata.obs_names, adata.var_names = names["cells"], names["genes"]
    adata.write_h5ad(tmp_path / "cells.h5ad")
    changes = {"genes": None, "cells": None, "features": ["g2", "g4", "g5", "g6"]}
    text = request(counts, path=str(tmp_path / "cells.h5ad"), **changes)
    got = answer(text, None, None, lambda event: None)
    meta = json.loads(got.meta)
    assert meta["cells"] == names["cells"]
    assert meta["genes"] == changes["features"]
    held = answer(
        request(counts, features=changes["features"]), blocks(counts, [40]), None, lambda e: None
    )
    np.testing.assert_array_equal(got.arrays["latent"], held.arrays["latent"])


def test_a_view_of_a_files_cells_goes_by_name(counts, rng, tmp_path):
    path = tmp_path / "cells.h5ad"
    adata = AnnData(counts.copy())
    adata.obs_names = json.loads(request(counts))["cells"]
    adata.write_h5ad(path)
    view = rng.normal(size=(40, 4))
    settings = SETTINGS | {"n_neighbors": 4}

    def latent(order):
        text = request(
            counts,
            path=str(path),
            settings=settings,
            external_cells=[adata.obs_names[i] for i in order],
        )
        return answer(text, None, view[order], lambda event: None).arrays["latent"]

    np.testing.assert_array_equal(latent(np.arange(40)), latent(rng.permutation(40)))


def test_features_that_are_no_genes_are_named(counts):
    text = request(counts, features=["g9", "nix"])
    meta = json.loads(answer(text, blocks(counts, [40]), None, lambda event: None).meta)
    assert meta["error"]["classes"][0] == "InputError"
    assert "1 of 2 features are no genes of these cells: 'nix'" in meta["error"]["message"]


def test_a_resumed_run_gives_all_in_the_same_order(counts, tmp_path):
    saved = SETTINGS | {"checkpoint": str(tmp_path / "run"), "checkpoint_minutes": 0}
    answer(request(counts, settings=saved), blocks(counts, [40]), None, lambda event: None)
    resumed = answer(
        request(counts, settings=saved, resume=True), blocks(counts, [40]), None, lambda e: None
    )
    whole = answer(request(counts), blocks(counts, [40]), None, lambda event: None)
    assert json.loads(resumed.meta)["terms"] == json.loads(whole.meta)["terms"]
    for name in whole.arrays.keys() - {"model"}:
        np.testing.assert_array_equal(resumed.arrays[name], whole.arrays[name])


def test_an_interrupt_goes_through_and_does_not_call_r(counts, tmp_path):
    said = []

    def interrupt(event):
        said.append(event)
        if "step" in json.loads(event):
            raise KeyboardInterrupt

    saved = SETTINGS | {"checkpoint": str(tmp_path / "run"), "checkpoint_minutes": 0}
    with pytest.raises(KeyboardInterrupt):
        answer(request(counts, settings=saved), blocks(counts, [40]), None, interrupt)
    assert "step" in json.loads(said[-1])


def test_events_tell_the_epochs_and_the_log(counts):
    events = []
    answer(request(counts), blocks(counts, [40]), None, lambda e: events.append(json.loads(e)))
    steps = [event for event in events if "step" in event]
    assert len(steps) == 2
    assert steps[-1]["step"] == steps[-1]["total"]
    assert any("Training on 40 cells" in event.get("log", "") for event in events)


def test_an_error_is_carried_with_its_classes(counts):
    text = request(counts, settings={"n_topics": 1})
    meta = json.loads(answer(text, blocks(counts, [40]), None, lambda event: None).meta)
    assert meta["error"]["classes"] == ["InputError", "SCE2TMError", "ValueError", "Exception"]
    assert "n_topics=1" in meta["error"]["message"]


def test_a_fit_without_cells_is_an_error(counts):
    meta = json.loads(answer(request(counts), None, None, lambda event: None).meta)
    assert "cells is None" in meta["error"]["message"]


def test_warnings_for_the_user_are_carried_and_others_are_not(counts, monkeypatch):
    def noisy(*args):
        warnings.warn("look at this", UserWarning, stacklevel=1)
        warnings.warn("will change", FutureWarning, stacklevel=1)
        return {}, {}

    monkeypatch.setattr(bridge, "_fit", noisy)
    meta = json.loads(answer(request(counts), blocks(counts, [40]), None, print).meta)
    assert meta["warnings"] == ["look at this"]


def test_the_logger_is_left_as_it_was(counts):
    logger = logging.getLogger("sce2tm")
    before = (logger.level, list(logger.handlers))
    answer(request(counts), blocks(counts, [40]), None, lambda event: None)
    assert (logger.level, logger.handlers) == before


def test_the_example_comes_in_codes_and_levels():
    got = answer('{"task": "example"}', None, None, lambda event: None)
    meta = json.loads(got.meta)
    assert len(meta["cells"]) == 2800
    assert len(got.arrays["pointers"]) == 2801
    assert meta["levels"]["condition"] == ["CTRL", "STIM"]
    assert set(np.unique(got.arrays["obs_condition"])) == {0, 1}
    assert got.arrays["obs_n_counts"].dtype == np.float64
