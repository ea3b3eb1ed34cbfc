"""Decoded expression has the level of each gene, and nothing else moves."""

import numpy as np
import torch
from scipy import sparse

from sce2tm import SCE2TM
from sce2tm.data.batches import TrainingCells
from sce2tm.data.loader import Loader
from sce2tm.nn.topic_model import TopicModel, Weights
from sce2tm.train.levels import level_genes
from simulate import planted_topics


def network(n_inputs, n_genes):
    return TopicModel(
        n_inputs, n_genes, 5, reads_genes=False, n_hidden=8, n_dims=4, tau=1.0,
        weights=Weights(1.0, 0.0, 0.0), n_external=None, distance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
    ).eval()  # fmt: skip


def test_decoded_means_are_the_observed(rng):
    levels = np.geomspace(0.01, 20, 30)
    target = sparse.csr_matrix(np.log1p(rng.poisson(levels, size=(200, 30))).astype("float32"))
    components = rng.normal(size=(200, 4)).astype("float32")
    batch = Loader(TrainingCells(target, components, False), torch.device("cpu")).rows(
        np.arange(200)
    )
    module = network(4, 30)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    level_genes(module, batch)
    theta = torch.softmax(module.encoder(batch.inputs)[0], 1)
    decoded = module.decoder(theta, module.decoder.topic_genes()).exp().detach().numpy()
    totals = np.asarray(target.sum(axis=1))
    observed = np.asarray(target.mean(axis=0)).ravel()
    np.testing.assert_allclose((decoded * totals).mean(0), observed, rtol=0.02, atol=0.01)
    changed = {name for name, value in module.state_dict().items() if (value != before[name]).any()}
    assert changed == {"decoder.norm.bias"}


def test_a_fit_decodes_better_than_the_mean_profile():
    adata = planted_topics(n_cells=200).adata
    model = SCE2TM(6, epochs=20, progress=False).fit(adata)
    share = model.decode(theta=model.transform(adata).theta)
    counts = adata[:, model.gene_names].X.toarray()
    mean = counts.mean(0) / counts.mean(0).sum()
    logs = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    gain = (logs * (np.log(share) - np.log(mean))).sum() / logs.sum()
    assert gain > 0


def test_the_published_way_leaves_the_decoder_as_trained():
    assert not SCE2TM(6, preset="paper").config.gene_levels
    assert SCE2TM(6).config.gene_levels
