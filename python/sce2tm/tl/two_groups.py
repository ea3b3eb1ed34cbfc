"""Compare two groups of cells in every topic: cell against cell, or donor against donor."""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

FEWEST = 3  # cells or donors: fewer say nothing about the spread

Values = Literal["theta", "latent"]
Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# proportions of 0 and 1, which float32 can end at, have no finite log-odds
_TINY = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Comparison:
    """What came out for K topics; `n` are cells or donors, whichever was compared."""

    test: str
    n: int
    n_reference: int
    mean: Array
    mean_reference: Array
    auc: Array
    pval: Array


def compare_cells(values: Array, inside: Mask, outside: Mask) -> Comparison:
    """Mann-Whitney, two-sided, by the normal approximation with correction for ties."""
    from scipy.stats import mannwhitneyu

    first, second = values[inside], values[outside]
    found = mannwhitneyu(first, second, method="asymptotic")
    return Comparison(
        test="Mann-Whitney, cells",
        n=len(first),
        n_reference=len(second),
        mean=first.mean(axis=0),
        mean_reference=second.mean(axis=0),
        auc=found.statistic / (len(first) * len(second)),
        pval=_one_where_constant(found.pvalue),
    )


def compare_donors(
    values: Array, inside: Mask, outside: Mask, donors: pd.Series, kind: Values
) -> Comparison:
    """A t-test on the donors' means: paired where donors are on both sides, else Welch's."""
    first, second = donor_means(values, inside, donors), donor_means(values, outside, donors)
    shared = first.index.intersection(second.index)
    paired = len(shared) > 0
    if paired:
        first, second = first.loc[shared], second.loc[shared]
    one, other = first.to_numpy(), second.to_numpy()
    above = np.sign(one - other) if paired else np.sign(one[:, None] - other[None]).mean(axis=1)
    return Comparison(
        test="paired t, donors" if paired else "Welch t, donors",
        n=len(one),
        n_reference=len(other),
        mean=one.mean(axis=0),
        mean_reference=other.mean(axis=0),
        auc=(above.mean(axis=0) + 1) / 2,
        pval=_t_test(_tested(one, kind), _tested(other, kind), paired),
    )


def donor_means(values: Array, cells: Mask, donors: pd.Series) -> pd.DataFrame:
    """Mean of each donor's cells: donors x K, donors without a cell left out."""
    return pd.DataFrame(values[cells]).groupby(donors.to_numpy(dtype=object)[cells]).mean()


def _tested(means: Array, kind: Values) -> Array:
    """Proportions as log-odds: there a rare topic spreads as a frequent one does."""
    if kind == "latent":
        return means
    inner = np.clip(means, _TINY, 1 - _TINY)
    return np.asarray(np.log(inner) - np.log1p(-inner))


def _t_test(one: Array, other: Array, paired: bool) -> Array:
    from scipy.stats import ttest_ind, ttest_rel

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # a topic that no donor uses has no spread
        warnings.filterwarnings("ignore", message="Precision loss", category=RuntimeWarning)
        found = ttest_rel(one, other) if paired else ttest_ind(one, other, equal_var=False)
    return _one_where_constant(found.pvalue)


def _one_where_constant(pval: Array) -> Array:
    return np.where(np.isnan(pval), 1.0, pval)
