"""Bring decoded expression to the level of each gene, which short training leaves unlearned."""

import torch

from sce2tm.nn.topic_model import Batch, TopicModel

# share of a mean gene that is added to each: a gene of no cell keeps a finite logit
_FAINT = 1e-3
_CLOSE, _MOST = 0.01, 50


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
        Cells to take the levels from; they are decoded at once (B x V).
    """
    mean, _ = module.encoder(batch.inputs)
    logits = torch.softmax(mean, 1) @ module.decoder.topic_genes().T
    norm, target = module.decoder.norm, batch.target
    logits = norm(logits) - norm.bias
    n_genes = target.shape[1]
    observed = logits.new_zeros(n_genes)
    observed.index_add_(0, target.positions % n_genes, target.values)
    observed += _FAINT * observed.mean()
    for _ in range(_MOST):
        expected = target.totals @ torch.softmax(logits + norm.bias, 1)
        missing = torch.log(observed / (expected + _FAINT * expected.mean()))
        norm.bias.add_(missing)
        if missing.abs().max() < _CLOSE:
            break
