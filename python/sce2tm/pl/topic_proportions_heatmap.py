"""Mean topic proportions of groups of cells, as a heatmap."""

import numpy as np
from anndata import AnnData
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from sce2tm.pl import style
from sce2tm.pl.topic_proportions import group_means


def topic_proportions_heatmap(adata: AnnData, groupby: str, *, ax: Axes | None = None) -> Axes:
    """Draw the mean proportion of every topic in every group of cells.

    Parameters
    ----------
    adata
        Cells with the model's results.
    groupby
        Column of ``obs`` that holds the groups.
    ax
        Axes to draw on; None makes a figure as wide as the topics need.

    Returns
    -------
    matplotlib.axes.Axes
        Groups in rows, topics in columns, each topic under the group that has most of it. The
        colours follow the square root, or a topic of a few percent would be as dark as none.

    Raises
    ------
    InputError
        No results, no such column, or missing labels.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((2, 3)))
    >>> adata.obs["drug"] = ["no", "yes"]
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.2, 0.8], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> ax = sce2tm.pl.topic_proportions_heatmap(adata, "drug")
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['2', '1']
    """
    means = group_means(adata, groupby)
    values = means.to_numpy()
    order = np.lexsort((-values.max(axis=0), values.argmax(axis=0)))
    numbers = [str(means.columns[topic]).removeprefix("topic_") for topic in order]

    ax = ax or style.new_axes(2.6 + 0.16 * len(order), 1.3 + 0.24 * len(means))
    norm = PowerNorm(0.5, vmin=0, vmax=float(values.max()))
    image = ax.imshow(values[:, order], aspect="auto", cmap="viridis", norm=norm)
    ax.set_xticks(range(len(order)), numbers, rotation=90, fontsize=8)
    ax.set_yticks(range(len(means)), list(means.index), fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="topic", title=f"topics by {groupby}")
    ax.figure.colorbar(image, ax=ax, label="mean proportion", fraction=0.05, pad=0.01, aspect=15)
    return ax
