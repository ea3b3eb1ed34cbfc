"""Bulk samples of planted groups get the topics of these groups."""

import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm import SCE2TM, InputError
from sce2tm.tl import bulk_scores
from simulate import planted_topics


@pytest.fixture(scope="module")
def planted():
    return planted_topics(n_cells=300, n_groups=3, n_markers=25, n_genes=150).adata


@pytest.fixture(scope="module")
def model(planted):
    return SCE2TM(6, None, epochs=60, progress=False).fit(planted)


@pytest.fixture(scope="module")
def samples(planted):
    """Sums of 90 cells, from none to all of the first group."""
    codes = planted.obs["group"].cat.codes.to_numpy()
    counts = []
    for share in np.linspace(0, 1, 7):
        n = int(90 * share)
        cells = [*np.flatnonzero(codes == 0)[:n], *np.flatnonzero(codes == 1)[: 90 - n]]
        counts.append(np.asarray(planted.X[cells].sum(axis=0)).ravel())
    bulk = AnnData(sparse.csr_matrix(np.array(counts), dtype=np.float32), var=planted.var[[]])
    bulk.obs_names = [f"sample{i}" for i in range(7)]
    return bulk


def test_scores_follow_the_share_of_cells(planted, model, samples):
    scores = bulk_scores(samples, model)
    assert list(scores.index) == list(samples.obs_names)
    assert list(scores.columns) == model.topic_names
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    theta = model.transform(planted).theta
    codes = planted.obs["group"].cat.codes.to_numpy()
    own = (theta[codes == 0].mean(axis=0) - theta[codes == 1].mean(axis=0)).argmax()
    assert np.corrcoef(scores.iloc[:, own], np.linspace(0, 1, 7))[0, 1] > 0.9


@pytest.mark.parametrize(("values", "log"), [("log2", np.log2), ("log1p", np.log)])
def test_logs_give_what_their_counts_give(model, samples, values, log):
    logged = samples.copy()
    logged.X.data = log(logged.X.data + 1)
    before = logged.X.copy()
    np.testing.assert_allclose(
        bulk_scores(logged, model, values), bulk_scores(samples, model), atol=1e-4
    )
    assert abs(logged.X - before).max() == 0


def test_a_model_of_logs_gets_logs(planted, samples):
    logs = planted.copy()
    totals = np.asarray(planted.X.sum(axis=1)).ravel()
    logs.X = planted.X.multiply(1e4 / totals[:, None]).log1p().tocsr().astype(np.float32)
    of_logs = SCE2TM(3, None, epochs=1, progress=False).fit(logs)
    of_counts = SCE2TM(3, None, epochs=1, progress=False).fit(planted)
    np.testing.assert_allclose(
        bulk_scores(samples, of_logs), bulk_scores(samples, of_counts), atol=1e-3
    )


def test_layers_are_read(model, samples):
    other = samples.copy()
    other.layers["counts"] = other.X.copy()
    other.X = other.X * 0
    np.testing.assert_array_equal(
        bulk_scores(other, model, layer="counts"), bulk_scores(samples, model)
    )


def test_what_cannot_be(model, samples):
    logged = samples.copy()
    logged.X.data = np.log2(logged.X.data + 1)
    with pytest.raises(InputError, match="Say values='log2' or values='log1p'"):
        bulk_scores(logged, model)
    with pytest.raises(InputError, match="no logarithm of expression reaches"):
        bulk_scores(samples, model, "log2")
    with pytest.raises(InputError, match="values='tpm' is unknown"):
        bulk_scores(samples, model, "tpm")
