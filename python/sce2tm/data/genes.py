"""The genes that a model sees, and how cells, old and new, are brought to them."""

import logging
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.data.blocks import Blocks, blocks, summarise
from sce2tm.data.components import Components, components
from sce2tm.data.matrix import Values, listing, recognise
from sce2tm.data.naming import naming_hint
from sce2tm.data.normalise import Normalisation, select
from sce2tm.data.variable import choose_genes, gene_moments
from sce2tm.errors import InputError
from sce2tm.train.config import Config

logger = logging.getLogger(__name__)

# what comes in as a slice goes out as one
AnyRows = TypeVar("AnyRows", slice, npt.NDArray[np.int64])


@dataclass(frozen=True)
class GeneSpace:
    """What turns an expression matrix into the input of one model.

    Attributes
    ----------
    gene_names
        The V modelled genes.
    values
        Whether the model was trained on counts or on log-normalised values.
    target_sum
        Library size that counts are normalised to; 0 for none.
    components
        Principal axes, or None where the model does not use any.
    """

    gene_names: tuple[str, ...]
    values: Values
    target_sum: float
    components: Components | None

    def read(
        self, adata: AnnData, layer: str | None, values: str
    ) -> tuple[Iterator[tuple[slice, sparse.csr_matrix]], npt.NDArray[np.bool_]]:
        """Bring cells to these genes, block by block.

        Returns
        -------
        Rows with their log-normalised values, rows x V; and which genes were absent.

        Raises
        ------
        InputError
            When most genes are absent, or counts meet a model of logs or the reverse.
        """
        expression = blocks(adata, layer)
        summary = summarise(expression)
        found = recognise(summary.largest, summary.whole, values)
        if found != self.values:
            raise InputError(
                f"these cells hold {_in_words(found)}, but the model was trained on "
                f"{_in_words(self.values)}. Give the same kind (another layer?), or say values="
                f"{self.values!r} if they were taken for something that they are not."
            )
        position = pd.Index(self.gene_names).get_indexer(adata.var_names)
        absent = np.ones(len(self.gene_names), dtype=bool)
        absent[position[position >= 0]] = False
        self._report(absent, adata.var_names)
        normalisation = Normalisation(found, summary.totals, self.target_sum)
        return _aligned(expression, normalisation, position, len(self.gene_names)), absent

    def _report(self, absent: npt.NDArray[np.bool_], present: pd.Index) -> None:
        n_absent, n_genes = int(absent.sum()), len(self.gene_names)
        if not n_absent:
            return
        missing = np.asarray(self.gene_names)[absent]
        hint = naming_hint(missing.tolist(), present.astype(str))
        names = f"{listing(missing)}. {hint}" if hint else f"{listing(missing)}."
        if n_absent > n_genes / 2:
            raise InputError(
                f"{n_absent} of the model's {n_genes} genes are absent from adata.var_names: "
                f"{names} Use the same species and the same kind of names (symbols or Ensembl)."
            )
        warnings.warn(
            f"{n_absent} of the model's {n_genes} genes are absent from adata.var_names and left "
            f"out of the embedding: {names} See model.alignment(adata).",
            stacklevel=4,
        )


def learn_genes(
    adata: AnnData, config: Config, drawn: npt.NDArray[np.int64] | None = None
) -> tuple[GeneSpace, sparse.csr_matrix]:
    """Recognise the values, normalise, choose the genes and find the components.

    Parameters
    ----------
    adata
        Cells x genes. Values are checked, and genes chosen, from all cells.
    config
        Settings.
    drawn
        Row numbers, rising, of the cells to return and to find the components of; None for all.

    Returns
    -------
    The gene space, and the cells in it: cells x V log-normalised CSR.
    """
    expression = blocks(adata, config.layer)
    if adata.n_obs < 2:
        raise InputError(f"adata holds {adata.n_obs} cell; a model needs at least two.")
    summary = summarise(expression)
    values = recognise(summary.largest, summary.whole, config.values)
    logger.info("Values recognised as %s.", _in_words(values))
    normalisation = Normalisation(values, summary.totals, config.target_sum)
    moments = gene_moments(expression, normalisation)
    chosen = choose_genes(moments, adata.var, config.n_genes)
    names = tuple(str(name) for name in adata.var_names[chosen])
    if config.n_topics > len(names):
        raise InputError(
            f"n_topics={config.n_topics} is more than the {len(names)} genes in use. Lower "
            "n_topics, or give more genes (n_genes, var['highly_variable'])."
        )
    position = np.where(chosen, np.cumsum(chosen) - 1, -1)
    if drawn is None:
        parts = _aligned(expression, normalisation, position, len(names))
        lognorm = _together(parts, adata.n_obs, len(names), int(moments.entries[chosen].sum()))
    else:
        some = _aligned(_rows(expression, drawn), normalisation, position, len(names))
        lognorm = sparse.vstack([block for _, block in some], format="csr")
    space = GeneSpace(names, values, config.target_sum, None)
    if config.encoder_input == "components" or config.distance_weight:
        axes = components(lognorm, config.n_components, config.seed)
        space = replace(space, components=axes)
    return space, lognorm


def _rows(
    expression: Blocks, drawn: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], sparse.csr_matrix]]:
    """Yield some of the rows: their numbers and values."""
    for rows, block in expression:
        begin, end = np.searchsorted(drawn, [rows.start, rows.stop])
        yield drawn[begin:end], block[drawn[begin:end] - rows.start]


def _aligned(
    expression: Iterable[tuple[AnyRows, sparse.csr_matrix]],
    normalisation: Normalisation,
    position: npt.NDArray[np.int64],
    n_genes: int,
) -> Iterator[tuple[AnyRows, sparse.csr_matrix]]:
    """Yield rows with the chosen genes in their places, log-normalised."""
    for rows, block in expression:
        yield rows, normalisation.logs(select(block, position, n_genes), rows)


def _together(
    parts: Iterator[tuple[slice, sparse.csr_matrix]], n_cells: int, n_genes: int, n_entries: int
) -> sparse.csr_matrix:
    """Put blocks of rows below each other, in memory taken once."""
    data = np.empty(n_entries, dtype=np.float32)
    indices = np.empty(n_entries, dtype=np.int32)
    indptr = np.zeros(n_cells + 1, dtype=np.int64 if n_entries > 2**31 - 1 else np.int32)
    for rows, block in parts:
        start = indptr[rows.start]
        end = start + block.nnz
        data[start:end], indices[start:end] = block.data, block.indices
        indptr[rows.start + 1 : rows.stop + 1] = start + block.indptr[1:]
    return sparse.csr_matrix((data, indices, indptr), shape=(n_cells, n_genes))


def _in_words(values: Values) -> str:
    return "counts" if values == "counts" else "log-normalised values"
