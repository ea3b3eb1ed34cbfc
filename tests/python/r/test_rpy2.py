"""Cells go to R and come back whole, whoever fitted them."""

import doctest
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from sce2tm import SCE2TM, outputs, tl
from sce2tm.errors import InputError
from sce2tm.r.rpy2 import from_sce, to_sce

ARRAYS = {
    "obsm": ["X_sce2tm", "sce2tm_theta"],
    "varm": ["sce2tm_topic_genes", "sce2tm_gene_embedding", "sce2tm_decoder"],
}

RUN = """
function(x) RunSCE2TM(x, {}, n.topics = 3, epochs = 1, n.threads = 1, verbose = FALSE)
"""

pytestmark = pytest.mark.usefixtures("ro")


def test_python_to_r_and_back_loses_no_bit(fitted, returned):
    for slot, keys in ARRAYS.items():
        for key in keys:
            there, back = getattr(fitted, slot)[key], getattr(returned, slot)[key]
            assert back.dtype == there.dtype
            np.testing.assert_array_equal(back, there)
    one, two = fitted.uns["sce2tm"], returned.uns["sce2tm"]
    assert two.keys() == one.keys()
    for name, values in one["history"].items():
        np.testing.assert_array_equal(two["history"][name], values, strict=True)
    np.testing.assert_array_equal(two["topic_embedding"], one["topic_embedding"], strict=True)
    np.testing.assert_array_equal(two["topic_names"], one["topic_names"], strict=True)
    for key in ("params", "external", "versions", "schema_version"):
        assert two[key] == one[key]
    assert (returned.X != fitted.X).nnz == 0
    pd.testing.assert_frame_equal(returned.obs, fitted.obs, check_dtype=False)  # whole numbers
    pd.testing.assert_frame_equal(returned.var, fitted.var)
    np.testing.assert_array_equal(returned.obsm["X_umap"], fitted.obsm["X_umap"])


def test_a_fit_in_r_is_that_of_python_under_its_names(fitted, by_r):
    for slot, keys in ARRAYS.items():
        for key in keys:
            there, here = getattr(by_r, slot)[key], getattr(fitted, slot)[key]
            assert there.dtype == here.dtype
            np.testing.assert_allclose(there, here, atol=1e-6)
    one, two = fitted.uns["sce2tm"], by_r.uns["sce2tm"]
    assert two.keys() - one.keys() == {"model"}
    assert two["params"] == one["params"]
    assert two["external"] == one["external"]
    assert list(two["topic_names"]) == list(one["topic_names"])
    assert two["history"].keys() == one["history"].keys()
    np.testing.assert_allclose(two["history"]["loss"], one["history"]["loss"], rtol=1e-6)


def test_r_reads_what_python_found(ro, package, fitted):
    there = to_sce(fitted)
    theta = ro.r("TopicProportions")(there)
    np.testing.assert_array_equal(np.array(theta), fitted.obsm["sce2tm_theta"])
    assert list(theta.rownames) == list(fitted.obs_names)
    top = ro.r("function(x) TopicGenes(x, 3)$gene")(there)
    assert list(top) == list(tl.top_genes(fitted, 3)["gene"])
    names = "function(x) c(names(TopicFit(x)), class(PlotTopicLoss(x))[1])"
    assert {"decoder", "history", "params"} < set(ro.r(names)(there))
    assert "5 topics" in ro.r("function(x) capture.output(TopicFit(x))")(there)[0]


def test_a_fit_of_r_goes_back_to_r_as_it_was(ro, sce, by_r):
    same = ro.r("""function(a, b) {
      by_name <- function(x) if (is.list(x)) lapply(x[order(names(x))], by_name) else x
      all.equal(by_name(TopicFit(a)), by_name(TopicFit(b)))
    }""")
    assert list(same(sce, to_sce(by_r))) == [True]


def test_the_model_of_r_serves_python(by_r, cells, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(by_r.uns["sce2tm"]["model"].tobytes())
    model = SCE2TM.load(path)
    theta = model.transform(cells).theta
    np.testing.assert_allclose(theta, by_r.obsm["sce2tm_theta"], atol=1e-5)
    bulk = AnnData(np.asarray(cells.X[:90].toarray()).reshape(3, 30, -1).sum(axis=1))
    bulk.var_names = cells.var_names
    assert tl.bulk_scores(bulk, model).shape == (3, 5)


def test_what_h5ad_reads_is_what_was_written(by_r, tmp_path):
    outputs.write_h5ad(by_r, tmp_path / "cells.h5ad")
    back = anndata.read_h5ad(tmp_path / "cells.h5ad")
    np.testing.assert_array_equal(back.uns["sce2tm"]["model"], by_r.uns["sce2tm"]["model"])
    pd.testing.assert_frame_equal(back.obs, by_r.obs)
    assert np.asarray(to_sce(back)).size == 1


def test_cells_without_results_and_of_any_storage_go_and_come(cells, fitted, tmp_path):
    plain = from_sce(to_sce(cells))
    assert "sce2tm" not in plain.uns
    assert "X_sce2tm" not in plain.obsm
    part = fitted[5:20, ::2]
    np.testing.assert_array_equal(
        from_sce(to_sce(part)).varm["sce2tm_decoder"], part.varm["sce2tm_decoder"]
    )
    fitted.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert (from_sce(to_sce(backed)).X != fitted.X).nnz == 0
    backed.file.close()
    empty = AnnData(obs=cells.obs, var=cells.var)
    assert from_sce(to_sce(empty)).X is None


def test_the_first_assay_keeps_its_name(ro, cells):
    adata = AnnData(cells.X, layers={"logs": cells.X.log1p()}, uns={"X_name": "counts"})
    there = to_sce(adata)
    assert list(ro.r("SummarizedExperiment::assayNames")(there)) == ["counts", "logs"]
    back = from_sce(there)
    assert back.uns == {"X_name": "counts"}
    np.testing.assert_array_equal(back.layers["logs"].data, adata.layers["logs"].data)


def test_a_fit_of_another_assay_is_that_of_a_layer(ro, package, cells):
    adata = AnnData(cells.X.log1p(), cells.obs, cells.var, layers={"counts": cells.X})
    there = ro.r(RUN.format("name = 'TM'"))(to_sce(adata))
    back = from_sce(there, name="TM")
    assert back.uns["sce2tm"]["params"]["layer"] == "counts"
    adata.layers["counts"] = cells.X
    model = SCE2TM(3, epochs=1, n_threads=1, layer="counts", progress=False).fit(adata)
    model.annotate(adata)
    one, two = (tl.perturb(a, "topic_1").genes for a in (adata, back))
    pd.testing.assert_frame_equal(one, two, rtol=1e-3, atol=1e-5)
    # and the layer is told to R again
    assert ro.r("function(x) TopicFit(x)$params$layer")(to_sce(back))[0] == "counts"


def test_what_r_did_with_cells_and_genes_since_is_followed(ro, sce, by_r):
    some = from_sce(ro.r("function(x) x[c(9, 200, 2), c(7, 3, 100)]")(sce))
    same = by_r[[6, 2, 99], [8, 199, 1]]
    for slot, keys in ARRAYS.items():
        for key in keys:
            np.testing.assert_array_equal(getattr(some, slot)[key], getattr(same, slot)[key])
    renamed = ro.r("function(x) { colnames(x) <- paste0('x', colnames(x)); x }")(sce)
    with pytest.raises(InputError, match="200 of 200 cells are unknown to the topic model"):
        from_sce(renamed)


def test_a_linear_embedding_is_read(ro, package, cells, by_r):
    run = RUN.format("'X', linear.embedding = {}")
    one, two = (from_sce(ro.r(run.format(said))(to_sce(cells))) for said in ("TRUE", "FALSE"))
    np.testing.assert_array_equal(one.obsm["X_sce2tm"], two.obsm["X_sce2tm"])


def test_seurat_users_come_by_an_assignment(ro, package, by_r, sce):
    try:
        ro.r("loadNamespace('Seurat')")
    except Exception as error:
        pytest.skip(f"R has no Seurat: {error}")
    there = ro.r("""function(x) {
      names(SummarizedExperiment::assays(x)) <- 'counts'
      object <- Seurat::as.Seurat(x, data = NULL)
      TopicFit(object) <- TopicFit(x)
      sce <- Seurat::as.SingleCellExperiment(object)
      TopicFit(sce) <- TopicFit(object)
      sce
    }""")(sce)
    back = from_sce(there)
    pd.testing.assert_frame_equal(tl.top_genes(back), tl.top_genes(by_r))


def test_averaged_runs_go_over_without_what_they_lack(ro, package, fitted):
    merged = tl.consensus_topics([fitted, fitted])
    back = from_sce(to_sce(merged))
    pd.testing.assert_frame_equal(tl.top_genes(back), tl.top_genes(merged))
    assert back.uns["sce2tm"]["n_runs"] == 2
    assert len(ro.r("function(x) TopicGenes(x, 2)$gene")(to_sce(merged))) == 10


def test_what_has_no_place_is_named(ro, fitted):
    adata = fitted.copy()
    adata.raw = adata
    adata.varm["PCs"] = np.ones((adata.n_vars, 2))
    adata.obsp["distances"] = sparse.eye(adata.n_obs, format="csr")
    adata.uns["odd"] = object()
    lost = r"varm\['PCs'\], obsp\['distances'\], raw, uns\['odd'\]"
    with pytest.warns(UserWarning, match=lost) as told:
        there = to_sce(adata)
    assert told[0].filename == __file__
    more = """function(x) {
      SingleCellExperiment::altExp(x, 'ADT') <- x[1:2, ]
      S4Vectors::metadata(x)$f <- mean
      x
    }"""
    with pytest.warns(UserWarning, match=r"altExp 'ADT', metadata 'f'"):
        back = from_sce(ro.r(more)(there))
    assert "f" not in back.uns


def test_rubbish_is_refused(ro, fitted, sce):
    with pytest.raises(InputError, match="adata='cells.h5ad' is no AnnData"):
        to_sce("cells.h5ad")
    twice = fitted.copy()
    twice.obs_names = ["a"] * twice.n_obs
    with pytest.raises(InputError, match="adata.obs_names has 1 repeated names"):
        to_sce(twice)
    with pytest.raises(InputError, match="sce is a AnnData, no SingleCellExperiment"):
        from_sce(fitted)
    with pytest.raises(InputError, match="no SingleCellExperiment that rpy2 holds"):
        from_sce(ro.r("1:3"))
    with pytest.raises(InputError, match="name='TM' names no results"):
        from_sce(sce, name="TM")


def test_the_callers_rules_and_threads_do_not_matter(ro, fitted):
    import anndata2ri
    from rpy2.robjects.conversion import localconverter

    def trip():
        return from_sce(to_sce(fitted)).varm["sce2tm_decoder"]

    with localconverter(ro.default_converter + anndata2ri.converter):
        np.testing.assert_array_equal(trip(), fitted.varm["sce2tm_decoder"])
    with ThreadPoolExecutor(1) as pool:
        np.testing.assert_array_equal(pool.submit(trip).result(), fitted.varm["sce2tm_decoder"])


def test_r_inside_python_trains_beside_it(ro, package):
    choose = "sce2tm:::choose_engine('{}', sce2tm:::require_python())[1]"
    assert ro.r(choose.format("auto"))[0] == "process"
    with pytest.raises(Exception, match="Say `engine = .process"):
        ro.r(choose.format("reticulate"))


FIT = """
import sys
{start}
import numpy as np, sce2tm
adata = sce2tm.datasets.kang_ifnb()[::14, :300].copy()
sce2tm.SCE2TM(5, epochs=2, n_threads=1, progress=False).fit(adata).annotate(adata)
np.save(sys.argv[1], adata.obsm["X_sce2tm"])
"""


def test_torch_keeps_its_own_algebra_when_r_was_first(tmp_path):
    start = "import rpy2.robjects as ro; ro.r('solve(crossprod(matrix(runif(400), 20)))')"
    for name, first in (("alone", ""), ("after R", start)):
        script = FIT.format(start=first)
        subprocess.run([sys.executable, "-c", script, tmp_path / name], check=True)
    one, two = (np.load(tmp_path / f"{name}.npy") for name in ("alone", "after R"))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("function", [from_sce, to_sce])
def test_the_examples_run(function):
    (example,) = doctest.DocTestFinder().find(function, globs={})
    for line in example.examples:
        line.options.clear()  # they are skipped where R may be missing
    runner = doctest.DocTestRunner()
    runner.run(example)
    assert runner.failures == 0


def test_the_page_runs(package, tmp_path):
    page = Path(__file__).resolve().parents[3] / "docs" / "r.md"
    (script,) = [part.split("```")[0] for part in page.read_text().split("```python\n")[1:]]
    before = f"import rpy2.robjects as ro; ro.r('.libPaths')('{package}')\n"
    run = subprocess.run(
        [sys.executable, "-c", before + script], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
