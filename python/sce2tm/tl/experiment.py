"""The cells of one perturbation with all that it needs: run it for these topics or for others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse
from scipy.special import softmax

from sce2tm import expression, results
from sce2tm.decoder import Decoder
from sce2tm.errors import InputError
from sce2tm.tl import moves

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ALL = "all"
_HOWS = {"add": moves.add, "scale": moves.scale, "set": moves.fix}
_BLOCK = 2048


@dataclass(frozen=True, eq=False)
class Experiment:
    """What is moved, how, and what decodes it.

    Attributes
    ----------
    cells, topics, groups
        Names.
    latent, codes, totals
        Of the cells: n x K; position of their group; total log-normalised expression.
    how, value
        As for :func:`sce2tm.tl.perturb`; a value for each topic that is moved.
    reference, reference_codes
        Latent and groups of the reference cells (r x K), where `how` is "reference".
    decoder
        From topic proportions to shares of expression.
    """

    cells: pd.Index
    topics: list[str]
    groups: list[str]
    latent: Array
    codes: npt.NDArray[np.intp]
    totals: Array
    how: str
    value: Array
    reference: Array
    reference_codes: npt.NDArray[np.intp]
    decoder: Decoder

    def moved(self, topics: npt.NDArray[np.intp]) -> Array:
        """Latent of the cells after a move along these topics (positions), n x K."""
        if self.how == "reference":
            return moves.match(
                self.latent, topics, self.reference, self.codes, self.reference_codes
            )
        return _HOWS[self.how](self.latent, topics, self.value)

    def means(self, latent: Array) -> Array:
        """Mean expected log-normalised expression in each group, groups x V.

        Each cell's expected shares times its total; cells are decoded in blocks.
        """
        n_cells = np.bincount(self.codes, minlength=len(self.groups))
        sums = np.zeros((len(self.groups), len(self.decoder.weights)))
        for start in range(0, len(latent), _BLOCK):
            rows = slice(start, start + _BLOCK)
            codes = self.codes[rows]
            weight = sparse.csr_matrix(
                (self.totals[rows] / n_cells[codes], (codes, np.arange(len(codes)))),
                shape=(len(self.groups), len(codes)),
            )
            sums += weight @ self.decoder.shares(softmax(latent[rows], axis=1))
        return sums

    def of_genes(self, latent: Array, genes: list[str]) -> Array:
        """Expected log-normalised expression of single cells, n x chosen genes."""
        columns = self.decoder.weights.index.get_indexer(genes)
        parts = [
            self.decoder.shares(softmax(latent[start : start + _BLOCK], axis=1))[:, columns]
            for start in range(0, len(latent), _BLOCK)
        ]
        return np.asarray(np.concatenate(parts) * self.totals[:, None])


def experiment(
    adata: AnnData, cells: Mask, reference: Mask | None, groupby: str | None, how: str, value: Array
) -> Experiment:
    """Collect it from the container.

    Raises
    ------
    InputError
        No results, or a group of cells has no reference cell.
    """
    decoder, latent = results.decoder(adata), results.latent(adata)
    labels = group_labels(adata, groupby)
    groups = sorted(set(labels[cells]))
    codes = pd.Index(groups).get_indexer(labels)
    totals = np.zeros(adata.n_obs)
    for rows, values in expression.lognormalised(adata, decoder.weights.index):
        totals[rows] = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
    models = np.zeros(adata.n_obs, dtype=bool) if reference is None else reference & (codes >= 0)
    absent = sorted(set(range(len(groups))) - set(codes[models].tolist()))
    if reference is not None and absent:
        raise InputError(
            f"reference has no cell in {[groups[code] for code in absent]!r} of "
            f"adata.obs[{groupby!r}]. Leave these cells out, or choose another groupby."
        )
    values_of = latent.to_numpy()
    return Experiment(
        adata.obs_names[cells],
        list(latent.columns),
        groups,
        values_of[cells],
        codes[cells],
        totals[cells],
        how,
        value,
        values_of[models],
        codes[models],
        decoder,
    )


def group_labels(adata: AnnData, groupby: str | None) -> npt.NDArray[np.object_]:
    """The group of each cell as text; one group of all without a column."""
    if groupby is None:
        return np.full(adata.n_obs, ALL, dtype=object)
    return np.asarray(results.labels(adata, groupby), dtype=object)
