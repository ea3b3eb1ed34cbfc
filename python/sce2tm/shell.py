"""What the commands do, without the command line: read, fit or transform, write."""

import logging
from pathlib import Path
from typing import Any

from sce2tm import outputs, pl
from sce2tm.data.readers import read
from sce2tm.errors import InputError
from sce2tm.model import SCE2TM

logger = logging.getLogger(__name__)


def fit(data: Path, out: Path, *, force: bool = False, **settings: Any) -> None:
    """Train on a file of cells and fill a folder with results.

    Writes ``<name of data>.h5ad``, ``model.safetensors``, ``top_genes.tsv``,
    ``topic_proportions.tsv.gz`` and ``figures/history.png``.

    Parameters
    ----------
    data
        Anything that `sce2tm.data.readers.read` reads.
    out
        Folder for the results; made if absent.
    force
        Replace results that are there.
    **settings
        As in `sce2tm.SCE2TM`.

    Raises
    ------
    InputError
        The data cannot be used, or results are there and `force` is False.
    """
    cells = out / f"{outputs.stem(data)}.h5ad"
    model_file = out / "model.safetensors"
    genes = out / "top_genes.tsv"
    theta = out / "topic_proportions.tsv.gz"
    curves = out / "figures" / "history.png"
    files = (cells, model_file, genes, theta, curves)
    outputs.check_free(files, force=force)
    model = SCE2TM(**settings)
    adata = read(data)
    outputs.make_folders(files)

    model.fit(adata)
    model.annotate(adata)
    model.save(model_file)  # first: it cost most
    outputs.write_h5ad(adata, cells)
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
        The new cells; anything that `sce2tm.data.readers.read` reads.
    out
        The .h5ad to write: the new cells, annotated.
    force
        Replace the file if it is there.

    Raises
    ------
    InputError
        The data cannot be used, or the file is there and `force` is False.
    ModelFileError
        `model_file` is no model.
    """
    if out.suffix != ".h5ad":
        raise InputError(f"{str(out)!r} must end in .h5ad: the annotated cells are written there.")
    outputs.check_free([out], force=force)
    model = SCE2TM.load(model_file)
    adata = read(data)
    outputs.make_folders([out])
    model.annotate(adata)
    outputs.write_h5ad(adata, out)
    logger.info("%d cells are in %s.", adata.n_obs, out)
