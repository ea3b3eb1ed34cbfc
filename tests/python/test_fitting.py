"""How the cells are made ready to be trained on."""

import numpy as np
import pytest
from scipy import sparse

from sce2tm.data.batches import TrainingCells
from sce2tm.external import ExternalView
from sce2tm.fitting import _with_view
from sce2tm.train.config import configure


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
