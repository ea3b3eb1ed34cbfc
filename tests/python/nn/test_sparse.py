from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy import sparse

from sce2tm.data import loader
from sce2tm.data.loader import encoder_rows, row_sums, sparse_rows
from sce2tm.nn.sparse import BagRows, SparseLinear, SparseRows, sparse_product

CPU = torch.device("cpu")


@pytest.fixture
def matrix():
    """Rows and columns without any entry among them."""
    full = sparse.random(7, 9, 0.4, format="csr", dtype="float64", random_state=1).toarray()
    full[2], full[:, 4], full[6] = 0, 0, 0
    return sparse.csr_matrix(full)


def on_cpu(matrix):
    return sparse_rows(matrix, row_sums(matrix), CPU)


@pytest.fixture(params=[1, 3])
def n_threads(request, monkeypatch):
    """As many blocks of rows are transposed, however few they are."""
    monkeypatch.setattr(loader, "_ENOUGH", 1)
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.usefixtures("n_threads")
@pytest.mark.parametrize("form", ["bags", "rows"])
def test_product_and_gradient_are_those_of_the_dense_matrix(matrix, form, rng):
    weight = torch.tensor(rng.normal(size=(9, 3)), requires_grad=True)
    upstream = torch.tensor(rng.normal(size=(7, 3)))
    with ThreadPoolExecutor() as helpers:
        rows = encoder_rows(matrix, CPU, helpers) if form == "bags" else on_cpu(matrix)
    assert isinstance(rows, BagRows if form == "bags" else SparseRows)
    product = sparse_product(rows, weight)
    product.backward(upstream)
    dense = torch.tensor(matrix.toarray())
    torch.testing.assert_close(product.detach(), dense @ weight.detach())
    torch.testing.assert_close(weight.grad, dense.T @ upstream)


def test_totals_and_positions(matrix):
    rows = on_cpu(matrix)
    np.testing.assert_allclose(rows.totals.numpy(), matrix.sum(1).A1)
    flat = np.zeros(63)
    flat[rows.positions.numpy()] = rows.values.numpy()
    np.testing.assert_array_equal(flat.reshape(7, 9), matrix.toarray())


def test_rows_of_many_entries_are_multiplied_dense():
    crowd, few = sparse.csr_matrix(np.ones((3, 4))), sparse.eye(4, format="csr")
    np.testing.assert_array_equal(encoder_rows(crowd, CPU), crowd.toarray())
    assert isinstance(encoder_rows(few, CPU), BagRows)


def test_layer_has_the_range_of_a_linear_one():
    layer = SparseLinear(50, 400, torch.Generator().manual_seed(0))
    assert layer.weight.detach().abs().max() <= 50**-0.5
    assert layer.weight.detach().std().item() == pytest.approx((50 * 3) ** -0.5, rel=0.02)
