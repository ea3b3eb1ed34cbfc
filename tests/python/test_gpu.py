"""What only a GPU can show: they skip, with a reason, where there is none."""

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import sce2tm
from sce2tm.data.batches import TrainingCells
from sce2tm.data.loader import DeviceSource, HostSource, Loader
from sce2tm.nn.topic_model import TopicModel, Weights
from sce2tm.train.rmsprop import RMSprop
from simulate import planted_topics

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
CUDA = torch.device("cuda")


def small_module(planted):
    return TopicModel(
        10, planted.adata.n_vars, 5, reads_genes=False, n_hidden=20, n_dims=8, tau=1.0,
        weights=Weights(100.0, 300.0, 1.0), n_external=None, distance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
    ).to(CUDA)  # fmt: skip


def loaded(planted, source, rng):
    matrix = planted.adata.X.astype("float32").tocsr()
    components = rng.normal(size=(matrix.shape[0], 10)).astype("float32")
    cells = TrainingCells(matrix, components, reads_genes=False)
    loader = Loader(cells, CUDA)
    loader.source = source(cells, CUDA)
    return loader


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("encoder_input", ["components", "genes"])
def test_planted_groups_are_found(precision, encoder_input):
    planted = planted_topics()
    model = sce2tm.SCE2TM(
        10, None, device="cuda", precision=precision, encoder_input=encoder_input, progress=False
    ).fit(planted.adata)
    latent = model.transform(planted.adata).latent
    clusters = KMeans(6, n_init=10, random_state=0).fit_predict(latent)
    assert adjusted_rand_score(planted.adata.obs["group"], clusters) > 0.95


def test_a_step_does_not_wait_for_the_device(rng):
    planted = planted_topics()
    module, noise = small_module(planted), torch.Generator(CUDA).manual_seed(0)
    optimizer = RMSprop(module.parameters(), 0.01)
    for source in (DeviceSource, HostSource):
        loader = loaded(planted, source, rng)
        module.transport.due = True

        def step(loader=loader):
            losses = module(loader.batch(np.arange(50), rng), noise)
            optimizer.zero_grad()
            torch.stack(tuple(losses.values())).sum().backward()
            optimizer.step()

        step()
        torch.cuda.set_sync_debug_mode("error")
        try:
            step()
        finally:
            torch.cuda.set_sync_debug_mode("default")


def test_cells_on_the_device_and_cells_sent_to_it_are_the_same(rng):
    planted = planted_topics()
    one, two = (
        loaded(planted, source, np.random.default_rng(0)).batch(np.array([4, 1, 9]), rng)
        for source in (DeviceSource, HostSource)
    )
    assert torch.equal(one.target.dense(), two.target.dense())
    assert torch.equal(one.inputs, two.inputs)
