import torch
from scipy.spatial.distance import cdist
from scipy.special import log_softmax, softmax

from sce2tm.nn.decoder import Decoder


def make(n_genes=9, n_topics=4, tau=0.2):
    return Decoder(n_genes, n_topics, 5, tau, torch.Generator().manual_seed(0)).double()


def test_embeddings_start_at_length_one():
    decoder = make()
    for points in (decoder.gene_embedding, decoder.topic_embedding):
        torch.testing.assert_close(points.norm(dim=1), torch.ones(len(points), dtype=torch.float64))


def test_topic_genes_are_a_softmax_over_topics_of_distances():
    decoder = make(tau=0.7)
    genes, topics = decoder.gene_embedding.detach(), decoder.topic_embedding.detach()
    expected = torch.tensor(softmax(-cdist(genes, topics, "sqeuclidean") / 0.7, axis=1))
    torch.testing.assert_close(decoder.topic_genes().detach(), expected)


def test_expression_is_a_log_softmax_over_genes():
    decoder = make().eval()
    theta = torch.softmax(torch.arange(12.0).reshape(3, 4).double(), 1)
    weights = decoder.topic_genes()
    # fresh batch norm in evaluation divides by sqrt(1 + 1e-5) only
    logits = (theta @ weights.T).detach().numpy() / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(
        decoder(theta, weights).detach(), torch.tensor(log_softmax(logits, axis=1))
    )
