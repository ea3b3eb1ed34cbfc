"""Put results on disk: what the command line and the demo write."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import matplotlib.pyplot as plt
import pandas as pd
from anndata import AnnData
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl.top_genes import top_genes
from sce2tm.train.checkpoint import atomically

_KINDS = re.compile(r"\.(h5ad|zarr|h5|csv|tsv)(\.gz)?$", re.IGNORECASE)
_TOP = 20
_LISTS = ("leadingEdge", "overlapGenes")


def check_free(paths: Iterable[Path], *, force: bool) -> None:
    """Refuse to overwrite, before the work and not after it.

    Parameters
    ----------
    paths
        Files that will be written.
    force
        Allow that some exist; they are replaced when their successors are complete.

    Raises
    ------
    InputError
        A file exists and `force` is False.
    """
    taken = [str(path) for path in paths if path.exists()]
    if taken and not force:
        raise InputError(
            f"{', '.join(taken)} would be overwritten. Choose another name, or add --force."
        )


def make_folders(paths: Iterable[Path]) -> None:
    """Make the folders of files that will be written.

    Raises
    ------
    InputError
        One cannot be made.
    """
    for path in paths:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"The folder {str(path.parent)!r} cannot be made ({error.strerror}). "
                "Choose another place for the results."
            ) from error


def stem(data: Path) -> str:
    """Name of a data set from its path, for the files made of it.

    Examples
    --------
    >>> stem(Path("runs/pbmc.v2.csv.gz"))
    'pbmc.v2'
    """
    return _KINDS.sub("", data.resolve().name)


def write_h5ad(adata: AnnData, path: Path) -> None:
    """Write cells with all annotations, compressed."""
    atomically(path, lambda temporary: adata.write_h5ad(temporary, compression="gzip"))


def write_top_genes(adata: AnnData, path: Path) -> None:
    """Write the 20 top genes of each topic, by weight."""
    write_table(top_genes(adata, min(_TOP, len(results.topic_genes(adata)))), path)


def write_proportions(adata: AnnData, path: Path) -> None:
    """Write the topic proportions, one cell a row."""
    write_table(results.proportions(adata).rename_axis("cell"), path, index=True)


def write_enrichment(table: pd.DataFrame, path: Path) -> None:
    """Write a table of `tl.gsea` or `tl.ora`; lists are joined by blanks, as fgsea's users do.

    Names of genes hold no blanks, so ``strsplit(x, " ")`` gives the lists back. It is what
    ``data.table::fwrite(sep2 = c("", " ", ""))`` writes.
    """
    lists = {name: table[name].str.join(" ") for name in _LISTS if name in table}
    write_table(table.assign(**lists), path)


def write_text(text: str, path: Path) -> None:
    """Write a text file."""
    atomically(path, lambda temporary: Path(temporary).write_text(text, encoding="utf-8"))


def write_figure(ax: Axes, path: Path) -> None:
    """Write the figure of these axes as PNG, and close it."""
    figure = cast(Figure, ax.figure)
    atomically(path, lambda temporary: figure.savefig(temporary, dpi=150, format="png"))
    plt.close(figure)


def write_table(table: pd.DataFrame, path: Path, *, index: bool = False) -> None:
    """Write a table as text with tabs, compressed if the name ends in .gz."""
    # pandas' own level 9 takes minutes more for a million cells, and saves few bytes
    compression = {"method": "gzip", "compresslevel": 1} if path.suffix == ".gz" else None
    atomically(
        path,
        lambda temporary: table.to_csv(
            temporary, sep="\t", index=index, float_format="%.6g", compression=compression
        ),
    )
