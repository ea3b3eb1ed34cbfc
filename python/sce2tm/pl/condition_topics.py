"""Which topics rise or fall between two groups of cells."""

import numpy as np
import pandas as pd
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm import results
from sce2tm.pl import style
from sce2tm.tl.top_genes import top_genes


def condition_topics(
    adata: AnnData,
    condition: str,
    *,
    groups: tuple[str, str] | None = None,
    n_topics: int = 12,
    n_genes: int = 4,
    ax: Axes | None = None,
) -> Axes:
    """Draw the topics whose mean proportion differs most between two groups, with their genes.

    Parameters
    ----------
    adata
        Cells with the model's results.
    condition
        Column of ``obs`` that holds the groups.
    groups
        Reference and other group. None takes the two values of ``condition`` in their order.
    n_topics
        How many topics: those with the largest difference, up or down.
    n_genes
        Top genes written beside each topic.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        One bar a topic, largest rise on top: mean proportion in the other group minus that in the
        reference, over all cells of each. Groups of other cell types differ in topics, too.

    Raises
    ------
    InputError
        No results, no such column or group, or more than two groups and none named.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((2, 3)))
    >>> adata.var_names = ["CD3D", "MS4A1", "ISG15"]
    >>> adata.obs["drug"] = ["no", "yes"]
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> ax = sce2tm.pl.condition_topics(adata, "drug", n_genes=1)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['topic_2  ISG15', 'topic_1  CD3D']
    """
    means = results.topic_shift(adata, condition, groups)
    reference, other = means.columns[:2]
    largest = means["difference"].abs().nlargest(n_topics).index
    shown: pd.Series = means.loc[means.index.isin(largest), "difference"]
    genes = top_genes(adata, n_genes).groupby("topic")["gene"].agg(", ".join)

    ax = ax or style.new_axes(8.0, 1.0 + 0.3 * len(shown))
    fills = np.where(shown > 0, style.UP, style.DOWN)
    ax.barh(range(len(shown)), shown, color=fills)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(shown)), [f"{topic}  {genes[topic]}" for topic in shown.index])
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=5)
    ax.invert_yaxis()
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set(
        xlabel=f"mean proportion, {other} minus {reference}",
        title=f"topics that differ most by {condition}",
    )
    return ax
