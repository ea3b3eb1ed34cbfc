"""Write a trained model's results into the AnnData that the user came with (schema 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from anndata import AnnData

if TYPE_CHECKING:
    from sce2tm.fitted import Fitted

SCHEMA_VERSION = 1
LATENT = "X_sce2tm"
THETA = "sce2tm_theta"
TOPIC_GENES = "sce2tm_topic_genes"
GENE_EMBEDDING = "sce2tm_gene_embedding"
DECODER = "sce2tm_decoder"
UNS = "sce2tm"

FloatArray = npt.NDArray[np.float32]


def topic_names(n_topics: int) -> list[str]:
    """``topic_1`` ... ``topic_K``, the names used everywhere.

    Examples
    --------
    >>> topic_names(2)
    ['topic_1', 'topic_2']
    """
    return [f"topic_{number + 1}" for number in range(n_topics)]


def write_results(
    adata: AnnData,
    fitted: Fitted,
    *,
    latent: FloatArray,
    theta: FloatArray,
    topic_genes: FloatArray,
    gene_embedding: FloatArray,
    topic_embedding: FloatArray,
    gene_scaling: FloatArray,
) -> None:
    """Put the arrays where the documentation says, genes aligned by name.

    ``varm["sce2tm_decoder"]`` (V x 2, a scale and a shift for each gene) is all that decoding
    needs beside the gene-to-topic weights: :func:`sce2tm.results.decoder` reads it.
    """
    adata.obsm[LATENT] = latent
    adata.obsm[THETA] = theta
    arrays = {TOPIC_GENES: topic_genes, GENE_EMBEDDING: gene_embedding, DECODER: gene_scaling}
    write_genes(adata, fitted.genes.gene_names, arrays)
    params = {k: v for k, v in fitted.config.to_dict().items() if v is not None}
    adata.uns[UNS] = {
        "schema_version": SCHEMA_VERSION,
        "topic_names": np.array(topic_names(fitted.config.n_topics), dtype=object),
        "topic_embedding": topic_embedding,
        "params": params | {"values": fitted.genes.values, "n_genes": len(fitted.genes.gene_names)},
        "history": dict(fitted.history),
        "external": dict(fitted.external),
        "versions": dict(fitted.versions),
    }


def write_genes(adata: AnnData, genes: Sequence[str], arrays: Mapping[str, FloatArray]) -> None:
    """Put arrays over the modelled genes into ``varm``, aligned by name; other genes get NaN."""
    position = adata.var_names.get_indexer(list(genes))
    for key, values in arrays.items():
        aligned = np.full((adata.n_vars, values.shape[1]), np.nan, dtype=np.float32)
        aligned[position[position >= 0]] = values[position >= 0]
        adata.varm[key] = aligned
