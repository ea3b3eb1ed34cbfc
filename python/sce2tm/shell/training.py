"""`fit` and `transform`, without the command line: read, compute, write."""

import logging
from pathlib import Path
from typing import Any

from sce2tm import annotated, outputs, pl
from sce2tm.data.readers import opened
from sce2tm.errors import InputError
from sce2tm.model import SCE2TM

logger = logging.getLogger(__name__)


def fit(
    data: Path, out: Path, *, force: bool = False, resume: bool = False, **settings: Any
) -> None:
    """Train on a file of cells and fill a folder with results.

    Writes ``<name of data>.h5ad`` (``.zarr`` for a zarr store), ``model.safetensors``,
    ``top_genes.tsv``, ``topic_proportions.tsv.gz`` and ``figures/history.png``.

    Parameters
    ----------
    data
        Anything that `sce2tm.data.readers.opened` opens.
    out
        Folder for the results; made if absent.
    force
        Replace results that are there.
    resume
        Go on from the `checkpoint` of the settings, where there is one.
    **settings
        As in `sce2tm.SCE2TM`.

    Raises
    ------
    InputError
        The data cannot be used, or results are there and `force` is False.
    """
    cells = out / f"{outputs.stem(data)}{annotated.suffix_for(data)}"
    model_file = out / "model.safetensors"
    genes = out / "top_genes.tsv"
    theta = out / "topic_proportions.tsv.gz"
    curves = out / "figures" / "history.png"
    files = (cells, model_file, genes, theta, curves)
    outputs.check_free(files, force=force)
    model = SCE2TM(**settings)
    with opened(data) as adata:
        outputs.make_folders(files if model.checkpoint is None else (*files, model.checkpoint))
        model.fit(adata, resume=resume)
        model.save(model_file)  # first: it cost most
        model.annotate(adata)
    logger.info("Writing the results.")  # of a million cells: minutes
    annotated.write(adata, data, cells)
    outputs.write_top_genes(adata, genes)
    outputs.write_proportions(adata, theta)
    outputs.write_figure(pl.history(adata)[0], curves)
    logger.info("Results are in %s.", out)


def transform(model_file: Path, data: Path, out: Path, *, force: bool = False) -> None:
    """Put new cells into the topics of a saved model and write them as .h5ad.

    Parameters
    ----------
    model_file
        Made by `fit`.
    data
        The new cells; anything that `sce2tm.data.readers.opened` opens.
    out
        The .h5ad to write (.zarr for a zarr store): the new cells, annotated.
    force
        Replace the file if it is there.

    Raises
    ------
    InputError
        The data cannot be used, or the file is there and `force` is False.
    ModelFileError
        `model_file` is no model.
    """
    suffix = annotated.suffix_for(data)
    if out.suffix != suffix:
        raise InputError(
            f"{str(out)!r} must end in {suffix}: the annotated cells are written there."
        )
    outputs.check_free([out], force=force)
    model = SCE2TM.load(model_file)
    with opened(data) as adata:
        outputs.make_folders([out])
        logger.info("%s", model.alignment(adata))
        model.annotate(adata)
    annotated.write(adata, data, out)
    logger.info("%d cells are in %s.", adata.n_obs, out)
