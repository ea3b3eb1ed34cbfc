import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from sklearn.decomposition import PCA

from sce2tm.errors import InputError
from sce2tm.external import leading_components, resolve

VIEW = np.arange(12.0).reshape(4, 3)


@pytest.fixture
def adata():
    cells = AnnData(np.ones((4, 2)), obsm={"X_view": VIEW})
    cells.obs_names = list("abcd")
    return cells


@pytest.fixture
def table():
    return pd.DataFrame(VIEW, index=list("abcd"))


def test_obsm_array_and_table_agree(adata, table):
    shuffled = pd.concat([table.iloc[[2, 0, 3, 1]], table.iloc[[0]].set_axis(["extra"])])
    for external in ("X_view", VIEW, shuffled):
        np.testing.assert_array_equal(resolve(external, adata).values, VIEW)


@pytest.mark.parametrize("name", ["view.csv", "view.tsv"])
def test_files_are_aligned_by_cell_name(adata, table, tmp_path, name):
    table.iloc[::-1].to_csv(tmp_path / name, sep="," if name.endswith("csv") else "\t")
    view = resolve(tmp_path / name, adata)
    np.testing.assert_array_equal(view.values, VIEW)
    assert view.name.endswith(name)
    np.testing.assert_array_equal(resolve(str(tmp_path / name), adata).values, VIEW)


def test_none_and_an_absent_default_mean_no_view(adata, caplog):
    assert resolve(None, adata) is None
    with caplog.at_level("INFO", logger="sce2tm"):
        assert resolve("X_scGPT", adata) is None
    assert "training without one" in caplog.text


def test_rows_that_do_not_fit_are_named(adata, table, tmp_path):
    with pytest.raises(InputError, match=r"external='X_other' is not in adata.obsm.*X_view"):
        resolve("X_other", adata)
    with pytest.raises(InputError, match=r"shape \(3, 3\), but there are 4 cells"):
        resolve(VIEW[:3], adata)
    with pytest.raises(InputError, match=r"no row for 2 of 4 cells: 'b', 'd'"):
        resolve(table.loc[["a", "c"]], adata)
    with pytest.raises(InputError, match="1 repeated names: 'a'"):
        resolve(table.iloc[[0, 0, 1, 2, 3]], adata)
    with pytest.raises(InputError, match="does not exist"):
        resolve(tmp_path / "absent.csv", adata)
    adata.obs_names = list("aacd")
    with pytest.raises(InputError, match="obs_names_make_unique"):
        resolve(table, adata)


def test_values_that_cannot_guide_are_named(adata):
    holes = VIEW.copy()
    holes[1, 1], holes[3, 0] = np.nan, np.inf
    with pytest.raises(InputError, match="2 NaN or infinite values, in 2 of 4 cells"):
        resolve(holes, adata)
    with pytest.raises(InputError, match="2 columns, and none differs"):
        resolve(np.ones((4, 2)), adata)
    with pytest.raises(InputError, match="other than numbers"):
        resolve(np.full((4, 2), "x"), adata)


def test_constant_columns_are_left_out_with_a_warning(adata):
    with pytest.warns(UserWarning, match="1 constant columns of 4"):
        view = resolve(np.column_stack([VIEW, np.ones(4)]), adata)
    np.testing.assert_array_equal(view.values, VIEW)


def test_leading_components_are_the_widest_directions(rng):
    spread = np.array([9.0, 0.01, 4.0, 0.02, 1.0])
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    hidden = rng.normal(size=(500, 5)) * spread
    view = (hidden @ turn + 7).astype("float32")
    found = leading_components(view, 3)
    expected = PCA(3).fit_transform(view)
    for one, two in zip(found.T, expected.T, strict=True):
        assert abs(np.corrcoef(one, two)[0, 1]) > 0.9999
    np.testing.assert_allclose(found.std(0), expected.std(0), rtol=1e-4)


@pytest.mark.parametrize("n_components", [0, 5, 9])
def test_a_view_that_is_narrow_enough_stays_itself(rng, n_components):
    view = rng.normal(size=(6, 5)).astype("float32")
    assert leading_components(view, n_components) is view
