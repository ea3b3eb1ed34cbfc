"""`evaluate` and `enrich`, without the command line."""

import logging
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sce2tm import annotated, outputs, pl, tl
from sce2tm.errors import InputError

logger = logging.getLogger(__name__)

_FOUND = 0.05


def evaluate(
    path: Path,
    out: Path | None = None,
    *,
    force: bool = False,
    gene_sets: str | None = None,
    label: str | None = None,
    **settings: Any,
) -> str:
    """Write ``metrics.tsv`` and ``figures/metrics.png``.

    Parameters
    ----------
    path
        Folder of `fit`, or the annotated cells in it.
    out
        Folder for the files; None is that of the results.
    force
        Replace files that are there.
    gene_sets, label, **settings
        As in `sce2tm.tl.evaluate`.

    Returns
    -------
    str
        The table as text.

    Raises
    ------
    InputError
        No results, files that are there and no `force`, or as `sce2tm.tl.evaluate` raises.
    """
    out = out or annotated.folder(path)
    table_file, figure = out / "metrics.tsv", out / "figures" / "metrics.png"
    outputs.check_free((table_file, figure), force=force)
    table = tl.evaluate(annotated.read(path), gene_sets, label, **settings)
    outputs.make_folders((table_file, figure))
    outputs.write_table(table, table_file)
    outputs.write_figure(pl.metrics(table)[0], figure)
    logger.info("Results are in %s.", out)
    return str(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:.3f}"))


def enrich(
    path: Path,
    gene_sets: str,
    out: Path | None = None,
    *,
    force: bool = False,
    test: Literal["gsea", "ora"] = "gsea",
    n_genes: int = 10,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = True,
    **settings: Any,
) -> None:
    """Write ``gsea.tsv`` or ``ora.tsv``, and a dot plot and a Manhattan plot in ``figures``.

    Parameters
    ----------
    path, out, force
        As in `evaluate`.
    gene_sets
        As in `sce2tm.tl.gene_sets`.
    test
        ``"gsea"``: `sce2tm.tl.gsea`, which takes `n_jobs`, `seed` and `progress`. ``"ora"``:
        `sce2tm.tl.ora`, which takes `n_genes`.
    **settings
        As in both.

    Raises
    ------
    InputError
        No results, files that are there and no `force`, or as these two raise.
    """
    out = out or annotated.folder(path)
    figures = out / "figures"
    table_file = out / f"{test}.tsv"
    dots, strip = figures / f"{test}_dots.png", figures / f"{test}_manhattan.png"
    outputs.check_free((table_file, dots, strip), force=force)
    adata = annotated.read(path)
    if test == "ora":
        table = tl.ora(adata, gene_sets, n_genes=n_genes, **settings)
    else:
        table = tl.gsea(adata, gene_sets, n_jobs=n_jobs, seed=seed, progress=progress, **settings)
    if table.empty:
        raise InputError(
            f"gene_sets={gene_sets!r}: no set has a usable number of the modelled genes. "
            "Change the bounds with --min-size and --max-size."
        )
    outputs.make_folders((table_file, dots, strip))
    outputs.write_enrichment(table, table_file)
    outputs.write_figure(pl.manhattan(table), strip)
    found = table[table["padj_all"] <= _FOUND]
    if len(found):
        outputs.write_figure(pl.enrichment_dots(table), dots)
    logger.info("%s Results are in %s.", _told(found, table), out)


def _told(found: pd.DataFrame, table: pd.DataFrame) -> str:
    return (
        f"{found['pathway'].nunique():,} of {table['pathway'].nunique():,} gene sets are enriched "
        f"in {found['topic'].nunique()} of {table['topic'].nunique()} topics "
        f"(padj_all <= {_FOUND:g})."
    )
