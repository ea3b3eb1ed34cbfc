"""The results of a model as R holds them: the list that ``TopicFit()`` of the R package describes.

A matrix with names for each array, a data frame for the history, and all else as plain values.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import container, results
from sce2tm.data.matrix import listing
from sce2tm.errors import InputError
from sce2tm.r import values

_GENES = {
    "topic_genes": container.TOPIC_GENES,
    "gene_embedding": container.GENE_EMBEDDING,
    "decoder": container.DECODER,
}
# in R the names of the topics are those of the columns
_ARRAYS = ("topic_names", "topic_embedding", "history", "params", "model")


def to_r(adata: AnnData, assay: str) -> dict[str, Any]:
    """Parts of the results by R's names; `assay` is that of ``adata.X``.

    Raises
    ------
    InputError
        ``adata`` does not hold whole results.
    """
    stored = adata.uns[container.UNS]
    tables = {
        "latent": results.latent(adata),
        "theta": results.proportions(adata),
        "topic_genes": results.topic_genes(adata),
    }
    if container.DECODER in adata.varm:
        decoder = results.decoder(adata)
        scaling = {"scale": decoder.scale, "shift": decoder.shift}
        tables["decoder"] = pd.DataFrame(scaling, index=decoder.weights.index)
    fit = {key: values.matrix(table) for key, table in tables.items()}
    if container.GENE_EMBEDDING in adata.varm:
        fit["gene_embedding"] = values.matrix(results.gene_embedding(adata), columns=False)
    if "topic_embedding" in stored:
        fit["topic_embedding"] = values.matrix(results.topic_embedding(adata), columns=False)
    if "history" in stored:
        fit["history"] = values.frame(stored["history"])
    if "model" in stored:
        fit["model"] = values.raw(stored["model"])
    fit["params"] = values.to_r({"layer": assay} | dict(stored.get("params", {})))
    return fit | {key: values.to_r(part) for key, part in stored.items() if key not in _ARRAYS}


def from_r(fit: Any, adata: AnnData) -> None:
    """Write the results of R into cells that came from there.

    Parameters
    ----------
    fit
        Parts by R's names, as R objects.
    adata
        Cells with X and layers; results of cells and genes that it lacks are left out.

    Raises
    ------
    InputError
        Cells of ``adata`` are unknown to the results.
    """
    parts: Mapping[str, Any] = dict(zip(fit.names, fit, strict=True))
    theta = pd.DataFrame(values.array(parts["theta"]), index=list(parts["theta"].rownames))
    absent = adata.obs_names.difference(theta.index, sort=False)
    if len(absent):
        raise InputError(
            f"{len(absent)} of {adata.n_obs} cells are unknown to the topic model in sce: "
            f"{listing(absent)}. They were added or renamed since: run RunSCE2TM() on this object."
        )
    adata.obsm[container.LATENT] = values.array(parts["latent"])
    adata.obsm[container.THETA] = theta.loc[adata.obs_names].to_numpy()
    arrays = {key: values.array(parts[name]) for name, key in _GENES.items() if name in parts}
    container.write_genes(adata, list(parts["topic_genes"].rownames), arrays)
    done = {"latent", "theta", "topic_embedding", *_GENES}
    stored = {key: values.from_r(part) for key, part in parts.items() if key not in done}
    stored["topic_names"] = np.array(list(parts["theta"].colnames), dtype=object)
    if "topic_embedding" in parts:
        stored["topic_embedding"] = values.array(parts["topic_embedding"])
    if "history" in stored:
        # R's whole numbers have 4 bytes
        columns = stored["history"].items()
        stored["history"] = {name: part.to_numpy(f"{part.dtype.kind}8") for name, part in columns}
    if stored["params"].get("layer") not in adata.layers:
        stored["params"].pop("layer", None)  # that is X, where Python names no layer
    adata.uns[container.UNS] = stored
