"""Use a trained model: cells to topics, and topics back to expression."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from anndata import AnnData

from sce2tm.data.loader import encoder_rows, send
from sce2tm.data.matrix import listing
from sce2tm.errors import InputError
from sce2tm.fitted import Fitted

FloatArray = npt.NDArray[np.float32]
# cells at a time: bounds what is dense, without slowing anything
_BLOCK = 2048


@dataclass(frozen=True)
class Embedding:
    """Cells as the model sees them.

    Attributes
    ----------
    latent
        Cells x K: cluster and plot on this.
    theta
        Cells x K topic proportions, rows summing to 1: read this as "how much of each topic".
    missing_genes
        Genes of the model that the cells lacked.
    """

    latent: FloatArray
    theta: FloatArray
    missing_genes: tuple[str, ...]


def embed(state: Fitted, adata: AnnData, device: torch.device) -> Embedding:
    """Latent and topic proportions of cells, treated as the training cells were."""
    parts, absent = state.genes.read(adata, state.config.layer, state.config.values)
    axes = state.genes.components
    latent = np.empty((adata.n_obs, state.config.n_topics), dtype=np.float32)
    with torch.inference_mode():
        for rows, lognorm in parts:
            inputs = (
                encoder_rows(lognorm, device)
                if axes is None or state.config.encoder_input == "genes"
                else send(axes.project(lognorm, absent), device)
            )
            mean, _ = state.module.encoder(inputs)
            latent[rows] = mean.cpu().numpy()
    names = np.asarray(state.genes.gene_names)[absent]
    return Embedding(latent, proportions(latent), tuple(str(name) for name in names))


def decode(
    state: Fitted,
    theta: npt.ArrayLike | None,
    latent: npt.ArrayLike | None,
    genes: list[str] | None,
    device: torch.device,
) -> FloatArray:
    """Expected share of expression of each gene, cells x genes."""
    mixture = _mixture(theta, latent, state.config.n_topics)
    columns = _columns(state.genes.gene_names, genes)
    expected = np.empty((len(mixture), len(columns)), dtype=np.float32)
    decoder = state.module.decoder
    with torch.inference_mode():
        topic_genes = decoder.topic_genes()
        for start in range(0, len(mixture), _BLOCK):
            rows = slice(start, start + _BLOCK)
            block = decoder(torch.from_numpy(mixture[rows]).to(device), topic_genes)
            expected[rows] = block[:, columns].exp().cpu().numpy()
    return expected


def gene_scaling(state: Fitted) -> FloatArray:
    """Scale and shift of each gene, V x 2: the decoder's batch normalisation at rest."""
    norm = state.module.decoder.norm
    mean, variance, weight, bias = (
        np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)  # type: ignore[union-attr]
        for tensor in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    scale = weight / np.sqrt(variance + norm.eps)
    return np.column_stack([scale, bias - mean * scale]).astype(np.float32)


def proportions(latent: FloatArray) -> FloatArray:
    """Softmax of each row: topic proportions of a latent.

    Examples
    --------
    >>> proportions(np.zeros((1, 4), dtype="float32"))
    array([[0.25, 0.25, 0.25, 0.25]], dtype=float32)
    """
    odds: FloatArray = latent - latent.max(axis=1, keepdims=True)
    np.exp(odds, out=odds)
    odds /= odds.sum(axis=1, keepdims=True)
    return odds


def _mixture(
    theta: npt.ArrayLike | None, latent: npt.ArrayLike | None, n_topics: int
) -> FloatArray:
    """Topic proportions from either argument, checked."""
    if (theta is None) == (latent is None):
        raise InputError("give either theta or latent to decode(), not both and not neither.")
    name = "theta" if latent is None else "latent"
    given = np.asarray(theta if latent is None else latent, dtype=np.float32)
    if given.ndim != 2 or given.shape[1] != n_topics:
        raise InputError(f"{name} has shape {given.shape}; it must be cells x {n_topics}.")
    mixture = given if latent is None else proportions(given)
    if not (np.isfinite(mixture).all() and np.allclose(mixture.sum(axis=1), 1, atol=1e-3)):
        raise InputError(f"{name} must be finite, with rows of theta that sum to 1.")
    return mixture


def _columns(names: tuple[str, ...], genes: list[str] | None) -> npt.NDArray[np.int64]:
    if genes is None:
        return np.arange(len(names))
    position = {name: index for index, name in enumerate(names)}
    unknown = [gene for gene in genes if gene not in position]
    if unknown:
        raise InputError(
            f"genes holds {len(unknown)} names that the model did not see: {listing(unknown)}. "
            "Choose from model.gene_names."
        )
    return np.array([position[gene] for gene in genes], dtype=np.int64)
