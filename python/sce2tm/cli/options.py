"""What the options of the commands share."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def option(text: str, group: str | None = None, **kwargs: Any) -> Any:
    """An option with its help, in a group of the help page."""
    return typer.Option(help=text, rich_help_panel=group, **kwargs)


def watched() -> bool:
    """Whether someone watches: a progress bar would fill the log of a batch job."""
    return sys.stderr.isatty()


Force = Annotated[bool, typer.Option("--force", help="Replace results that are already there.")]
Results = Annotated[
    Path,
    typer.Argument(help="Folder that 'sce2tm fit' filled, or the annotated .h5ad (.zarr) in it."),
]
Out = Annotated[
    Path | None, option("Folder for the tables and figures; the folder of the results if left out.")
]
GeneSets = Annotated[
    str | None,
    option(
        "Gene sets: a .gmt file, plain or gzip, with gene names as in your data; or the name of "
        "an Enrichr library, such as MSigDB_Hallmark_2020, which is fetched over the network."
    ),
]
Label = Annotated[str | None, option("Column of obs with known cell types.")]
Seed = Annotated[int, option("The same seed gives the same numbers.", min=0)]
