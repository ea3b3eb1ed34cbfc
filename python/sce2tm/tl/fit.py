"""The one-liner: fit and annotate in one call, as scanpy's tools do."""

from typing import Any

from anndata import AnnData

from sce2tm.errors import InputError


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
        Cells x genes, counts or log-normalised. Opened with ``backed="r"``, its expression is
        read in blocks, and the results are in memory alone.
    n_topics, external, preset, epochs, seed, device, progress, **settings
        As for `sce2tm.SCE2TM`.
    copy
        Return an annotated copy and leave `adata` as it is; costs a copy of everything, in memory.

    Returns
    -------
    The annotated copy with ``copy=True``, else None. Use `sce2tm.SCE2TM` to keep the model for
    new cells.

    Raises
    ------
    InputError
        When `adata` is a path, or the cells cannot be used as they are.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.tl.sce2tm(adata, n_topics=10, epochs=1, progress=False)
    >>> adata.obsm["X_sce2tm"].shape
    (2800, 10)
    """
    from sce2tm.model import SCE2TM  # torch is loaded only when a model is trained

    if not isinstance(adata, AnnData):
        raise InputError(
            f"adata={adata!r} is no AnnData, so the results cannot be written into it. Open the "
            "file, e.g. anndata.read_h5ad(path, backed='r'), or train with SCE2TM().fit(path)."
        )
    if copy:
        adata = adata.to_memory() if adata.isbacked else adata.copy()
    model = SCE2TM(n_topics, external, preset, epochs, seed, device, progress, **settings).fit(
        adata
    )
    model.annotate(adata)
    return adata if copy else None
