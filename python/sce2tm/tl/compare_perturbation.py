"""Does a predicted change agree with one that was measured, and better than random topics do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from tqdm.auto import tqdm

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.selection import Cells, conditions, select_cells
from sce2tm.tl.agreement import agreement, energy_distance
from sce2tm.tl.experiment import ALL, Experiment, experiment, group_labels
from sce2tm.tl.observed_change import observed_change
from sce2tm.tl.perturb import Perturbation

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# fewer cells than this give no mean worth comparing
_FEWEST = 10
# cells that are moved again for each draw of random topics
_MOST = 2000
_STATISTICS = ("rank_correlation", "overlap", "distance_closed")


@dataclass(frozen=True, eq=False)
class Comparison:
    """A perturbation beside a real condition.

    Attributes
    ----------
    scores
        One row a group and statistic: ``group``, ``statistic``, ``value``, ``random_mean``,
        ``random_sd``, ``p_value`` (share of random draws that do as well, the found one counted
        in) and ``hypergeometric_p`` (of the overlap alone).
    genes
        One row a group and gene: ``group``, ``gene``, ``observed`` and ``predicted`` log fold
        change, both differences of mean log-normalised expression.
    """

    scores: pd.DataFrame
    genes: pd.DataFrame


def compare_perturbation(
    adata: AnnData,
    perturbation: Perturbation,
    observed: tuple[str, str, str],
    *,
    cells: Cells = None,
    n_top: int = 100,
    n_random: int = 100,
    seed: int = 0,
    progress: bool = True,
) -> Comparison:
    """Hold a prediction against a real condition, and against the same move of random topics.

    For each group of the perturbation's `groupby`, and for "all" (the mean over groups, weighted
    by their moved cells, so that a change of the cell types' shares does not count):

    - ``rank_correlation``: Spearman's, of predicted and observed changes over the modelled genes,
      with their signs;
    - ``overlap``: genes among the `n_top` with the largest changes of both that move in the same
      direction; ``hypergeometric_p`` is the chance of as many by drawing genes (which are not
      independent: trust the random topics more);
    - ``distance_closed``: what share of the energy distance between control and treated cells in
      the latent space the move closes; 1 is all, below 0 is farther away.

    Parameters
    ----------
    adata
        The cells that were moved, and the real ones.
    perturbation
        From :func:`perturb`.
    observed
        Column of ``obs``, its control and its treated value.
    cells
        Cells to measure the observed change in, as for :func:`perturb`; None takes all. Topics
        that were chosen by some cells should be judged by others.
    n_top
        Genes on each side of the overlap.
    n_random
        Draws of as many topics, from all topics, moved in the same way: the smallest p is
        1 / (n_random + 1). Each costs one decoding of the moved cells.
    seed
        Of the draws, and of 2,000 of the moved cells, where there are more.
    progress
        Show a bar.

    Returns
    -------
    Comparison
        Groups with fewer than ten moved, control or treated cells are left out.

    Raises
    ------
    InputError
        `adata` lacks cells of the perturbation, an unknown column or value, no group is left, or
        the perturbation moved all topics.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> sce2tm.tl.sce2tm(adata, n_topics=10, epochs=1, progress=False)
    >>> moved = sce2tm.tl.perturb(adata, "topic_1", cells="condition == 'CTRL'")
    >>> found = sce2tm.tl.compare_perturbation(
    ...     adata, moved, ("condition", "CTRL", "STIM"), n_random=5, progress=False
    ... )
    >>> list(found.scores["statistic"])
    ['rank_correlation', 'overlap', 'distance_closed']
    """
    from scipy.stats import hypergeom

    if n_random < 1 or n_top < 1:
        raise InputError(f"n_random={n_random!r} and n_top={n_top!r} must be 1 or more.")
    judged = select_cells(adata, cells, "cells")
    control, treated = (group & judged for group in conditions(adata, observed))
    rng = np.random.default_rng(seed)
    setup, kept = _again(adata, perturbation, control, treated, rng)
    judge = _Judge(adata, setup, perturbation.groupby, kept, control, treated, n_top, rng)

    topics = np.array([setup.topics.index(topic) for topic in perturbation.topics])
    predicted = judge.changes(topics)
    value = judge.scores(topics, predicted)
    draws = np.empty((n_random, *value.shape))
    for draw in tqdm(draws, desc="random topics", disable=not progress):
        other = rng.choice(len(setup.topics), len(topics), replace=False)
        draw[:] = judge.scores(other, judge.changes(other))
    groups = judge.names
    overlap = value[:, 1]
    n_genes = predicted.shape[1]
    scores = pd.DataFrame(
        {
            "group": np.repeat(groups, len(_STATISTICS)),
            "statistic": np.tile(_STATISTICS, len(groups)),
            "value": value.ravel(),
            "random_mean": draws.mean(axis=0).ravel(),
            "random_sd": draws.std(axis=0).ravel(),
            "p_value": ((1 + (draws >= value).sum(axis=0)) / (1 + n_random)).ravel(),
            "hypergeometric_p": np.nan,
        }
    )
    top = min(n_top, n_genes)
    chance = hypergeom.sf(overlap - 1, n_genes, top, top)
    scores.loc[scores["statistic"] == "overlap", "hypergeometric_p"] = chance
    genes = pd.DataFrame(
        {
            "group": np.repeat(groups, n_genes),
            "gene": np.tile(setup.decoder.weights.index, len(groups)),
            "observed": judge.observed.ravel(),
            "predicted": predicted.ravel(),
        }
    )
    return Comparison(scores, genes)


class _Judge:
    """Observed changes of the groups, and how well a prediction agrees with them."""

    def __init__(
        self,
        adata: AnnData,
        setup: Experiment,
        groupby: str | None,
        kept: list[int],
        control: Mask,
        treated: Mask,
        n_top: int,
        rng: np.random.Generator,
    ) -> None:
        self._setup, self._kept, self._n_top = setup, kept, n_top
        self._before = setup.means(setup.latent)
        weights = np.bincount(setup.codes)[kept]
        self._weights = weights / weights.sum()
        groups = [setup.groups[code] for code in kept]
        self.names = groups if groups == [ALL] else [ALL, *groups]
        labels = pd.Index(groups).get_indexer(group_labels(adata, groupby))
        self.observed = self._with_all(
            observed_change(
                adata, setup.decoder.weights.index, labels, control, treated, len(groups)
            )
        )
        latent = results.latent(adata).to_numpy()
        self._pairs = []
        for code, group in zip(kept, range(len(groups)), strict=True):
            real = _some(np.flatnonzero(treated & (labels == group)), rng)
            moved = _some(np.flatnonzero(setup.codes == code), rng)
            before = energy_distance(setup.latent[moved], latent[real])
            self._pairs.append((moved, latent[real], before))

    def changes(self, topics: npt.NDArray[np.intp]) -> Array:
        """Predicted changes, groups ("all" first) x genes."""
        after = self._setup.means(self._setup.moved(topics))
        return self._with_all((after - self._before)[self._kept])

    def scores(self, topics: npt.NDArray[np.intp], predicted: Array) -> Array:
        """Groups x statistics."""
        moved = self._setup.moved(topics)
        closed = np.array(
            [1 - energy_distance(moved[rows], real) / gap for rows, real, gap in self._pairs]
        )
        return np.array(
            [
                (*agreement(guess, truth, self._n_top), share)
                for guess, truth, share in zip(
                    predicted, self.observed, self._with_all(closed[:, None]).ravel(), strict=True
                )
            ]
        )

    def _with_all(self, values: Array) -> Array:
        """Put the weighted mean over groups before them; one group is all."""
        if self.names == [ALL]:
            return values
        return np.concatenate([self._weights[None] @ values, values])


def _some(cells: npt.NDArray[np.intp], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    # distances go with the square of the cells; 300 give them to a few per cent
    return cells if len(cells) <= 300 else rng.choice(cells, 300, replace=False)


def _again(
    adata: AnnData,
    perturbation: Perturbation,
    control: Mask,
    treated: Mask,
    rng: np.random.Generator,
) -> tuple[Experiment, list[int]]:
    """The perturbation's cells, at most 2,000 of them, and its groups that are large enough."""
    if len(perturbation.topics) == perturbation.theta.shape[1]:
        raise InputError("perturbation moved all topics: there are no random ones to compare with.")
    moved = _mask(adata, perturbation.theta.index, "moved")
    if moved.sum() > _MOST:
        moved = np.isin(
            np.arange(adata.n_obs), rng.choice(np.flatnonzero(moved), _MOST, replace=False)
        )
    reference = (
        None
        if perturbation.reference is None
        else _mask(adata, perturbation.reference, "reference")
    )
    labels = pd.Series(group_labels(adata, perturbation.groupby))
    few = pd.DataFrame({"moved": moved, "control": control, "treated": treated}).groupby(labels)
    enough = (few.sum() >= _FEWEST).all(axis=1)
    setup = experiment(
        adata,
        moved,
        reference,
        perturbation.groupby,
        perturbation.how,
        np.array(perturbation.value),
    )
    kept = [code for code, group in enumerate(setup.groups) if enough[group]]
    if not kept:
        raise InputError(
            f"no group of {perturbation.groupby!r} has {_FEWEST} moved, control and treated cells. "
            "Use larger groups, or groupby=None in perturb()."
        )
    return setup, kept


def _mask(adata: AnnData, names: Sequence[str], what: str) -> Mask:
    position = adata.obs_names.get_indexer(names)
    if (position < 0).any():
        raise InputError(
            f"adata lacks {(position < 0).sum()} of the {len(names)} {what} cells of the "
            "perturbation. Give the cells that perturb() was given."
        )
    mask = np.zeros(adata.n_obs, dtype=bool)
    mask[position] = True
    return mask
