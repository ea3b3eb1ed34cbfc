"""Bring decoded expression to the level of each gene, which short training leaves unlearned."""

import torch

from sce2tm.nn.topic_model import Batch, TopicModel

# share of a mean gene that is added to each: a gene of no cell keeps a finite logit
_FAINT = 1e-3
_CLOSE, _MOST = 0.01, 20
# cells decoded at a time: bounds what is dense
_BLOCK = 256


@torch.no_grad()
def level_genes(module: TopicModel, batch: Batch) -> None:
    """Shift each gene's logit until the mean decoded expression of these cells is the observed.

    The decoder's shift begins at zero for all genes and moves by the learning rate in a step, so
    a few hundred steps leave frequent and rare genes nearer to each other than they are. Topics,
    latent and gene-to-topic weights do not depend on it and stay. Iterative scaling: the sums over
    cells of a softmax are met by adding, again and again, the logarithm of what is missing.

    Parameters
    ----------
    module
        A trained network, in evaluation; the shift of its decoder is changed.
    batch
        Cells to take the levels from.
    """
    decoder, target = module.decoder, batch.target
    mean, _ = module.encoder(batch.inputs)
    blocks = torch.split(torch.softmax(mean, 1), _BLOCK), torch.split(target.totals, _BLOCK)
    cells = list(zip(*blocks, strict=True))
    topic_genes, n_genes = decoder.topic_genes(), target.shape[1]
    observed = mean.new_zeros(n_genes)
    observed.index_add_(0, target.positions % n_genes, target.values)
    observed += _FAINT * observed.mean()
    for _ in range(_MOST):
        expected = torch.stack(
            [totals @ decoder(theta, topic_genes).exp() for theta, totals in cells]
        ).sum(0)
        missing = torch.log(observed / (expected + _FAINT * expected.mean()))
        decoder.norm.bias.add_(missing)
        if missing.abs().max() < _CLOSE:
            break
