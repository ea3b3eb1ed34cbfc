"""Log-normalised expression of the modelled genes, block by block, from the container."""

from collections.abc import Iterator

import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.container import UNS
from sce2tm.data.blocks import blocks, summarise
from sce2tm.data.matrix import recognise
from sce2tm.data.normalise import Normalisation, select


def lognormalised(adata: AnnData, genes: pd.Index) -> Iterator[tuple[slice, sparse.csr_matrix]]:
    """Yield rows and their log-normalised values, as the model saw them.

    Counts are normalised as in the fit (its layer and target sum, from ``uns["sce2tm"]``), over
    all genes that ``adata`` has; values that were logged since are taken as they are. Two passes
    over the expression; nothing of cells x genes is dense.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    genes
        Modelled genes that ``adata`` has: the columns of what is yielded.

    Raises
    ------
    InputError
        The fitted layer is absent, or the values cannot be used.
    """
    params = adata.uns[UNS].get("params", {})
    expression = blocks(adata, params.get("layer"))
    summary = summarise(expression)
    said = "lognorm" if params.get("values") == "lognorm" else "auto"
    values = recognise(summary.largest, summary.whole, said)
    normalisation = Normalisation(values, summary.totals, float(params.get("target_sum", 1e4)))
    position = genes.get_indexer(adata.var_names)
    for rows, block in expression:
        yield rows, normalisation.logs(select(block, position, len(genes)), rows)
