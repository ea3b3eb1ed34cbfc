"""The genes that a model sees, and how cells, old and new, are brought to them."""

import logging
import warnings
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from anndata import AnnData
from scipy import sparse

from sce2tm.data.matrix import Values, cell_totals, expression, listing, recognise
from sce2tm.data.preprocess import Components, choose_genes, components, log_normalise
from sce2tm.errors import InputError
from sce2tm.train.config import Config

logger = logging.getLogger(__name__)


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

    def apply(
        self, adata: AnnData, layer: str | None, values: str
    ) -> tuple[sparse.csr_matrix, npt.NDArray[np.bool_]]:
        """Bring cells to these genes: cells x V log-normalised, and which genes were absent.

        Raises
        ------
        InputError
            When most genes are absent, or counts meet a model of logs or the reverse.
        """
        rows = expression(adata, layer)
        found = recognise(rows, values)
        if found != self.values:
            raise InputError(
                f"these cells hold {_in_words(found)}, but the model was trained on "
                f"{_in_words(self.values)}. Give the same kind (another layer?), or say values="
                f"{self.values!r} if they were taken for something that they are not."
            )
        position = adata.var_names.get_indexer(list(self.gene_names))
        absent = position < 0
        self._report(absent)
        aligned = _columns(rows, position)
        if self.values == "counts":
            aligned = log_normalise(aligned, cell_totals(rows, adata.obs_names), self.target_sum)
        return aligned, absent

    def _report(self, absent: npt.NDArray[np.bool_]) -> None:
        n_absent, n_genes = int(absent.sum()), len(self.gene_names)
        if not n_absent:
            return
        names = listing(np.asarray(self.gene_names)[absent])
        if n_absent > n_genes / 2:
            raise InputError(
                f"{n_absent} of the model's {n_genes} genes are absent from adata.var_names: "
                f"{names}. Use the same species and the same kind of names (symbols or Ensembl)."
            )
        warnings.warn(
            f"{n_absent} of the model's {n_genes} genes are absent from adata.var_names and left "
            f"out of the embedding: {names}.",
            stacklevel=4,
        )


def learn_genes(adata: AnnData, config: Config) -> tuple[GeneSpace, sparse.csr_matrix]:
    """Recognise the values, normalise, choose the genes and find the components.

    Returns
    -------
    The gene space, and the cells in it: cells x V log-normalised CSR.
    """
    rows = expression(adata, config.layer)
    if adata.n_obs < 2:
        raise InputError(f"adata holds {adata.n_obs} cell; a model needs at least two.")
    values = recognise(rows, config.values)
    logger.info("Values recognised as %s.", _in_words(values))
    totals = cell_totals(rows, adata.obs_names)
    lognorm = log_normalise(rows, totals, config.target_sum) if values == "counts" else rows
    chosen = choose_genes(lognorm, adata.var, config.n_genes)
    names = tuple(str(name) for name in adata.var_names[chosen])
    if config.n_topics > len(names):
        raise InputError(
            f"n_topics={config.n_topics} is more than the {len(names)} genes in use. Lower "
            "n_topics, or give more genes (n_genes, var['highly_variable'])."
        )
    lognorm = lognorm[:, np.flatnonzero(chosen)]
    space = GeneSpace(names, values, config.target_sum, None)
    if config.encoder_input == "components" or config.distance_weight:
        axes = components(lognorm, config.n_components, config.seed)
        space = replace(space, components=axes)
    return space, lognorm


def _columns(rows: sparse.csr_matrix, position: npt.NDArray[np.intp]) -> sparse.csr_matrix:
    """Columns in a new order; those at -1 are empty."""
    present = np.flatnonzero(position >= 0)
    move = sparse.csr_matrix(
        (np.ones(present.size, np.float32), (position[present], present)),
        shape=(rows.shape[1], position.size),
    )
    return sparse.csr_matrix(rows @ move)


def _in_words(values: Values) -> str:
    return "counts" if values == "counts" else "log-normalised values"
