"""Decoding from the container is decoding with the model."""

import anndata
import numpy as np
import pytest

from sce2tm import SCE2TM, InputError, results
from simulate import planted_topics


@pytest.fixture(scope="module")
def fitted():
    cells = planted_topics(n_cells=90, n_groups=3, n_markers=10, n_genes=80).adata
    model = SCE2TM(4, None, epochs=5, n_genes=60, progress=False).fit(cells)
    model.annotate(cells)
    return model, cells


def test_equal_to_the_model(fitted, tmp_path):
    model, cells = fitted
    theta = cells.obsm["sce2tm_theta"]
    decoder = results.decoder(cells)
    expected = model.decode(theta, genes=list(decoder.weights.index))
    np.testing.assert_allclose(decoder.shares(theta), expected, rtol=1e-4, atol=1e-6)
    assert decoder.shares(theta).sum(axis=1) == pytest.approx(1, abs=1e-5)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    again = results.decoder(anndata.read_h5ad(tmp_path / "cells.h5ad"))
    np.testing.assert_array_equal(again.shares(theta), decoder.shares(theta))


def test_genes_that_the_model_did_not_see_have_none(fitted):
    _, cells = fitted
    unseen = np.isnan(cells.varm["sce2tm_topic_genes"]).any(axis=1)
    assert unseen.sum() == 20
    np.testing.assert_array_equal(np.isnan(cells.varm["sce2tm_decoder"]).all(axis=1), unseen)


def test_results_without_it_say_what_to_do(fitted):
    cells = fitted[1].copy()
    del cells.varm["sce2tm_decoder"]
    with pytest.raises(InputError, match=r"model\.annotate\(adata\).*or fit again"):
        results.decoder(cells)
