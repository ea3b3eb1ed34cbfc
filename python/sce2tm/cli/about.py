"""`sce2tm demo` and `sce2tm info`."""

from pathlib import Path
from typing import Annotated

import typer

from sce2tm.cli.options import Force, option, watched


def demo(
    out: Annotated[Path, typer.Argument(help="Folder for the results; made if absent.")],
    epochs: Annotated[
        int | None, option("Passes over the cells; 5 gives a quick, poorer look.", min=1)
    ] = None,
    force: Force = False,
) -> None:
    """Train on 2,800 blood cells, half of them treated with interferon beta, and draw figures.

    Needs no data and no network; takes one or two minutes.

    Example: sce2tm demo demo/
    """
    from sce2tm.demo import run

    typer.echo(run(out, epochs=epochs, force=force, progress=watched()))
    typer.echo(f"\nStart with {out / 'report.html'}, in a browser, and {out / 'README.txt'}.")


def info(
    path: Annotated[Path | None, typer.Argument(help="A model, or cells with results.")] = None,
) -> None:
    """Say what a file holds; without a file: versions, and the device that was found.

    Example: sce2tm info results/model.safetensors
    """
    from sce2tm.info import describe, installation

    typer.echo(installation() if path is None else describe(path))
