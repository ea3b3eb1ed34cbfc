"""Where the topics are: cells in two dimensions, groups of cells, conditions."""

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import pl, results
from sce2tm.container import LATENT, THETA, UNS
from sce2tm.layout import ensure_umap
from sce2tm.report.parts import Figure, Section, Table, draw, p_value, percent
from sce2tm.report.topics import genes_of_topics
from sce2tm.tl.differential_topics import differential_topics

_MOST_CELLS = 20_000  # more take minutes to lay out, and hide each other
_MOST_GROUPS = 6
_DIFFERS = 0.05


def cells_section(
    adata: AnnData, label: str | None, condition: str | None, donor: str | None, seed: int
) -> Section:
    """UMAPs, proportions by group, and the topics that differ between conditions.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    label, condition
        Columns of ``obs``, or None.
    donor
        As in `sce2tm.tl.differential_topics`.
    seed
        For the choice of cells that are drawn, and their UMAP.
    """
    drawn = _drawn(adata, seed)
    groups = [key for key in (label, condition) if key is not None]
    parts: list[Figure | Table] = [
        draw(
            pl.embedding,
            drawn,
            key,
            alt=f"UMAP of the cells, coloured by {key}.",
            caption=f"Cells by {key}: cells with like topics lie close together.",
        )
        for key in groups
    ]
    parts.append(
        draw(
            pl.dominant_topic,
            drawn,
            alt="UMAP of the cells, coloured by the largest topic of each.",
            caption="Cells by their largest topic; topics that lead few cells are grey.",
        )
    )
    parts += [
        draw(
            pl.topic_proportions,
            adata,
            key,
            alt=f"Stacked bars: mean topic proportions for each {key}.",
            caption=f"What the cells of each {key} are made of, on average.",
        )
        for key in groups
    ]
    if condition is not None:
        parts += _differences(adata, condition, donor)
    text = f"All {adata.n_obs:,} cells by the topics they are made of."
    if drawn.n_obs < adata.n_obs:
        text += f" The maps show {drawn.n_obs:,} of them, drawn at random."
    return Section("cells", "Cells", text, parts)


def _drawn(adata: AnnData, seed: int) -> AnnData:
    """The cells of the maps with coordinates, without their expression."""
    cells = np.arange(adata.n_obs)
    if len(cells) > _MOST_CELLS:
        cells = np.sort(np.random.default_rng(seed).choice(len(cells), _MOST_CELLS, replace=False))
    obsm = {
        LATENT: results.latent(adata).to_numpy()[cells],
        THETA: results.proportions(adata).to_numpy()[cells],
    }
    if "X_umap" in adata.obsm:
        obsm["X_umap"] = np.asarray(adata.obsm["X_umap"])[cells]
    drawn = AnnData(obs=adata.obs.iloc[cells].copy(), obsm=obsm, uns={UNS: adata.uns[UNS]})
    ensure_umap(drawn, seed)
    return drawn


def _differences(adata: AnnData, condition: str, donor: str | None) -> list[Figure | Table]:
    """A volcano for each group, and the table of the topics that differ."""
    table = differential_topics(adata, condition, donor=donor)
    parts: list[Figure | Table] = []
    for group, rows in list(table.groupby("group", sort=False))[:_MOST_GROUPS]:
        n_differ = int((rows["padj"] < _DIFFERS).sum())
        against = rows["reference"].iloc[0]
        parts.append(
            draw(
                pl.volcano,
                table,
                str(group),
                alt=f"Volcano plot: {n_differ} of {len(rows)} topics differ between {group} and "
                f"{against} at an adjusted p-value below {_DIFFERS:g}.",
                caption=f"{group} against {against}: right, topics that are larger in {group}.",
            )
        )
    over = "cells" if donor is None else "donors"
    differ = table[table["padj"] < _DIFFERS]
    caption = (
        f"Topics that differ between {condition} groups (adjusted p-value below {_DIFFERS:g}); "
        f"tested over {over}. AUC: chance that one of the group lies above one of the reference."
    )
    if donor is None:
        caption += " Cells of one donor are no replicates: name the donors to learn about donors."
    return [*parts, _difference_table(differ, genes_of_topics(adata), caption)]


def _difference_table(differ: pd.DataFrame, genes: pd.Series, caption: str) -> Table:
    rows = [
        [row.topic, row.group, row.reference, percent(row.mean), percent(row.mean_reference),
         f"{row.auc:.2f}", p_value(row.padj), genes[row.topic]]
        for row in differ.itertuples()
    ]  # fmt: skip
    return Table(
        "difference-table",
        caption,
        [
            "topic",
            "group",
            "reference",
            "mean",
            "mean of reference",
            "AUC",
            "adjusted p",
            "top genes",
        ],
        rows,
        numeric=("mean", "mean of reference", "AUC", "adjusted p"),
        genes=("top genes",),
        searchable=True,
    )
