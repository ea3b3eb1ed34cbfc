"""`sce2tm perturb`."""

from enum import StrEnum
from typing import Annotated

import typer

from sce2tm.cli.options import Force, Out, Results, Seed, option, watched


class How(StrEnum):
    """Ways to move a topic."""

    add = "add"
    scale = "scale"
    set = "set"
    reference = "reference"


_CHECK = "Compare with a real condition"


def perturb(
    results: Results,
    topics: Annotated[list[str], typer.Argument(help="Topics to move, such as topic_3 topic_7.")],
    how: Annotated[
        How,
        option(
            "add VALUE to the latent; scale the topic's odds by VALUE (0 takes it out); set its "
            "proportion to VALUE; or take it over from the reference cells."
        ),
    ] = How.add,
    value: Annotated[
        float | None, option("How far; add takes 1 if left out, and a cell's spread is near 1.")
    ] = None,
    cells: Annotated[
        str | None,
        option(
            "Cells to move, as a query of obs: \"condition == 'CTRL'\". All of them if left out."
        ),
    ] = None,
    reference: Annotated[
        str | None, option("Cells to take the topics from, for --how reference; a query as well.")
    ] = None,
    label: Annotated[
        str | None, option("Column of obs with groups, such as cell types, to report one by one.")
    ] = None,
    observed: Annotated[
        tuple[str, str, str] | None,
        option(
            "A column of obs, its control and its treated value: condition CTRL STIM.",
            _CHECK,
            metavar="COLUMN CONTROL TREATED",
        ),
    ] = None,
    n_random: Annotated[
        int, option("Draws of random topics to compare with.", _CHECK, min=1)
    ] = 100,
    seed: Seed = 0,
    out: Out = None,
    force: Force = False,
) -> None:
    """Ask what cells would express if they had more, or less, of some topics.

    A prediction of the model. With --observed it is held against a real condition: do the changes
    of the genes agree, and better than those of random topics?

    Writes perturbed_genes.tsv; with --observed also perturbation_scores.tsv,
    perturbation_changes.tsv and two figures in figures/.

    Example: sce2tm perturb results/ topic_3 --cells "condition == 'CTRL'"
    --label cell_type --observed condition CTRL STIM
    """
    from sce2tm.shell.perturbing import perturb as run

    typer.echo(
        run(
            results,
            topics,
            out,
            force=force,
            how=how.value,
            value=value,
            cells=cells,
            reference=reference,
            label=label,
            observed=observed,
            n_random=n_random,
            seed=seed,
            progress=watched(),
        )
    )
