"""The embedded example: real cells with a known answer, no download.

Made once from the full set by ``scripts/make_kang_ifnb.py``.
"""

from importlib.resources import as_file, files

import anndata as ad
import numpy as np


def kang_ifnb() -> ad.AnnData:
    """Read 2,800 blood cells, without (CTRL) and with (STIM) interferon beta.

    The known answer: interferon turns on ISG15, IFI6, IFIT3, MX1 and their kind in every cell
    type, and CXCL10 and CCL8 in monocytes.

    Returns
    -------
    AnnData
        2,800 cells x 3,000 variable genes; ``X`` holds UMI counts (CSR, float32).
        ``obs["cell_type"]``: 13 types; ``obs["condition"]``: CTRL or STIM;
        ``obs["n_counts"]``: UMI counts of the cell over all 13,488 genes of the full set.
        ``uns["source"]`` and ``uns["citation"]`` say where the cells come from.

    Notes
    -----
    Only the 3,000 genes are here, so a model normalises each cell by its total over these; over
    cells it correlates with ``n_counts`` at 0.99 (of logarithms).
    The cells are of Kang et al., Nature Biotechnology 36, 89-94 (2018), GSE96583; the labels of
    SeuratData's ``ifnb``, CC BY 4.0.

    Examples
    --------
    >>> from sce2tm.datasets import kang_ifnb
    >>> adata = kang_ifnb()
    >>> adata.shape
    (2800, 3000)
    """
    with as_file(files("sce2tm.datasets") / "kang_ifnb.h5ad") as path:
        adata = ad.read_h5ad(path)
    adata.X = adata.X.astype(np.float32)
    return adata
