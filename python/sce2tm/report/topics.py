"""The table of all topics."""

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.pl.topic_proportions import group_means
from sce2tm.report.parts import Section, Table, p_value, percent
from sce2tm.tl.top_genes import top_genes

_N_GENES = 10
_FOUND = 0.05


def topics_section(adata: AnnData, label: str | None, pathways: pd.DataFrame | None) -> Section:
    """Each topic's use, top genes and, where they are known, cell type and best pathway.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    label
        Column of ``obs`` with cell types, or None.
    pathways
        From `sce2tm.tl.gsea`, or None.
    """
    theta = results.proportions(adata)
    usage = theta.mean()
    leads = np.bincount(theta.to_numpy().argmax(axis=1), minlength=theta.shape[1])
    genes = genes_of_topics(adata)
    columns = {
        "topic": theta.columns.astype(str),
        "usage": usage.map(percent),
        "cells led": [f"{n:,}" for n in leads],
        "top genes": genes.reindex(theta.columns),
    }
    if label is not None:
        columns["most in"] = group_means(adata, label).idxmax().astype(str)
    if pathways is not None:
        columns |= _best(pathways, theta.columns)
    table = pd.DataFrame({name: np.asarray(column) for name, column in columns.items()})
    order = np.argsort(-usage.to_numpy(), kind="stable")
    caption = (
        "Usage: mean proportion over all cells. Cells led: cells in which the topic is the "
        "largest. Top genes: by weight, best first."
    )
    if label is not None:
        caption += f" Most in: the {label} with the highest mean proportion."
    if pathways is not None:
        caption += (
            " Best pathway: smallest p-value of the gene set enrichment, where its p-value, "
            f"adjusted over all topics and sets, is {_FOUND:g} or less."
        )
    part = Table(
        "topic-table",
        caption,
        list(table.columns),
        table.iloc[order].to_numpy().tolist(),
        numeric=("usage", "cells led", "adjusted p"),
        wide=("best pathway",),
        genes=("top genes",),
        sorted_by="usage",
        searchable=True,
    )
    text = (
        "A topic is a set of genes that vary together. Every cell is a mixture of topics, and the "
        "proportions of a cell sum to 1."
    )
    return Section("topics", "Topics", text, [part])


def genes_of_topics(adata: AnnData) -> pd.Series:
    """The top genes of each topic as text, best first."""
    n_genes = min(_N_GENES, len(results.topic_genes(adata)))
    return top_genes(adata, n_genes).groupby("topic")["gene"].agg(" ".join)


def _best(pathways: pd.DataFrame, topics: pd.Index) -> dict[str, list[str]]:
    """Columns of the best pathway of each topic; empty where none is enriched."""
    found = pathways[pathways["padj_all"] <= _FOUND].sort_values("pval", kind="stable")
    best = found.drop_duplicates("topic").set_index("topic").reindex(topics)
    return {
        "best pathway": best["pathway"].fillna("").tolist(),
        "adjusted p": ["" if np.isnan(p) else p_value(p) for p in best["padj_all"]],
    }
