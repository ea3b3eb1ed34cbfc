"""What only a GPU can show: they skip, with a reason, where there is none."""

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import sce2tm
from sce2tm.data.loader import DeviceSource, HostSource
from simulate import planted_topics
from steps import loader_of, planted_cells, stepper

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
CUDA = torch.device("cuda")


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


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize("reads_genes", [False, True])
@pytest.mark.parametrize("source", [DeviceSource, HostSource])
def test_a_step_does_not_wait_for_the_device(source, reads_genes, external):
    cells = planted_cells(reads_genes=reads_genes, external=external)
    _, step = stepper(cells, CUDA, source, torch.Generator(CUDA).manual_seed(0))
    step()  # the first of an epoch, which looks at the plan
    torch.cuda.set_sync_debug_mode("error")
    try:
        step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_cells_on_the_device_and_cells_sent_to_it_are_the_same(rng):
    cells = planted_cells()
    one, two = (
        loader_of(cells, CUDA, source).batch(np.array([4, 1, 9]), rng)
        for source in (DeviceSource, HostSource)
    )
    assert torch.equal(one.target.dense(), two.target.dense())
    assert torch.equal(one.inputs, two.inputs)
