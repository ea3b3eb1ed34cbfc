import numpy as np
import pytest
from scipy import sparse

from sce2tm.data import components as module
from sce2tm.data.components import components
from sce2tm.errors import InputError


@pytest.fixture
def lognorm(rng):
    """Cells in two groups, log-normalised."""
    means = np.tile(np.linspace(2, 6, 400), (200, 1))
    means[:100, :50] *= 3
    return sparse.csr_matrix(np.log1p(rng.poisson(means)).astype("float32"))


def test_components_are_those_of_a_dense_decomposition(lognorm):
    dense = lognorm.toarray().astype("float64")
    centred = dense - dense.mean(0)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    scores = left[:, :5] * size[:5]
    axes = components(lognorm, 5, seed=0)
    ours = axes.project(lognorm)
    np.testing.assert_allclose(np.abs(ours), np.abs(scores) / scores[:, 0].std(), atol=2e-3)
    assert ours[:, 0].std() == pytest.approx(1, abs=1e-4)


def test_no_more_components_than_there_can_be(lognorm):
    assert components(lognorm[:4], 50, seed=0).axes.shape == (400, 3)


def test_absent_genes_are_taken_at_their_mean(lognorm):
    axes = components(lognorm, 3, seed=0)
    absent = np.arange(400) < 2
    filled = lognorm.toarray()
    filled[:, absent] = axes.mean[absent]
    emptied = lognorm.toarray()
    emptied[:, absent] = 0
    np.testing.assert_allclose(
        axes.project(sparse.csr_matrix(emptied), absent),
        axes.project(sparse.csr_matrix(filled)),
        atol=1e-4,
    )


def test_equal_cells_are_refused():
    with pytest.raises(InputError, match="all 4 cells have the same values in the 3 genes"):
        components(sparse.csr_matrix(np.ones((4, 3), "float32")), 2, seed=0)


def test_cells_that_differ_late_are_told_apart(monkeypatch):
    cells = np.ones((9, 3), "float32")
    cells[8, 1] = 2
    monkeypatch.setattr(module, "_BLOCK", 4)
    axes = components(sparse.csr_matrix(cells), 1, seed=0)
    np.testing.assert_allclose(axes.axes.ravel(), [0, 1, 0], atol=1e-6)


def test_the_covariance_gives_the_same_components(lognorm, monkeypatch):
    by_arpack = components(lognorm, 5, seed=0)
    monkeypatch.setattr(module, "ITERATE_UP_TO", 100)
    by_covariance = components(lognorm, 5, seed=0)
    assert by_covariance.axes.tobytes() != by_arpack.axes.tobytes()
    np.testing.assert_allclose(by_covariance.mean, by_arpack.mean, rtol=1e-5)
    assert by_covariance.scale == pytest.approx(by_arpack.scale, rel=1e-4)
    one, two = by_covariance.project(lognorm), by_arpack.project(lognorm)
    np.testing.assert_allclose(np.abs(one[:, 0]), np.abs(two[:, 0]), atol=1e-3)
    # the others are noise of nearly equal size: the space is the same where the axes are not
    np.testing.assert_allclose((one**2).sum(0), (two**2).sum(0), rtol=1e-3)


def test_many_cells_of_few_genes_take_the_covariance(lognorm, monkeypatch):
    def refused(*_):
        raise AssertionError("went through all entries, many times")

    monkeypatch.setattr(module, "_from_products", refused)
    assert components(lognorm[:, :50], 3, seed=0).axes.shape == (50, 3)
    with pytest.raises(AssertionError):
        components(lognorm, 3, seed=0)
