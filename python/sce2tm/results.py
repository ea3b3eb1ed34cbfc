"""Read what the model wrote into the container: the figures, the demo and the tables share it."""

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm.errors import InputError


def proportions(adata: AnnData) -> pd.DataFrame:
    """Topic proportions as a table.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.

    Returns
    -------
    pandas.DataFrame
        n cells x K topics, named; rows sum to 1.

    Raises
    ------
    InputError
        ``adata`` holds no result.

    Examples
    --------
    >>> import numpy as np, anndata
    >>> from sce2tm.results import proportions
    >>> adata = anndata.AnnData(np.ones((1, 3)))
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.75, 0.25]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> proportions(adata)
       topic_1  topic_2
    0     0.75     0.25
    """
    if "sce2tm_theta" not in adata.obsm or "sce2tm" not in adata.uns:
        raise InputError(
            "adata.obsm['sce2tm_theta'] or adata.uns['sce2tm'] is missing. "
            "Run sce2tm.tl.sce2tm(adata) first."
        )
    names = [str(name) for name in adata.uns["sce2tm"]["topic_names"]]
    return pd.DataFrame(
        np.asarray(adata.obsm["sce2tm_theta"]), index=adata.obs_names, columns=names
    )


def column(adata: AnnData, key: str) -> pd.Series:
    """One column of ``obs``, with an error that lists the others.

    Raises
    ------
    InputError
        There is no such column.
    """
    if key not in adata.obs:
        raise InputError(
            f"{key!r} is no column of adata.obs. Use one of {sorted(map(str, adata.obs.columns))}."
        )
    return adata.obs[key]


def topic_shift(
    adata: AnnData, condition: str, groups: tuple[str, str] | None = None
) -> pd.DataFrame:
    """Mean topic proportions in two groups of cells, and their difference.

    The difference is over all cells of a group: where the groups differ in their cell types, it
    shows that as well.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    condition
        Column of ``obs`` that holds the groups.
    groups
        Reference and other group. None takes the two values of ``condition`` in their order.

    Returns
    -------
    pandas.DataFrame
        K rows; columns: the two groups and ``difference`` (other minus reference), largest rise
        first.

    Raises
    ------
    InputError
        No such column or group, or more than two groups and none named.

    Examples
    --------
    >>> import numpy as np, anndata
    >>> from sce2tm.results import topic_shift
    >>> adata = anndata.AnnData(np.ones((2, 3)))
    >>> adata.obs["drug"] = ["no", "yes"]
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> topic_shift(adata, "drug")
               no  yes  difference
    topic_2  0.25  0.5        0.25
    topic_1  0.75  0.5       -0.25
    """
    labels = column(adata, condition).astype("category")
    present = [str(name) for name in labels.cat.remove_unused_categories().cat.categories]
    if groups is None:
        if len(present) != 2:
            raise InputError(
                f"adata.obs[{condition!r}] holds {len(present)} groups: {present}. "
                "Name two of them: groups=(reference, other)."
            )
        groups = (present[0], present[1])
    for name in groups:
        if name not in present:
            raise InputError(
                f"groups={groups!r}: {name!r} is not in adata.obs[{condition!r}]. "
                f"Use two of {present}."
            )
    theta = proportions(adata)
    text = labels.astype(str).to_numpy()
    means = pd.DataFrame({name: theta[text == name].mean() for name in groups})
    means["difference"] = means[groups[1]] - means[groups[0]]
    return means.sort_values("difference", ascending=False, kind="stable")
