"""The running sum of one gene set along one topic."""

import numpy as np
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm.errors import InputError
from sce2tm.pl import style
from sce2tm.tl._enrichment.ranks import Ranking
from sce2tm.tl.collections import GeneSets
from sce2tm.tl.collections import gene_sets as read_gene_sets
from sce2tm.tl.topic_ranks import topic_ranks

_BELOW = 0.38  # share of the height for the members of the set and the ranked values


def gsea_running_sum(
    adata: AnnData,
    gene_sets: GeneSets,
    topic: str,
    pathway: str,
    *,
    ranking: Ranking = "rank",
    ignore_case: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the running sum of a gene set, where its genes are, and the values of the ranked genes.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    gene_sets, ranking, ignore_case
        As for :func:`sce2tm.tl.gsea`.
    topic, pathway
        Names of the topic and of the set.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The running sum, with its highest or lowest point (ES) marked; below it, in insets, the
        members of the set (the leading edge in colour) and the ranked values.

    Raises
    ------
    InputError
        No results, no such topic or set, or none of its genes (or all) among those ranked.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "LYZ"]
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.1, 0.9], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> ax = sce2tm.pl.gsea_running_sum(adata, {"T cell": ["CD3D"]}, "topic_1", "T cell")
    >>> ax.get_title()
    'T cell, topic_1: ES 1.00'
    """
    sets = read_gene_sets(gene_sets)
    if pathway not in sets:
        raise InputError(
            f"pathway={pathway!r} is none of the {len(sets)} gene sets, such as "
            f"{next(iter(sets))!r}. Use the name of one."
        )
    ranks = topic_ranks(adata, topic, ranking)
    alike = str.upper if ignore_case else str
    wanted = {alike(gene) for gene in sets[pathway]}
    is_hit = np.array([alike(gene) in wanted for gene in ranks.index])
    if not is_hit.any() or is_hit.all():
        raise InputError(
            f"pathway={pathway!r}: {is_hit.sum()} of its {len(wanted)} genes are among the "
            f"{len(ranks)} that are ranked. A running sum needs some, but not all, of these."
        )
    weight = np.where(is_hit, np.abs(ranks.to_numpy()), 0.0)
    steps = weight / weight.sum() - ~is_hit / (~is_hit).sum()
    heights = np.concatenate([[0.0], np.cumsum(steps)])
    peak = int(np.abs(heights).argmax())
    score = heights[peak]

    hits = np.flatnonzero(is_hit) + 1
    is_leading = hits <= peak if score >= 0 else hits > peak

    ax = ax or style.new_axes(6.0, 4.5)
    fill = style.UP if score >= 0 else style.DOWN
    ax.plot(range(len(heights)), heights, color=fill, linewidth=1.5)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.plot([peak, peak], [0, score], color="black", linewidth=0.8, linestyle=":")
    low, high = heights.min(), heights.max()
    # the curve takes the upper part of the axes, so that any layout holds all three
    floor = high - (high - low) / (1 - _BELOW)
    ax.set(
        xlim=(0, len(ranks)),
        ylim=(floor, high + 0.03 * (high - floor)),
        xlabel=f"genes by weight ({is_leading.sum()} of {len(hits)} in the leading edge)",
        title=f"{style.shortened(pathway)}, {topic}: ES {score:.2f}",
    )
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
    ax.set_ylabel("running sum", y=(1 + _BELOW) / 2)
    ax.spines["left"].set_bounds(low, high)
    ax.spines[["top", "right"]].set_visible(False)

    members = ax.inset_axes((0, 0.24, 1, 0.09), sharex=ax)
    members.vlines(hits[~is_leading], 0, 1, color="#5E5E5E", linewidth=0.8)
    members.vlines(hits[is_leading], 0, 1, color=fill, linewidth=0.8)
    members.set_ylim(0, 1)
    members.set_axis_off()
    values = ax.inset_axes((0, 0, 1, 0.2), sharex=ax)
    values.fill_between(range(1, len(ranks) + 1), ranks.to_numpy(), color="#9AD1F2", linewidth=0)
    values.set(ylabel="score of rank" if ranking == "rank" else "weight", ylim=(0, None))
    values.tick_params(axis="x", labelbottom=False, length=0)
    values.spines[["top", "right"]].set_visible(False)
    return ax
