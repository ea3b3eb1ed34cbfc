"""Genes as dots and topics as stars, in one plane."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sce2tm.data.matrix import listing
from sce2tm.errors import InputError
from sce2tm.pl import labels, style

_NEEDED = ["name", "kind", "x", "y", "topic", "weight"]


def topic_gene_map(
    table: pd.DataFrame,
    genes: Sequence[str] | None = None,
    *,
    n_genes: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """Draw the map of genes and topics.

    Parameters
    ----------
    table
        What ``sce2tm.tl.topic_gene_map`` returned.
    genes
        Genes to name. None names the top genes of each topic.
    n_genes
        How many of each topic, where ``genes`` is None: those with the largest weight.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        Genes in the colour of the topic where their weight is largest, topics as stars with their
        numbers. Beyond 16 topics colours come again. Names that find no room are left out.

    Raises
    ------
    InputError
        Not such a table, or no such gene.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> table = pd.DataFrame(
    ...     {
    ...         "name": ["CD3D", "MS4A1", "topic_1", "topic_2"],
    ...         "kind": ["gene", "gene", "topic", "topic"],
    ...         "x": [0.0, 9.0, 1.0, 8.0],
    ...         "y": [0.0, 9.0, 1.0, 8.0],
    ...         "topic": ["topic_1", "topic_2", "topic_1", "topic_2"],
    ...         "weight": [0.8, 0.9, None, None],
    ...     }
    ... )
    >>> ax = sce2tm.pl.topic_gene_map(table)
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', 'MS4A1', 'CD3D']
    """
    missing = [column for column in _NEEDED if column not in table]
    if missing or table.empty:
        raise InputError(
            f"table has {len(table)} rows and lacks the columns {missing}. Give what "
            "sce2tm.tl.topic_gene_map returned."
        )
    dots, stars = table[table["kind"] == "gene"], table[table["kind"] == "topic"]
    fills = dict(zip(stars["name"], style.colors(len(stars)), strict=True))
    named = _named(dots, genes, n_genes)

    ax = ax or style.new_axes(7.5, 7.0)
    points, places = dots[["x", "y"]].to_numpy(), stars[["x", "y"]].to_numpy()
    style.scatter(ax, points, c=[fills[topic] for topic in dots["topic"]], alpha=0.7)
    size = float(np.clip(4000 / len(stars), 50, 130))
    ax.scatter(
        places[:, 0],
        places[:, 1],
        marker="*",
        s=size,
        c=list(fills.values()),
        edgecolors="black",
        linewidths=0.7,
    )
    style.bare(ax, "X_umap", "genes (dots) and topics (stars)")
    numbers = [str(name).removeprefix("topic_") for name in stars["name"]]
    labels.write(ax, places, numbers, fontsize=9, fontweight="bold")
    where = named[["x", "y"]].to_numpy()
    labels.write(ax, where, list(named["name"]), avoid=places, fontsize=7)
    return ax


def _named(dots: pd.DataFrame, genes: Sequence[str] | None, n_genes: int) -> pd.DataFrame:
    """The genes to name, the most important first."""
    if genes is None:
        strongest = dots.sort_values("weight", ascending=False, kind="stable")
        return strongest.groupby("topic", sort=False).head(n_genes)
    unknown = [gene for gene in genes if gene not in set(dots["name"])]
    if unknown:
        raise InputError(
            f"genes: {listing(unknown)} are not on the map. Use genes that the model saw."
        )
    return dots.set_index("name").loc[list(genes)].reset_index()
