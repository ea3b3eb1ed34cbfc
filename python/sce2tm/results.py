"""Read what the model wrote into the container: the figures, the demo and the tables share it."""

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm.container import DECODER, GENE_EMBEDDING, LATENT, THETA, TOPIC_GENES, UNS
from sce2tm.data.matrix import check_unique
from sce2tm.decoder import Decoder
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
    return _table(adata, "obsm", THETA, adata.obs_names)


def latent(adata: AnnData) -> pd.DataFrame:
    """Latent (mean of the posterior) as a table: n cells x K topics, named.

    Raises
    ------
    InputError
        ``adata`` holds no result.
    """
    return _table(adata, "obsm", LATENT, adata.obs_names)


def topic_genes(adata: AnnData) -> pd.DataFrame:
    """Gene-to-topic weights O as a table, of the genes that the model saw.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.

    Returns
    -------
    pandas.DataFrame
        Modelled genes x K topics, named, in the order of ``adata.var_names``; each gene's weights
        sum to 1. Genes that the model did not see (NaN in ``varm``) are left out.

    Raises
    ------
    InputError
        ``adata`` holds no result, or a gene name twice.

    Examples
    --------
    >>> import numpy as np, anndata
    >>> from sce2tm.results import topic_genes
    >>> adata = anndata.AnnData(np.ones((1, 2)))
    >>> adata.var_names = ["CD3D", "MALAT1"]
    >>> adata.varm["sce2tm_topic_genes"] = np.array([[0.75, 0.25], [np.nan, np.nan]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> topic_genes(adata)
          topic_1  topic_2
    CD3D     0.75     0.25
    """
    return _genes(adata, TOPIC_GENES)


def gene_embedding(adata: AnnData) -> pd.DataFrame:
    """Gene embeddings as a table: modelled genes x d, as :func:`topic_genes` gives weights.

    Raises
    ------
    InputError
        ``adata`` holds no result, or a gene name twice.
    """
    return _genes(adata, GENE_EMBEDDING)


def topic_embedding(adata: AnnData) -> pd.DataFrame:
    """Topic embeddings as a table: K topics x d, in the space of :func:`gene_embedding`.

    Raises
    ------
    InputError
        ``adata`` holds no result.
    """
    topics = names(adata)
    if "topic_embedding" not in adata.uns[UNS]:
        raise InputError(
            "adata.uns['sce2tm']['topic_embedding'] is missing. Run sce2tm.tl.sce2tm(adata) first."
        )
    values = np.asarray(adata.uns[UNS]["topic_embedding"], dtype=np.float64)
    if values.ndim != 2 or len(values) != len(topics):
        raise InputError(
            f"adata.uns['sce2tm']['topic_embedding'] has shape {values.shape!r}, but there are "
            f"{len(topics)} topic names. Run sce2tm.tl.sce2tm(adata) again."
        )
    return pd.DataFrame(values, index=topics)


def decoder(adata: AnnData) -> Decoder:
    """What turns topic proportions into expected expression, without the model.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.

    Returns
    -------
    Decoder
        Over the modelled genes that ``adata`` has: its shares sum to 1 over these.

    Raises
    ------
    InputError
        ``adata`` holds no result, or one without ``varm["sce2tm_decoder"]``.
    """
    weights = topic_genes(adata)
    if DECODER not in adata.varm:
        raise InputError(
            f"adata.varm[{DECODER!r}] is missing: these results come from an earlier version. "
            "Run model.annotate(adata) with the saved model, or fit again."
        )
    scaling = pd.DataFrame(np.asarray(adata.varm[DECODER]), index=adata.var_names)
    scale, shift = scaling.loc[weights.index].to_numpy(dtype=np.float32).T
    return Decoder(weights, scale, shift)


def names(adata: AnnData) -> list[str]:
    """Topic names, in order.

    Raises
    ------
    InputError
        ``adata`` holds no result.
    """
    if UNS not in adata.uns or "topic_names" not in adata.uns[UNS]:
        raise InputError(
            "adata.uns['sce2tm']['topic_names'] is missing. Run sce2tm.tl.sce2tm(adata) first."
        )
    return [str(name) for name in adata.uns[UNS]["topic_names"]]


def _genes(adata: AnnData, key: str) -> pd.DataFrame:
    table = _table(adata, "varm", key, adata.var_names)
    table = table[table.notna().all(axis=1)]
    check_unique(table.index, "adata.var_names", "adata.var_names_make_unique()")
    return table


def _table(adata: AnnData, slot: str, key: str, index: pd.Index) -> pd.DataFrame:
    topics = names(adata)
    if key not in getattr(adata, slot):
        raise InputError(f"adata.{slot}[{key!r}] is missing. Run sce2tm.tl.sce2tm(adata) first.")
    values = np.asarray(getattr(adata, slot)[key], dtype=np.float64)
    if key == GENE_EMBEDDING:
        return pd.DataFrame(values, index=index)
    if values.ndim != 2 or values.shape[1] != len(topics) or len(topics) < 2:
        raise InputError(
            f"adata.{slot}[{key!r}] has shape {values.shape!r}, but there are {len(topics)} "
            "topic names. Run sce2tm.tl.sce2tm(adata) with two or more topics."
        )
    return pd.DataFrame(values, index=index, columns=topics)


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


def labels(adata: AnnData, key: str) -> pd.Series:
    """One column of ``obs`` as groups of cells: text, categorical, in the order of the column.

    Raises
    ------
    InputError
        There is no such column, or some cells have no label.
    """
    values = column(adata, key)
    n_missing = int(values.isna().sum())
    if n_missing:
        raise InputError(
            f"adata.obs[{key!r}] lacks a label in {n_missing} of {len(values)} cells. Leave those "
            f"cells out: adata[adata.obs[{key!r}].notna()]."
        )
    used = values.astype("category").cat.remove_unused_categories()
    return used.cat.rename_categories(used.cat.categories.astype(str))


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
