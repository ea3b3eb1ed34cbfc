"""What would expression be if cells had more, or less, of some topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy.special import softmax

from sce2tm import results
from sce2tm.data.matrix import check_unique, listing
from sce2tm.errors import InputError
from sce2tm.selection import Cells, select_cells
from sce2tm.tl.experiment import Experiment, experiment

How = Literal["add", "scale", "set", "reference"]
_SHOWN = 5


@dataclass(frozen=True, eq=False, repr=False)
class Perturbation:
    """Cells before and after a move along topics; printing it gives a summary.

    Attributes
    ----------
    topics, how, value, groupby
        What was asked for; `value` has one number a topic, none where `how` is "reference".
    genes
        One row a group and gene: ``group``, ``gene``, ``n_cells``, ``baseline``, ``perturbed``
        and ``log_fold_change``. Baseline and perturbed are what the model expects on the scale of
        its input, the mean over the group's cells of log-normalised expression (natural log);
        ``log_fold_change`` is their difference.
    latent_before, latent, theta_before, theta
        Cells x K tables, before and after.
    expression
        The same for single cells and chosen genes: ``cell``, ``gene``, ``baseline``,
        ``perturbed``. Empty without `genes`.
    reference
        Names of the reference cells, or None.
    """

    topics: tuple[str, ...]
    how: How
    value: tuple[float, ...]
    groupby: str | None
    genes: pd.DataFrame
    latent_before: pd.DataFrame
    latent: pd.DataFrame
    theta_before: pd.DataFrame
    theta: pd.DataFrame
    expression: pd.DataFrame
    reference: pd.Index | None

    def __repr__(self) -> str:
        values = f" {', '.join(f'{value:g}' for value in self.value)}" if self.value else ""
        mean = self.genes["log_fold_change"] * self.genes["n_cells"] / len(self.theta)
        changes = mean.groupby(self.genes["gene"]).sum().sort_values(ascending=False)
        ends = [f"{gene} {change:+.2f}" for gene, change in changes.items()]
        return "\n".join(
            [
                f"{', '.join(self.topics)}: {self.how}{values}",
                f"{len(self.theta)} cells, {len(changes)} genes; mean change of log expression",
                f"up: {', '.join(ends[:_SHOWN])}",
                f"down: {', '.join(ends[: -_SHOWN - 1 : -1])}",
            ]
        )


def perturb(
    adata: AnnData,
    topics: str | Sequence[str],
    how: How = "add",
    value: float | Sequence[float] | None = None,
    *,
    cells: Cells = None,
    reference: Cells = None,
    groupby: str | None = None,
    genes: Sequence[str] = (),
) -> Perturbation:
    """Move cells along topics and decode what they would express.

    Everything happens in the latent space, whose softmax the topic proportions are; so the other
    topics make room in proportion. A prediction of the model, not of an experiment: compare it
    with one by :func:`compare_perturbation`.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into, with their expression.
    topics
        Names of the topics to move.
    how
        ``"add"``: add `value` to the latent (the odds of the topic grow by exp(value); the latent
        has a standard deviation near 1). ``"scale"``: multiply the odds by `value`; 0 takes the
        topic out. ``"set"``: make `value` the topic's proportion. ``"reference"``: replace the
        latent of the topics by that of the `reference` cells at the same quantile, within each
        group: it moves any topic that differs, so random topics move towards the reference, too.
    value
        One number, or one for each topic. None adds 1; "scale" and "set" need it.
    cells
        Cells to move: one boolean for each, or a query of ``obs`` such as
        ``"condition == 'CTRL'"``; None moves all.
    reference
        Cells to take the topics' intensity from, chosen in the same way.
    groupby
        Column of ``obs``, such as the cell type: the tables go by it, and so does the matching.
    genes
        Modelled genes to give for each single cell as well.

    Returns
    -------
    Perturbation

    Raises
    ------
    InputError
        An unknown topic, gene or column, a `value` that cannot be, cells or reference that are
        none, or results without ``varm["sce2tm_decoder"]``.

    Notes
    -----
    Expected shares of expression (paper, Eq. 18) times each cell's own total of log-normalised
    expression over the modelled genes, which is held fixed. A small step gives small changes: read
    their direction and order. Needs no model and no torch. Two passes over the sparse expression,
    and two decodings in blocks of cells: half a second for 1,300 of 2,800 cells and 2,000 genes.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.tl.sce2tm(adata, n_topics=10, epochs=1, progress=False)
    >>> found = sce2tm.tl.perturb(adata, "topic_1", cells="condition == 'CTRL'")
    >>> list(found.genes.columns)
    ['group', 'gene', 'n_cells', 'baseline', 'perturbed', 'log_fold_change']
    """
    check_unique(adata.obs_names, "adata.obs_names", "adata.obs_names_make_unique()")
    known = results.names(adata)
    chosen = (topics,) if isinstance(topics, str) else tuple(topics)
    unknown = [topic for topic in chosen if topic not in known]
    if unknown or not chosen or len(set(chosen)) < len(chosen):
        raise InputError(
            f"topics={topics!r}: give topics of the model, each once, from {known[0]} to "
            f"{known[-1]}."
        )
    if (how == "reference") != (reference is not None):
        raise InputError(
            f"how={how!r} with reference={reference!r}: how='reference' needs reference cells, "
            "and the other ways take none."
        )
    values = _values(how, value, len(chosen))
    mask = select_cells(adata, cells, "cells")
    models = None if reference is None else select_cells(adata, reference, "reference")
    setup = experiment(adata, mask, models, groupby, how, values)
    after = setup.moved(np.array([known.index(topic) for topic in chosen]))

    def table(part: npt.NDArray[np.float64]) -> pd.DataFrame:
        return pd.DataFrame(part, index=setup.cells, columns=known)

    return Perturbation(
        topics=chosen,
        how=how,
        value=tuple(values.tolist()),
        groupby=groupby,
        genes=_genes(setup, after),
        latent_before=table(setup.latent),
        latent=table(after),
        theta_before=table(softmax(setup.latent, axis=1)),
        theta=table(softmax(after, axis=1)),
        expression=_single_cells(setup, after, list(genes)),
        reference=None if models is None else adata.obs_names[models],
    )


def _genes(setup: Experiment, after: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Tidy table of groups x genes."""
    names = setup.decoder.weights.index
    baseline, perturbed = setup.means(setup.latent), setup.means(after)
    return pd.DataFrame(
        {
            "group": np.repeat(setup.groups, len(names)),
            "gene": np.tile(names, len(setup.groups)),
            "n_cells": np.repeat(np.bincount(setup.codes), len(names)),
            "baseline": baseline.ravel(),
            "perturbed": perturbed.ravel(),
            "log_fold_change": (perturbed - baseline).ravel(),
        }
    )


def _single_cells(
    setup: Experiment, after: npt.NDArray[np.float64], genes: list[str]
) -> pd.DataFrame:
    unknown = [gene for gene in genes if gene not in setup.decoder.weights.index]
    if unknown:
        raise InputError(
            f"genes holds {len(unknown)} names that the model did not see: {listing(unknown)}. "
            "Choose from sce2tm.results.topic_genes(adata).index."
        )
    return pd.DataFrame(
        {
            "cell": np.repeat(setup.cells, len(genes)),
            "gene": np.tile(np.array(genes, dtype=object), len(setup.cells)),
            "baseline": setup.of_genes(setup.latent, genes).ravel(),
            "perturbed": setup.of_genes(after, genes).ravel(),
        }
    )


def _values(
    how: str, value: float | Sequence[float] | None, n_topics: int
) -> npt.NDArray[np.float64]:
    """One number for each topic, checked."""
    if how not in ("add", "scale", "set", "reference"):
        raise InputError(f"how={how!r} is unknown. Use 'add', 'scale', 'set' or 'reference'.")
    if how == "reference":
        if value is not None:
            raise InputError(f"value={value!r} has no meaning with how='reference'. Leave it out.")
        return np.empty(0)
    if value is None and how == "add":
        value = 1.0
    given = np.atleast_1d(np.asarray(np.nan if value is None else value, dtype=np.float64))
    if given.shape not in ((1,), (n_topics,)) or not np.isfinite(given).all():
        raise InputError(
            f"value={value!r}: how={how!r} needs a number, or one for each of {n_topics} topics."
        )
    values = np.broadcast_to(given, n_topics)
    if how != "add" and values.min() < 0:
        raise InputError(f"value={value!r}: how={how!r} needs zero or more.")
    if how == "set" and values.sum() >= 1:
        raise InputError(
            f"value={value!r}: the {n_topics} topics would hold {values.sum():g} of a cell; the "
            "sum must be below 1, for the others to hold the rest."
        )
    return values
