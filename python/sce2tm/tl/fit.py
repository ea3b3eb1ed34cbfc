"""The one-liner: fit and annotate in one call, as scanpy's tools do."""

from typing import Any

from anndata import AnnData


def sce2tm(
    adata: AnnData,
    n_topics: int = 100,
    external: Any = "X_scGPT",
    preset: str = "default",
    epochs: int | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Any = True,
    *,
    copy: bool = False,
    **settings: Any,
) -> AnnData | None:
    """Train scE2TM on the cells and write the results into them.

    Parameters
    ----------
    adata
        Cells x genes, counts or log-normalised.
    n_topics, external, preset, epochs, seed, device, progress, **settings
        As for `sce2tm.SCE2TM`.
    copy
        Return an annotated copy and leave `adata` as it is; costs a copy of everything.

    Returns
    -------
    The annotated copy with ``copy=True``, else None. Use `sce2tm.SCE2TM` to keep the model for
    new cells.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.tl.sce2tm(adata, n_topics=10, epochs=1, progress=False)
    >>> adata.obsm["X_sce2tm"].shape
    (2800, 10)
    """
    from sce2tm.model import SCE2TM  # torch is loaded only when a model is trained

    adata = adata.copy() if copy else adata
    model = SCE2TM(n_topics, external, preset, epochs, seed, device, progress, **settings).fit(
        adata
    )
    model.annotate(adata)
    return adata if copy else None
