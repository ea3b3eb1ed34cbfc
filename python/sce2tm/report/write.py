"""Make the page of a result and write it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from anndata import AnnData
from tqdm.auto import tqdm

from sce2tm import outputs, results
from sce2tm.report.cells import cells_section
from sce2tm.report.genes import genes_section
from sce2tm.report.page import render
from sce2tm.report.parts import Section
from sce2tm.report.pathways import pathways_section
from sce2tm.report.provenance import provenance_section
from sce2tm.report.quality import quality_section
from sce2tm.report.topics import topics_section
from sce2tm.tl.collections import GeneSets
from sce2tm.tl.collections import gene_sets as read_gene_sets


def write_report(
    adata: AnnData,
    path: str | Path,
    *,
    title: str = "cells",
    gene_sets: GeneSets | None = None,
    label: str | None = None,
    condition: str | None = None,
    donor: str | None = None,
    seed: int = 0,
    progress: bool = True,
) -> None:
    """Write one web page of a result: it needs no network, no other file and no program.

    It holds a table of the topics that can be searched and sorted, their genes, pathways, cells
    and quality, and where the result comes from. Names from the data are shown as text, whatever
    is in them. An address that ends in ``#q=ISG15`` opens the page with that search.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into; not changed. Their expression is not read.
    path
        File to write, such as ``report.html``; one that is there is replaced.
    title
        Name of the data, for the head of the page.
    gene_sets
        As in :func:`sce2tm.tl.gsea`. None leaves the pathways out.
    label, condition
        Columns of ``obs`` with cell types and with conditions. None leaves out what needs them.
    donor
        Column of ``obs`` with donors: the conditions are compared between these, as in
        :func:`sce2tm.tl.differential_topics`. None compares cells.
    seed
        For the map of the cells, the enrichment and the measures.
    progress
        Show a bar.

    Raises
    ------
    InputError
        No results, no such column, labels that are missing, or gene sets that cannot be used.

    Notes
    -----
    Cost: with gene sets, twice the time of :func:`sce2tm.tl.gsea`; a UMAP of at most 20,000 cells,
    unless ``obsm["X_umap"]`` is there; and with labels, the clusterings of
    :func:`sce2tm.tl.evaluate`. The page takes about 1 MB.

    Examples
    --------
    >>> import pathlib, tempfile, sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()[::14].copy()
    >>> sce2tm.tl.sce2tm(adata, n_topics=5, epochs=1, progress=False)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "report.html"
    >>> sce2tm.report.write_report(adata, path, condition="condition", progress=False)
    >>> path.read_text().count("<img ")
    7
    """
    names = results.names(adata)
    for key in (label, condition, donor):
        if key is not None:
            results.labels(adata, key)  # before the work, not after it
    sets = None if gene_sets is None else read_gene_sets(gene_sets)
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    chosen = {
        "gene sets": None if sets is None else _told(gene_sets, len(sets)),
        "labels": label,
        "conditions": condition,
        "donors": donor,
        "seed of the page": seed,
    }

    pathways = None
    if sets is not None:
        from sce2tm.tl.enrichment import gsea  # numba takes seconds to load

        pathways = gsea(adata, sets, seed=seed, progress=progress)
    steps: list[Callable[[], Section]] = [
        partial(topics_section, adata, label, pathways),
        partial(genes_section, adata),
        partial(cells_section, adata, label, condition, donor, seed),
        partial(quality_section, adata, sets, label, seed),
        partial(provenance_section, adata, title, made, chosen),
    ]
    if pathways is not None:
        steps.insert(2, partial(pathways_section, pathways))
    sections = [step() for step in tqdm(steps, desc="report", unit="section", disable=not progress)]
    n_genes = len(results.topic_genes(adata))
    subtitle = f"{len(names)} topics of {adata.n_obs:,} cells and {n_genes:,} genes, {made}"
    outputs.write_text(render(title, subtitle, sections), Path(path))


def _told(gene_sets: GeneSets | None, n_sets: int) -> str:
    name = Path(gene_sets).name if isinstance(gene_sets, str | Path) else "given as a table"
    return f"{name} ({n_sets:,} sets)"
