"""`sce2tm select-k`."""

from pathlib import Path
from typing import Annotated

import typer

from sce2tm.cli.options import Force, GeneSets, option, watched


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no list of whole numbers such as 10,20,50."
        ) from error


def select_k(
    data: Annotated[Path, typer.Argument(help="Your cells, in any form that 'fit' reads.")],
    out: Annotated[Path, typer.Argument(help="Folder for the results; made if absent.")],
    ks: Annotated[
        str, option("Numbers of topics to try, with commas between.", metavar="K,K,...")
    ] = "10,20,50,100",
    n_seeds: Annotated[
        int, option("Models with each number: stability needs 2, its spread 3.", min=1)
    ] = 3,
    gene_sets: GeneSets = None,
    external: Annotated[str, option("A second view of the cells, as for 'fit'.")] = "X_scGPT",
    n_jobs: Annotated[int, option("Models to train at a time; -1: one for each core.")] = 1,
    epochs: Annotated[int | None, option("Passes over the cells, as for 'fit'.", min=1)] = None,
    n_genes: Annotated[int | None, option("Variable genes, as for 'fit'.", min=2)] = None,
    layer: Annotated[str | None, option("Layer that holds the expression, if not X.")] = None,
    force: Force = False,
) -> None:
    """Choose the number of topics: train models with several, and compare them.

    A tenth of the cells is held out, and each model foretells their genes. Of the numbers that do
    this as well as the best, the most stable over seeds is recommended; of these, the smallest.

    Every model is kept in the folder models/ as soon as it is done. The same command goes on from
    there after a stop; with other numbers in --ks and --force, those are added.

    Writes select_k.tsv, recommendation.txt and figures/select_k.png.

    Example: sce2tm select-k pbmc.h5ad choice/ --ks 10,20,50 --n-jobs 2
    """
    numbers = _numbers(ks)
    from sce2tm.shell.choosing import select_k as run

    typer.echo(
        run(
            data,
            out,
            force=force,
            ks=numbers,
            n_seeds=n_seeds,
            gene_sets=gene_sets,
            external=None if external == "none" else external,
            n_jobs=n_jobs,
            progress=watched(),
            epochs=epochs,
            n_genes=n_genes,
            layer=layer,
        )
    )
