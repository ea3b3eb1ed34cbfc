"""Which topic finds each cell type, however rare."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm import results
from sce2tm.data.matrix import listing
from sce2tm.errors import InputError


def rare_types(
    adata: AnnData, labels: str, markers: Mapping[str, Sequence[str]] | None = None
) -> pd.DataFrame:
    """Find the topic that stands for each label, and say how well it does.

    The cells of a topic are those in which it is the largest. Of all topics the one whose cells
    agree best with those of the label (F1) is taken; one topic can be the best of several labels,
    and its precision is then low for the rarer of them.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    labels
        Column of ``obs`` that holds the known types; no missing values.
    markers
        Label -> marker genes, for some or all labels. Take them from elsewhere: markers computed
        on these cells and labels repeat what F1 says. Genes that the model did not see do not
        count.

    Returns
    -------
    pandas.DataFrame
        One row for each label, the rarest first:

        =================  ========================================================================
        column             meaning
        =================  ========================================================================
        ``label``          the type
        ``n_cells``        how many cells have it
        ``topic``          its best topic
        ``n_topic_cells``  in how many cells that topic is the largest
        ``precision``      share of the topic's cells that have the label
        ``recall``         share of the label's cells that have the topic
        ``f1``             harmonic mean of the two
        ``auprc``          area under the precision-recall curve of the topic's proportion, which
                           asks less than being the largest; ``n_cells`` / all cells is chance
        =================  ========================================================================

        With ``markers`` also ``n_markers`` (seen by the model), ``marker_auc`` (probability that a
        marker weighs more in the topic than another gene; 0.5 is chance), ``marker_pval``
        (Mann-Whitney, one-sided) and ``marker_padj`` (Benjamini-Hochberg over labels with
        markers); NaN for labels without.

    Raises
    ------
    InputError
        No results, no such column, missing labels, fewer than two, or markers of an unknown label
        or not in the model at all.

    Notes
    -----
    Cost: below a second for 10,000 cells and 100 topics. Among many topics the best agrees a little
    with any label by chance, more so with a rare one: read F1 beside ``n_cells``.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((4, 3)))
    >>> adata.obs["cell_type"] = ["B", "B", "B", "rare"]
    >>> first = np.array([0.9, 0.8, 0.7, 0.2])
    >>> adata.obsm["sce2tm_theta"] = np.column_stack([first, 1 - first])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.rare_types(adata, "cell_type")[["label", "n_cells", "topic", "f1"]]
      label  n_cells    topic   f1
    0  rare        1  topic_2  1.0
    1     B        3  topic_1  1.0
    """
    from sklearn.metrics import average_precision_score

    types = results.labels(adata, labels)
    names = types.cat.categories
    if len(names) < 2:
        raise InputError(
            f"adata.obs[{labels!r}] holds one label only: {list(names)}. Give a column with two or "
            "more."
        )
    theta = results.proportions(adata)
    both = np.zeros((len(names), theta.shape[1]))
    np.add.at(both, (types.cat.codes.to_numpy(), theta.to_numpy().argmax(axis=1)), 1)
    of_label, of_topic = both.sum(axis=1), both.sum(axis=0)
    f1 = 2 * both / (of_label[:, None] + of_topic)
    best, rows = f1.argmax(axis=1), np.arange(len(names))
    table = pd.DataFrame(
        {
            "label": names.to_numpy(dtype=object),
            "n_cells": of_label.astype(int),
            "topic": theta.columns[best].to_numpy(dtype=object),
            "n_topic_cells": of_topic[best].astype(int),
            "precision": both[rows, best] / of_topic[best],
            "recall": both[rows, best] / of_label,
            "f1": f1[rows, best],
            "auprc": [
                average_precision_score(types == name, theta.iloc[:, topic])
                for name, topic in zip(names, best, strict=True)
            ],
        }
    )
    if markers is not None:
        table = table.join(_marker_columns(adata, table, markers, labels))
    return table.sort_values("n_cells", kind="stable", ignore_index=True)


def _marker_columns(
    adata: AnnData, table: pd.DataFrame, markers: Mapping[str, Sequence[str]], key: str
) -> pd.DataFrame:
    """Do the markers of each label weigh more in its topic than other genes."""
    from scipy.stats import false_discovery_control, mannwhitneyu

    _check_markers(markers, list(table["label"]), key)
    weights = results.topic_genes(adata)
    columns = pd.DataFrame(
        {"n_markers": 0, "marker_auc": np.nan, "marker_pval": np.nan, "marker_padj": np.nan},
        index=table.index,
    )
    for row, label, topic in table[["label", "topic"]].itertuples():
        is_marker = weights.index.isin(list(markers.get(label, ())))
        n_markers = int(is_marker.sum())
        columns.loc[row, "n_markers"] = n_markers
        if 0 < n_markers < len(weights):
            own, others = weights.loc[is_marker, topic], weights.loc[~is_marker, topic]
            found = mannwhitneyu(own, others, alternative="greater", method="asymptotic")
            columns.loc[row, "marker_auc"] = found.statistic / (len(own) * len(others))
            columns.loc[row, "marker_pval"] = found.pvalue
    tested = columns["marker_pval"].notna()
    if not tested.any():
        genes = [gene for some in markers.values() for gene in some]
        raise InputError(
            f"markers: none of {listing(genes)} is among the {len(weights)} genes that the model "
            f"saw, such as {weights.index[0]!r}. Use names of the same species and kind."
        )
    columns.loc[tested, "marker_padj"] = false_discovery_control(columns["marker_pval"][tested])
    return columns


def _check_markers(markers: Mapping[str, Sequence[str]], known: list[str], key: str) -> None:
    unknown = [label for label in markers if label not in known]
    if unknown or not markers:
        raise InputError(
            f"markers has genes for {list(markers)!r}, but adata.obs[{key!r}] holds {known}. "
            "Give a dict of label -> genes with labels of that column."
        )
    for label, genes in markers.items():
        if isinstance(genes, str):
            raise InputError(
                f"markers[{label!r}]={genes!r} is one text. Give a list of genes, [{genes!r}]."
            )
