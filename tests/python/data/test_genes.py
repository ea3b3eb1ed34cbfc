import anndata
import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm.data.genes import learn_genes
from sce2tm.errors import InputError
from sce2tm.train.config import configure


@pytest.fixture
def adata(rng):
    cells = AnnData(sparse.csr_matrix(rng.poisson(2.0, size=(40, 30)).astype("float32")))
    cells.var_names = [f"gene{i}" for i in range(30)]
    return cells


def config(**changes):
    return configure("default", n_topics=3, n_genes=12, n_components=4, **changes)


def read(genes, adata):
    parts, absent = genes.read(adata, None, "auto")
    return sparse.vstack([block for _, block in parts]).toarray(), absent


def test_library_size_is_over_all_genes(adata):
    genes, lognorm = learn_genes(adata, config())
    totals = adata.X.sum(1).A1
    columns = [adata.var_names.get_loc(name) for name in genes.gene_names]
    expected = np.log1p(1e4 * adata.X.toarray()[:, columns] / totals[:, None])
    np.testing.assert_allclose(lognorm.toarray(), expected, rtol=1e-5)
    assert len(genes.gene_names) == 12


def test_the_callers_matrix_is_not_changed(adata):
    before = adata.X.copy()
    learn_genes(adata, config())
    assert (before != adata.X).nnz == 0
    assert list(adata.var.columns) == []


def test_training_cells_come_out_the_same_again_in_any_gene_order(adata):
    genes, lognorm = learn_genes(adata, config())
    again, absent = read(genes, adata[:, ::-1].copy())
    np.testing.assert_array_equal(again, lognorm.toarray())
    assert not absent.any()


def test_missing_genes_are_reported_and_too_many_refused(adata):
    genes, _ = learn_genes(adata, config())
    some, most = genes.gene_names[:2], genes.gene_names[:9]
    with pytest.warns(UserWarning, match=f"2 of the model's 12 genes are absent.*'{some[0]}'"):
        _, absent = read(genes, adata[:, ~adata.var_names.isin(some)].copy())
    assert absent.tolist() == [True, True, *[False] * 10]
    with pytest.raises(InputError, match="9 of the model's 12 genes are absent.*same species"):
        read(genes, adata[:, ~adata.var_names.isin(most)].copy())


def test_other_kind_of_values_is_refused(adata):
    genes, _ = learn_genes(adata, config())
    logs = adata.copy()
    logs.X = np.log1p(logs.X)
    with pytest.raises(InputError, match="hold log-normalised values.*trained on counts"):
        read(genes, logs)


def test_log_normalised_values_are_taken_as_they_are(adata):
    adata.X = np.log1p(adata.X)
    genes, lognorm = learn_genes(adata, config())
    assert genes.values == "lognorm"
    np.testing.assert_array_equal(lognorm.toarray(), adata[:, list(genes.gene_names)].X.toarray())


def test_more_topics_than_genes_and_a_single_cell_are_refused(adata):
    with pytest.raises(InputError, match="n_topics=13 is more than the 12 genes"):
        learn_genes(adata, configure("default", n_topics=13, n_genes=12))
    with pytest.raises(InputError, match="holds 1 cell"):
        learn_genes(adata[:1].copy(), config())


def test_some_cells_are_what_they_are_among_all(adata, monkeypatch):
    monkeypatch.setattr("sce2tm.data.blocks.ROWS", 7)
    drawn = np.array([0, 6, 7, 30, 39])  # none of the rows 14 to 27
    every, lognorm = learn_genes(adata, config())
    genes, some = learn_genes(adata, config(), drawn)
    assert genes.gene_names == every.gene_names
    np.testing.assert_array_equal(some.toarray(), lognorm[drawn].toarray())
    np.testing.assert_allclose(genes.components.mean, lognorm[drawn].mean(axis=0).A1, rtol=1e-6)


def test_blocks_of_a_file_give_the_same_as_memory(adata, tmp_path, monkeypatch):
    monkeypatch.setattr("sce2tm.data.blocks.ROWS", 7)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    for one, two in zip(learn_genes(adata, config()), learn_genes(backed, config()), strict=True):
        if sparse.issparse(one):
            assert (one != two).nnz == 0
        else:
            assert one.gene_names == two.gene_names
            np.testing.assert_array_equal(one.components.axes, two.components.axes)
    backed.file.close()
