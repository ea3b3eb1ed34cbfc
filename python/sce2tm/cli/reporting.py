"""`sce2tm report`."""

from pathlib import Path
from typing import Annotated

from sce2tm.cli.options import Force, GeneSets, Label, Results, Seed, option, watched


def report(
    results: Results,
    gene_sets: GeneSets = None,
    label: Label = None,
    condition: Annotated[
        str | None, option("Column of obs with conditions, such as control and treated.")
    ] = None,
    donor: Annotated[
        str | None,
        option(
            "Column of obs that says whose cells they are: conditions are then compared between "
            "donors, as one should where there are three or more."
        ),
    ] = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None, option("The page to write; report.html beside the results if left out.")
    ] = None,
    force: Force = False,
) -> None:
    """Make one web page of a result: topics, genes, pathways, cells, quality, provenance.

    The page is one file that opens in any browser, needs no network and can be mailed. Its table
    of topics can be searched and sorted.

    Pathways are in it with --gene-sets, cell types with --label, and what differs between
    conditions with --condition.

    Example: sce2tm report results/ --label cell_type --gene-sets ReactomePathways.gmt
    """
    from sce2tm.shell.reporting import report as run

    run(
        results,
        out,
        force=force,
        gene_sets=gene_sets,
        label=label,
        condition=condition,
        donor=donor,
        seed=seed,
        progress=watched(),
    )
