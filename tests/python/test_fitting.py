"""How the cells are made ready to be trained on."""

import anndata
import numpy as np
import pytest
import torch
from anndata import AnnData
from scipy import sparse

from sce2tm.data.batches import TrainingCells
from sce2tm.external import ExternalView
from sce2tm.fitting import _with_view, fit
from sce2tm.train.config import configure
from sce2tm.train.loop import train


@pytest.mark.parametrize("encoder_input", ["components", "genes"])
def test_cells_held_out_are_nobodys_neighbours(rng, encoder_input):
    config = configure("default", encoder_input=encoder_input, n_neighbors=4)
    held_out = np.array([0, 3, 17])
    cells = TrainingCells(
        sparse.random(40, 9, 0.7, format="csr", dtype="float32", random_state=0),
        rng.normal(size=(40, 5)).astype("float32"),
        reads_genes=encoder_input == "genes",
        held_out=held_out,
    )
    view = ExternalView("view", rng.normal(size=(40, 3)).astype("float32"))
    found = _with_view(cells, view, config)
    for near in (found.near_cells, found.near_external):
        assert not np.isin(near.table[cells.training], held_out).any()
        assert (near.counts[cells.training] >= 1).all()
        assert (near.counts[held_out] == 0).all()


@pytest.fixture
def many(rng):
    """More cells than 400 steps of two see; the view says which is which."""
    counts = rng.poisson(1.0, (1100, 12)).astype("float32")
    counts[:, 0] = 1  # no cell is empty
    adata = AnnData(sparse.csr_matrix(counts))
    adata.var["highly_variable"] = True
    numbers = np.column_stack([np.arange(1100), rng.normal(size=1100)])
    return adata, ExternalView("numbers", numbers.astype("float32"))


def fitted(adata, view, monkeypatch):
    """Weights after training, and the cells that it saw."""
    seen = []

    def watched(run, cells, *rest, **others):
        seen.append(cells)
        return train(run, cells, *rest, **others)

    monkeypatch.setattr("sce2tm.fitting.train", watched)
    config = configure("default", n_topics=3, n_components=4, batch_size=2)
    state = fit(adata, view, config, torch.device("cpu"), progress=False)
    return {name: x.numpy() for name, x in state.module.state_dict().items()}, seen[0]


def test_many_cells_are_drawn_from_and_nothing_else_of_them_counts(many, monkeypatch):
    adata, view = many
    weights, cells = fitted(adata, view, monkeypatch)
    rows = cells.external[:, 0].astype(int)
    assert cells.n_cells == len(np.unique(rows)) == 800
    assert 350 < (rows < 550).sum() < 450
    # the model of these cells alone
    alone = ExternalView("some", view.values[rows])
    again, same = fitted(adata[rows].copy(), alone, monkeypatch)
    assert (same.target != cells.target).nnz == 0
    for name, array in weights.items():
        np.testing.assert_array_equal(again[name], array, name)


def test_cells_drawn_from_a_file_are_those_drawn_from_memory(many, monkeypatch, tmp_path):
    adata, view = many
    weights, _ = fitted(adata, view, monkeypatch)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    again, _ = fitted(backed, view, monkeypatch)
    backed.file.close()
    for name, array in weights.items():
        np.testing.assert_array_equal(again[name], array, name)
