"""AnnData and SingleCellExperiment in one process: results go to R and come back whole.

Wraps `anndata2ri <https://anndata2ri.readthedocs.io>`_, which loses ``varm``, stops at values that
it does not know, and makes tables that no .h5ad can hold. Both directions use the layout that
``RunSCE2TM()`` of the R package writes. Needs R with the Bioconductor package SingleCellExperiment.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anndata import AnnData

from sce2tm import container
from sce2tm.data.matrix import check_unique
from sce2tm.errors import InputError
from sce2tm.r import fits, frames, values

# columns come back from S4Vectors with names that R likes
_FINISH = """function(sce, assay, obs, var, metadata, fit) {
  names(SummarizedExperiment::colData(sce)) <- obs
  names(SummarizedExperiment::rowData(sce)) <- var
  assays <- SummarizedExperiment::assayNames(sce)
  if ("X" %in% assays) SummarizedExperiment::assayNames(sce) <- sub("^X$", assay, assays)
  if (!is.null(fit)) {
    SingleCellExperiment::reducedDim(sce, "SCE2TM") <- fit$latent
    metadata$SCE2TM <- fit[names(fit) != "latent"]
  }
  S4Vectors::metadata(sce) <- metadata
  sce
}"""

# a missing logical would become a number on the way: they travel as integers, which can be missing
_TAKE_APART = """function(sce, name) {
  kinds <- function(frame) vapply(as.list(frame), function(column) class(column)[1], "")
  plain <- function(frame) {
    for (name in names(frame)) if (is.logical(frame[[name]])) {
      frame[[name]] <- as.integer(frame[[name]])
    }
    frame
  }
  metadata <- S4Vectors::metadata(sce)
  fit <- metadata[[name]]
  if (!is.null(fit)) {
    latent <- SingleCellExperiment::reducedDim(sce, name)
    if (is(latent, "LinearEmbeddingMatrix")) {
      latent <- SingleCellExperiment::sampleFactors(latent)
    }
    fit$latent <- as.matrix(latent)
    SingleCellExperiment::reducedDim(sce, name) <- NULL
    metadata[[name]] <- NULL
  }
  S4Vectors::metadata(sce) <- list()
  obs <- SummarizedExperiment::colData(sce)
  var <- SummarizedExperiment::rowData(sce)
  SummarizedExperiment::colData(sce) <- plain(obs)
  SummarizedExperiment::rowData(sce) <- plain(var)
  if (is.null(names(metadata))) names(metadata) <- seq_along(metadata)
  list(
    sce = sce, fit = fit, metadata = metadata, obs = kinds(obs), var = kinds(var),
    assay = c(SummarizedExperiment::assayNames(sce), "")[1],
    altExp = SingleCellExperiment::altExpNames(sce),
    colPair = SingleCellExperiment::colPairNames(sce),
    rowPair = SingleCellExperiment::rowPairNames(sce)
  )
}"""


@contextmanager
def _default_rules() -> Iterator[None]:
    """rpy2's own conversion, whatever rules the caller has put in force, and in any thread."""
    try:
        import anndata2ri  # noqa: F401
        from rpy2.robjects import default_converter
        from rpy2.robjects.conversion import localconverter
    except ImportError as error:
        raise ImportError(
            "to_sce() and from_sce() need rpy2 and anndata2ri, the extra 'r' of pysce2tm: install "
            "R first, then pip install rpy2 anndata2ri, or pysce2tm[r] (R before 4.5: 'rpy2<3.6')."
        ) from error
    with localconverter(default_converter):
        yield


@_default_rules()
def to_sce(adata: AnnData) -> Any:
    """Give cells as a SingleCellExperiment of R, with what the model found in them.

    Results lie where ``RunSCE2TM()`` of the R package puts them, so its functions
    (``TopicProportions()``, ``TopicGenes()``, ...) read them. `from_sce` brings all back.

    Parameters
    ----------
    adata
        Cells, with results or without; not changed. X becomes the assay ``"X"``, or the one that
        ``uns["X_name"]`` names; categories of other types become text.

    Returns
    -------
    rpy2.robjects.methods.RS4
        The SingleCellExperiment.

    Raises
    ------
    InputError
        No AnnData, or a name of a cell or gene twice.
    ImportError
        rpy2 or anndata2ri is missing: the extra ``r`` of pysce2tm.

    Warns
    -----
    UserWarning
        Something has no place there and is left out: ``obsp``, ``varp``, ``raw``, other entries of
        ``varm``, values of ``uns`` that R does not know.

    Notes
    -----
    R holds numbers as doubles. A million non-zero values take anndata2ri about a second and 60 MB
    on the way, of which 12 MB stay.

    Examples
    --------
    >>> import sce2tm
    >>> from sce2tm.r.rpy2 import to_sce
    >>> adata = sce2tm.datasets.kang_ifnb()[:100].copy()
    >>> sce2tm.tl.sce2tm(adata, n_topics=5, epochs=1)
    >>> sce = to_sce(adata)  # doctest: +SKIP
    >>> import rpy2.robjects  # doctest: +SKIP
    >>> list(rpy2.robjects.r("SingleCellExperiment::reducedDimNames")(sce))  # doctest: +SKIP
    ['SCE2TM']
    """
    import rpy2.robjects as ro

    if not isinstance(adata, AnnData):
        raise InputError(f"adata={adata!r} is no AnnData. Open the file with anndata first.")
    check_unique(adata.obs_names, "adata.obs_names", "adata.obs_names_make_unique()")
    check_unique(adata.var_names, "adata.var_names", "adata.var_names_make_unique()")
    if adata.isbacked:
        adata = adata.to_memory()
    assay = str(adata.uns.get("X_name", "X"))
    fit = fits.to_r(adata, assay) if container.UNS in adata.uns else None
    rest = [(key, adata.uns[key]) for key in adata.uns if key not in (container.UNS, "X_name")]
    metadata, unknown = values.each(rest, values.to_r)
    _warn_of(_without_a_place(adata) + [f"uns[{key!r}]" for key in unknown])
    ours = () if fit is None else (container.LATENT, container.THETA)
    plain = AnnData(
        X=adata.X,
        obs=frames.for_r(adata.obs),
        var=frames.for_r(adata.var),
        obsm={key: found for key, found in adata.obsm.items() if key not in ours},
        layers=dict(adata.layers),
    )
    with values.rules() as converter:
        sce = converter.py2rpy(plain)
    return ro.r(_FINISH)(
        sce,
        assay,
        ro.StrVector(list(adata.obs.columns)),
        ro.StrVector(list(adata.var.columns)),
        ro.ListVector(metadata),
        ro.NULL if fit is None else ro.ListVector(fit),
    )


@_default_rules()
def from_sce(sce: Any, name: str = "SCE2TM") -> AnnData:
    """Give a SingleCellExperiment of R as AnnData, with the results of ``RunSCE2TM()``.

    Results come in under the names that Python uses, so that all of ``sce2tm.tl`` and ``sce2tm.pl``
    works on them: ``obsm["X_sce2tm"]``, ``obsm["sce2tm_theta"]``, ``varm["sce2tm_topic_genes"]``,
    ``varm["sce2tm_gene_embedding"]``, ``varm["sce2tm_decoder"]`` and ``uns["sce2tm"]``. There,
    ``"model"`` holds the bytes of the trained model, if R has it: in a file they are what
    `sce2tm.SCE2TM.load` reads.

    Parameters
    ----------
    sce
        SingleCellExperiment as rpy2 holds it, not converted yet; what `to_sce` gave, or from R.
    name
        Name of the results, as in ``RunSCE2TM(name=)``.

    Returns
    -------
    AnnData
        X is the first assay (its name in ``uns["X_name"]``), the other assays are layers; reduced
        dimensions are in ``obsm``, ``metadata()`` in ``uns``. It can be written to .h5ad.

    Raises
    ------
    InputError
        No SingleCellExperiment, or no results of that name; or cells were renamed since the fit.
    ImportError
        rpy2 or anndata2ri is missing: the extra ``r`` of pysce2tm.
    TypeError
        Reduced dimensions of a class that anndata2ri does not know.

    Warns
    -----
    UserWarning
        AnnData has no place for something, which is left out: alternative experiments, pairs of
        cells and of genes.

    Examples
    --------
    >>> import sce2tm
    >>> from sce2tm.r.rpy2 import from_sce, to_sce
    >>> adata = sce2tm.datasets.kang_ifnb()[:100].copy()
    >>> sce2tm.tl.sce2tm(adata, n_topics=5, epochs=1)
    >>> back = from_sce(to_sce(adata))  # doctest: +SKIP
    >>> len(sce2tm.tl.top_genes(back, n_genes=3))  # doctest: +SKIP
    15
    """
    import rpy2.robjects as ro

    if "SingleCellExperiment" not in getattr(sce, "rclass", ()):
        raise InputError(
            f"sce is a {type(sce).__name__}, no SingleCellExperiment that rpy2 holds. Take it "
            "from R without another conversion, rpy2.robjects.r['sce']; for a Seurat object say in "
            "R: sce <- Seurat::as.SingleCellExperiment(x); TopicFit(sce) <- TopicFit(x)."
        )
    taken = ro.r(_TAKE_APART)(sce, name)
    parts = dict(zip(taken.names, taken, strict=True))
    if parts["fit"] is ro.NULL and name != "SCE2TM":
        raise InputError(f"name={name!r} names no results in sce: metadata(sce) has none.")
    rest = parts["metadata"]
    uns, unknown = values.each(zip(rest.names, rest, strict=True), values.from_r)
    lost = [(slot, found) for slot in ("altExp", "colPair", "rowPair") for found in parts[slot]]
    lost += [("metadata", found) for found in unknown]
    _warn_of([f"{slot} {found!r}" for slot, found in lost])
    with values.rules() as converter:
        adata = converter.rpy2py(parts["sce"])
    for side in ("obs", "var"):
        setattr(adata, side, frames.from_r(getattr(adata, side), parts[side]))
    adata.uns = uns
    if parts["assay"][0] not in ("", "X"):
        adata.uns["X_name"] = parts["assay"][0]
    if parts["fit"] is not ro.NULL:
        fits.from_r(parts["fit"], adata)
    return adata


def _without_a_place(adata: AnnData) -> list[str]:
    """What anndata2ri drops in silence."""
    ours = {container.TOPIC_GENES, container.GENE_EMBEDDING, container.DECODER}
    found = [f"varm[{key!r}]" for key in adata.varm if key not in ours]
    found += [f"{slot}[{key!r}]" for slot in ("obsp", "varp") for key in getattr(adata, slot)]
    return found if adata.raw is None else [*found, "raw"]


def _warn_of(lost: list[str]) -> None:
    if lost:
        warnings.warn(
            f"Left out, because it has no place on the other side: {', '.join(lost)}.", stacklevel=4
        )
