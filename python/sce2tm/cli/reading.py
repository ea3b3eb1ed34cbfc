"""`sce2tm evaluate` and `sce2tm enrich`."""

from enum import StrEnum
from typing import Annotated

import typer

from sce2tm.cli.options import Force, GeneSets, Label, Out, Results, Seed, option, watched


class Test(StrEnum):
    """Tests for gene sets."""

    gsea = "gsea"
    ora = "ora"


_SETS = "Gene sets"


def evaluate(
    results: Results,
    gene_sets: GeneSets = None,
    label: Label = None,
    n_genes: Annotated[int, option("Top genes of each topic to judge it by.", min=2)] = 10,
    seed: Seed = 0,
    out: Out = None,
    force: Force = False,
) -> None:
    """Measure how good the topics are: distinct, coherent, enriched, and true to the cells.

    Diversity needs nothing else; coherence and enrichment need --gene-sets; purity and clusters
    need --label. Each figure comes with a 95 % interval over topics and a note on what it is.

    Writes metrics.tsv and figures/metrics.png.

    Example: sce2tm evaluate results/ --gene-sets c2.all.gmt --label cell_type
    """
    from sce2tm.shell.reading import evaluate as run

    typer.echo(
        run(
            results,
            out,
            force=force,
            gene_sets=gene_sets,
            label=label,
            n_genes=n_genes,
            seed=seed,
            progress=watched(),
        )
    )


def enrich(
    results: Results,
    gene_sets: Annotated[
        str,
        typer.Argument(
            help="Gene sets: a .gmt file, plain or gzip, with gene names as in your data; or the "
            "name of an Enrichr library, such as MSigDB_Hallmark_2020, fetched over the network."
        ),
    ],
    test: Annotated[
        Test,
        option("gsea ranks all genes of a topic; ora takes its top genes alone, and is quicker."),
    ] = Test.gsea,
    n_genes: Annotated[int, option("Top genes of each topic, for ora.", _SETS, min=1)] = 10,
    min_size: Annotated[
        int, option("Leave out sets with fewer genes that the model saw.", _SETS, min=1)
    ] = 15,
    max_size: Annotated[int, option("Leave out sets with more.", _SETS, min=1)] = 500,
    ignore_case: Annotated[
        bool,
        typer.Option(
            "--ignore-case",
            help="Take Cd3d and CD3D for one gene: human sets on mouse cells.",
            rich_help_panel=_SETS,
        ),
    ] = False,
    n_jobs: Annotated[int, option("Threads for gsea; -1 takes all processors.")] = 1,
    seed: Seed = 0,
    out: Out = None,
    force: Force = False,
) -> None:
    """Find the pathways of every topic.

    The table has a row for each topic and gene set, in the columns of R's fgsea. Read padj for
    one topic; padj_all is adjusted over all topics and sets. The universe are the genes that the
    model saw. Genes in a list are joined by blanks.

    Writes gsea.tsv (or ora.tsv), and a dot plot and a Manhattan plot in figures/.

    Example: sce2tm enrich results/ ReactomePathways.gmt
    """
    from sce2tm.shell.reading import enrich as run

    run(
        results,
        gene_sets,
        out,
        force=force,
        test=test.value,
        n_genes=n_genes,
        min_size=min_size,
        max_size=max_size,
        ignore_case=ignore_case,
        n_jobs=n_jobs,
        seed=seed,
        progress=watched(),
    )
