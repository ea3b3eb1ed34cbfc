"""Read the table of a K selection: one choice, and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sce2tm.errors import InputError

_NEEDED = ("n_topics", "seed", "stability", "held_out", "held_out_se")


@dataclass(frozen=True)
class Recommendation:
    """A number of topics, and the reasons in words.

    Attributes
    ----------
    n_topics
        K.
    reason
        One paragraph; what speaks against the choice is said, too.
    """

    n_topics: int
    reason: str


def recommend_k(table: pd.DataFrame) -> Recommendation:
    """Recommend a number of topics by two one-standard-error rules, one after the other.

    First, K whose held-out likelihood is within one standard error, that of the best, of the best:
    the others miss something, or fit noise. The error is over cells and over seeds. Of these, K
    whose stability is within one standard error (over seeds) of the best among them. Of these, the
    smallest. All K are scored on the same cells, so that their differences are surer than this
    error says: the rule leans towards few topics, as its use in pruning trees does.

    Parameters
    ----------
    table
        As :func:`select_k` returns it.

    Returns
    -------
    Recommendation
        ``n_topics`` and ``reason``. It is a default to argue with: topics that a question needs
        (a rare type, a weak response) can be worth a larger K.

    Raises
    ------
    InputError
        Columns are missing, or there is no row.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> figures = {
    ...     "n_topics": [5, 10, 20],
    ...     "seed": [0, 0, 0],
    ...     "stability": [0.7, 0.9, 0.6],
    ...     "held_out": [0.20, 0.30, 0.305],
    ...     "held_out_se": [0.01, 0.01, 0.01],
    ... }
    >>> choice = sce2tm.tl.recommend_k(pd.DataFrame(figures))
    >>> choice.n_topics
    10
    """
    means = summarise(table)
    best = means["held_out"].idxmax()
    likely = means[means["held_out"] >= bound(means)]
    reasons = [
        f"The held-out likelihood is best at K={best} ({means.at[best, 'held_out']:.3f}). Within "
        f"one standard error of it: {_listed(likely)}."
    ]
    if likely["stability"].isna().any():
        chosen = int(likely.index.min())
        reasons.append(f"With one seed nothing is known of stability; K={chosen} is the smallest.")
    else:
        steadiest = likely["stability"].idxmax()
        error = likely.at[steadiest, "spread"]
        steady = likely[likely["stability"] >= likely.at[steadiest, "stability"] - error]
        chosen = int(steady.index.min())
        reasons.append(
            f"Of these the most stable is K={steadiest} ({likely.at[steadiest, 'stability']:.2f}, "
            f"standard error {error:.2f})"
            + (
                "."
                if chosen == steadiest
                else f"; K={chosen} ({likely.at[chosen, 'stability']:.2f}) is the smallest within "
                "one standard error of it."
            )
        )
    reasons += _caveats(chosen, means)
    return Recommendation(chosen, " ".join(reasons))


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds for each K; ``error`` of the held-out likelihood, ``spread`` of stability.

    Raises
    ------
    InputError
        Columns are missing, or there is no row.
    """
    missing = [name for name in _NEEDED if name not in table]
    if missing or len(table) == 0:
        raise InputError(
            f"table lacks {missing or 'rows'}. Give the table that sce2tm.tl.select_k returned."
        )
    by_k = table.groupby("n_topics")
    means = by_k[["held_out", "held_out_se", "stability"]].mean()
    # of a mean over seeds; unknown with one seed
    over_seeds = by_k[["held_out", "stability"]].sem().fillna(0.0)
    means["error"] = np.hypot(means["held_out_se"], over_seeds["held_out"])
    means["spread"] = over_seeds["stability"]
    return means


def bound(means: pd.DataFrame) -> float:
    """One standard error below the best held-out likelihood."""
    best = means["held_out"].idxmax()
    return float(means.at[best, "held_out"] - means.at[best, "error"])


def _caveats(chosen: int, means: pd.DataFrame) -> list[str]:
    """What a reader should do before trusting the choice."""
    said = []
    if len(means) > 1 and chosen == means.index.max():
        said.append("It is the largest K that was tried: try larger ones.")
    if len(means) > 1 and chosen == means.index.min():
        said.append("It is the smallest K that was tried: try smaller ones.")
    if means.at[chosen, "stability"] < 0.5:
        said.append("Even so, half of what a topic is changes with the seed: use consensus_topics.")
    return said


def _listed(means: pd.DataFrame) -> str:
    return ", ".join(f"K={k} ({row.held_out:.3f})" for k, row in means.iterrows())
