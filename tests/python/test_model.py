import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import sce2tm
from simulate import planted_topics


@pytest.fixture(scope="module")
def planted():
    return planted_topics()


@pytest.fixture(scope="module")
def small():
    """Few cells and genes, for tests that only need a model to exist."""
    return planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60).adata


def quick(**changes):
    return sce2tm.SCE2TM(**({"n_topics": 4, "epochs": 2, "progress": False} | changes))


@pytest.fixture(scope="module")
def model(small):
    return quick().fit(small)


def same(one, two):
    return np.array_equal(one.latent, two.latent) and np.array_equal(one.theta, two.theta)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_planted_topics_and_groups_are_recovered(planted, preset):
    epochs = None if preset == "default" else 100
    assert_recovered(quick(n_topics=12, preset=preset, epochs=epochs).fit(planted.adata), planted)


def assert_recovered(model, planted):
    latent = model.transform(planted.adata).latent
    clusters = KMeans(6, n_init=10, random_state=0).fit_predict(latent)
    assert adjusted_rand_score(planted.adata.obs["group"], clusters) > 0.95
    # cosine of the indicators of planted markers and of each topic's 25 first genes
    names = np.array(model.gene_names)
    order = np.argsort(-model.topic_genes, axis=0)[:25]
    cosine = np.array(
        [[len(markers & set(names[top])) / 25 for top in order.T] for markers in planted.markers]
    )
    matched = cosine[linear_sum_assignment(-cosine)]
    assert matched.mean() > 0.8  # by chance 0.08
    assert matched.min() > 0.5


def test_a_view_that_knows_the_groups_guides_the_topics(planted, rng):
    groups = planted.adata.obs["group"].cat.codes.to_numpy()
    view = np.eye(6)[groups] + rng.normal(scale=0.1, size=(600, 6))
    scattered = planted.adata.copy()
    # nearly all counts gone: expression alone tells little
    scattered.X = scattered.X.copy()
    scattered.X.data = rng.binomial(scattered.X.data.astype(int), 0.03).astype("float32")
    scattered.X.eliminate_zeros()
    keep = scattered.X.sum(1).A1 > 0
    scattered, view, groups = scattered[keep].copy(), view[keep], groups[keep]

    def score(external):
        model = quick(n_topics=6, preset="paper", epochs=60, external=external).fit(scattered)
        clusters = KMeans(6, n_init=10, random_state=0).fit_predict(
            model.transform(scattered).latent
        )
        return adjusted_rand_score(groups, clusters)

    assert score(view) > score(None) + 0.2


def test_same_seed_gives_the_same_arrays_and_another_seed_others(small, model):
    again, other = quick().fit(small), quick(seed=1).fit(small)
    assert same(model.transform(small), again.transform(small))
    assert np.array_equal(model.topic_genes, again.topic_genes)
    assert not np.array_equal(model.topic_genes, other.topic_genes)


def test_a_second_fit_in_one_process_is_the_first():
    # numba starts its threads in between, and torch splits sums of this size over threads
    code = (
        "import numpy as np, sce2tm\n"
        "from sce2tm.data.neighbors import mutual_neighbors\n"
        "from sce2tm.data import neighbors\n"
        "neighbors.EXACT_UP_TO = 100\n"
        "adata = sce2tm.datasets.kang_ifnb()\n"
        "settings = dict(n_topics=20, epochs=1, progress=False, n_threads=1)\n"
        "one = sce2tm.SCE2TM(**settings).fit(adata)\n"
        "mutual_neighbors(one.gene_embedding[:300], 5, 0)\n"
        "two = sce2tm.SCE2TM(**settings).fit(adata)\n"
        "assert np.array_equal(one.gene_embedding, two.gene_embedding)\n"
        "assert np.array_equal(one.transform(adata).theta, two.transform(adata).theta)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("n_cells", [31, 33, 49])
def test_any_number_of_cells_in_the_last_batch_is_reproducible(small, n_cells):
    cells = small[:n_cells].copy()
    one, two = (quick(batch_size=16, external=None).fit(cells) for _ in "ab")
    assert same(one.transform(cells), two.transform(cells))


def test_global_generators_are_neither_read_nor_moved(small, rng):
    view = rng.normal(size=(60, 3))
    random.seed(1), np.random.seed(1), torch.manual_seed(1)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    one = quick(external=view).fit(small)
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    assert before == after
    random.seed(2), np.random.seed(2), torch.manual_seed(2)  # noqa: NPY002
    two = quick(external=view).fit(small)
    assert same(one.transform(small), two.transform(small))


def test_input_forms_and_paths_give_the_same_model(small, model, tmp_path):
    dense, columns, layered = small.copy(), small.copy(), small.copy()
    dense.X = small.X.toarray()
    columns.X = small.X.tocsc()
    layered.layers["counts"], layered.X = small.X.copy(), None
    small.write_h5ad(tmp_path / "cells.h5ad")
    expected = model.transform(small)
    for data in (dense, columns, tmp_path / "cells.h5ad", str(tmp_path / "cells.h5ad")):
        assert same(quick().fit(data).transform(data), expected)
    assert same(quick(layer="counts").fit(layered).transform(layered), expected)


def test_the_caller_keeps_matrix_and_tables(small):
    before = small.copy()
    quick().fit(small)
    assert (small.X != before.X).nnz == 0
    assert list(small.var.columns) == list(before.var.columns)
    assert list(small.obsm) == list(small.layers) == []


def test_results_land_where_the_design_says(small, model, tmp_path):
    adata = small[:, ::-1].copy()
    adata.var["highly_variable"] = np.arange(60) < 40
    model = quick().fit(adata)
    model.annotate(adata)
    assert adata.obsm["X_sce2tm"].shape == adata.obsm["sce2tm_theta"].shape == (60, 4)
    np.testing.assert_allclose(adata.obsm["sce2tm_theta"].sum(1), 1, rtol=1e-5)
    weights = adata.varm["sce2tm_topic_genes"]
    assert np.isnan(weights[40:]).all()
    np.testing.assert_allclose(weights[:40].sum(1), 1, rtol=1e-5)
    assert adata.var_names[:40].tolist() == model.gene_names
    assert adata.varm["sce2tm_gene_embedding"].shape == (60, 64)
    uns = adata.uns["sce2tm"]
    assert uns["schema_version"] == 1
    assert uns["topic_names"].tolist() == ["topic_1", "topic_2", "topic_3", "topic_4"]
    assert uns["topic_embedding"].shape == (4, 64)
    assert uns["params"]["n_topics"] == 4
    assert uns["external"] == {"name": "none"}
    assert len(uns["history"]["loss"]) == len(uns["history"]["step"])
    adata.write_h5ad(tmp_path / "annotated.h5ad")
    back = sce2tm.data.readers.read(tmp_path / "annotated.h5ad")
    assert back.uns["sce2tm"]["params"]["values"] == "counts"


def test_new_cells_get_what_training_cells_got(planted):
    old, new = planted.adata[:300].copy(), planted.adata[300:].copy()
    model = quick(n_topics=8, epochs=150).fit(old)
    nearest = KMeans(6, n_init=10, random_state=0).fit(model.transform(old).latent)
    clusters = nearest.predict(model.transform(new).latent)
    assert adjusted_rand_score(new.obs["group"], clusters) > 0.95


def test_missing_genes_are_reported(small, model):
    lacking = small[:, small.var_names != model.gene_names[3]].copy()
    with pytest.warns(UserWarning, match="1 of the model's 60 genes"):
        embedding = model.transform(lacking)
    assert embedding.missing_genes == (model.gene_names[3],)
    assert np.isfinite(embedding.latent).all()


def test_decoding_gives_shares_of_expression(small, model):
    theta = model.transform(small).theta
    expected = model.decode(theta)
    np.testing.assert_allclose(expected.sum(1), 1, rtol=1e-4)
    two = model.decode(latent=model.transform(small).latent, genes=model.gene_names[7:9])
    np.testing.assert_allclose(two, expected[:, 7:9], rtol=1e-4)


def test_decoding_finds_the_groups_own_markers(planted):
    model = quick(n_topics=8, epochs=150).fit(planted.adata)
    theta = model.transform(planted.adata).theta
    groups = planted.adata.obs["group"].cat.codes.to_numpy()
    means = np.stack([model.decode(theta[groups == g]).mean(0) for g in range(6)])
    names = np.array(model.gene_names)
    for group, markers in enumerate(planted.markers):
        own = np.isin(names, list(markers))
        others = np.delete(means, group, axis=0).mean(0)
        assert (means[group] > others)[own].mean() > 0.9


def test_bad_requests_to_decode_are_named(model):
    with pytest.raises(sce2tm.InputError, match="either theta or latent"):
        model.decode()
    with pytest.raises(sce2tm.InputError, match=r"theta has shape \(2, 3\); it must be cells x 4"):
        model.decode(np.ones((2, 3)))
    with pytest.raises(sce2tm.InputError, match="sum to 1"):
        model.decode(np.ones((2, 4)))
    with pytest.raises(sce2tm.InputError, match="1 names that the model did not see: 'nobody'"):
        model.decode(np.full((2, 4), 0.25), genes=["nobody"])


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_a_saved_model_is_the_same_model(small, tmp_path, rng, preset):
    model = quick(preset=preset, external=rng.normal(size=(60, 3))).fit(small)
    model.save(tmp_path / "model.safetensors")
    loaded = sce2tm.SCE2TM.load(tmp_path / "model.safetensors")
    assert same(loaded.transform(small), model.transform(small))
    assert loaded.config == model.config
    assert loaded.gene_names == model.gene_names
    for name in ("topic_genes", "gene_embedding", "topic_embedding"):
        assert np.array_equal(getattr(loaded, name), getattr(model, name))
    assert loaded.history.keys() == model.history.keys()
    one, two = small.copy(), small.copy()
    model.annotate(one)
    loaded.annotate(two)
    assert one.uns["sce2tm"]["external"] == two.uns["sce2tm"]["external"]


def test_a_place_that_cannot_be_written_is_named(model, tmp_path):
    with pytest.raises(sce2tm.ModelFileError, match=r"absent/m' cannot be written.*No such file"):
        model.save(tmp_path / "absent" / "m")


def test_a_model_without_its_parts_is_named(model, tmp_path):
    from sce2tm.train import checkpoint

    model.save(tmp_path / "whole.safetensors")
    arrays, metadata = checkpoint.read(tmp_path / "whole.safetensors")
    arrays.pop("module.decoder.topic_embedding")
    checkpoint.write(tmp_path / "part.safetensors", arrays, metadata)
    with pytest.raises(sce2tm.ModelFileError, match="does not hold a whole model"):
        sce2tm.SCE2TM.load(tmp_path / "part.safetensors")


def test_an_unfitted_model_says_so(small):
    with pytest.raises(sce2tm.NotFittedError, match="Call fit"):
        quick().transform(small)


def test_neither_path_nor_cells_are_named():
    with pytest.raises(sce2tm.InputError, match="data is a DataFrame"):
        quick().fit(pd.DataFrame(np.ones((3, 3))))
    with pytest.raises(sce2tm.InputError, match="'absent.h5ad' does not exist"):
        quick().fit("absent.h5ad")


def test_two_cells_are_enough_and_log_values_are_taken(rng):
    adata = AnnData(np.log1p(rng.poisson(3.0, size=(2, 12))).astype("float32"))
    embedding = quick().fit(adata).transform(adata)
    assert np.isfinite(embedding.latent).all()


def test_warnings_of_the_training_point_to_the_call_of_fit(small):
    # twenty cells can lead twenty of fifty topics at most
    with pytest.warns(UserWarning, match="the largest of no cell") as warned:
        quick(n_topics=50).fit(small[:20].copy())
    assert [warning.filename for warning in warned] == [__file__]
