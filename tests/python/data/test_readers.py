import gzip

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import io, sparse

from sce2tm.data.readers import read
from sce2tm.errors import InputError
from stores import write_zarr

COUNTS = np.array([[0, 2, 0], [1, 0, 3]], dtype="float32")
CELLS, GENES = ["AAA-1", "CCC-1"], ["HLA-A", "B2M", "CD3E"]


def check(adata):
    assert sparse.issparse(adata.X)
    np.testing.assert_array_equal(adata.X.toarray(), COUNTS)
    assert list(adata.obs_names) == CELLS
    assert list(adata.var_names) == GENES


@pytest.fixture
def table():
    return pd.DataFrame(COUNTS.astype(int), index=CELLS, columns=GENES)


def test_h5ad(tmp_path, table):
    AnnData(sparse.csr_matrix(COUNTS), obs=table[[]], var=table.T[[]]).write_h5ad(
        tmp_path / "a.h5ad"
    )
    check(read(tmp_path / "a.h5ad"))


def test_zarr(tmp_path, table):
    adata = AnnData(sparse.csr_matrix(COUNTS), obs=table[[]], var=table.T[[]])
    write_zarr(adata, tmp_path / "a.zarr")
    check(read(tmp_path / "a.zarr"))


@pytest.mark.parametrize(("name", "sep"), [("a.csv", ","), ("a.tsv", "\t"), ("a.csv.gz", ",")])
def test_text(tmp_path, table, name, sep):
    table.to_csv(tmp_path / name, sep=sep)
    check(read(str(tmp_path / name)))


def test_tenx_h5(tmp_path):
    by_cell = sparse.csr_matrix(COUNTS)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("matrix")
        group["barcodes"] = np.array(CELLS, "S")
        group["data"], group["indices"] = by_cell.data.astype("int32"), by_cell.indices
        group["indptr"], group["shape"] = by_cell.indptr, np.array([3, 2])
        features = group.create_group("features")
        features["id"] = np.array(["E1", "E2", "E3"], "S")
        features["name"] = np.array(GENES, "S")
        features["feature_type"] = np.array(["Gene Expression"] * 3, "S")
        features["genome"] = np.array(["GRCh38"] * 3, "S")
    check(read(tmp_path / "a.h5"))


def test_mtx_folder(tmp_path):
    with gzip.open(tmp_path / "matrix.mtx.gz", "wb") as file:
        io.mmwrite(file, sparse.coo_matrix(COUNTS.T.astype(int)))
    features = "".join(f"E{i}\t{gene}\tGene Expression\n" for i, gene in enumerate(GENES))
    (tmp_path / "features.tsv.gz").write_bytes(gzip.compress(features.encode()))
    (tmp_path / "barcodes.tsv.gz").write_bytes(gzip.compress("\n".join(CELLS).encode()))
    check(read(tmp_path))


def test_rubbish_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent.h5ad' does not exist"):
        read(tmp_path / "absent.h5ad")
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(InputError, match=r"a.docx' is of no known kind.*\.h5ad"):
        read(tmp_path / "a.docx")
    (tmp_path / "a.h5ad").write_text("not HDF5")
    with pytest.raises(InputError, match=r"a.h5ad' cannot be read: it is no HDF5 file"):
        read(tmp_path / "a.h5ad")
    (tmp_path / "a.csv").write_text("cell,B2M\nAAA-1,1\nCCC-1,two\n")
    with pytest.raises(InputError, match=r"a.csv' cannot be read.*two"):
        read(tmp_path / "a.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty' cannot be read"):
        read(tmp_path / "empty")


def test_a_file_cut_short_is_named(tmp_path):
    path = tmp_path / "a.h5ad"
    AnnData(sparse.random(200, 50, 0.5, format="csr", random_state=0)).write_h5ad(path)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(InputError, match="cannot be read"):
        read(path)
