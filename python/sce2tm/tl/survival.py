"""Do topics of bulk samples go with survival: Cox regression of each, and Kaplan-Meier curves."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sce2tm.errors import InputError

Values = npt.ArrayLike

_FIGURES = {
    "coef": "coef",
    "se(coef)": "se",
    "exp(coef)": "hazard_ratio",
    "exp(coef) lower 95%": "ci_low",
    "exp(coef) upper 95%": "ci_high",
    "z": "z",
    "p": "p_value",
}


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """Survival of the samples above and below a cut.

    Attributes
    ----------
    curves
        One row a step: ``group`` ("low" or "high"), ``time``, ``survival``, ``ci_low`` and
        ``ci_high`` (95 %), ``at_risk``, ``censored``.
    name
        What was cut.
    cut
        Samples above it are "high".
    p_value
        Of the log-rank test.
    """

    curves: pd.DataFrame
    name: str
    cut: float
    p_value: float


def survival(
    scores: pd.DataFrame, time: Values, event: Values, covariates: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Cox regression of survival on each topic by itself, adjusted over topics.

    Parameters
    ----------
    scores
        Samples x topics, as from :func:`bulk_scores`. Each topic is brought to standard deviation
        1 first, so that a hazard ratio is that of one standard deviation.
    time
        Time to the event or to the end of observation, n positive numbers; a Series is brought
        to the order of `scores` by name.
    event
        Whether the event was seen (1) or not (0), in the same way.
    covariates
        Samples x further columns, such as age and sex, that each regression holds; text becomes
        0/1 columns.

    Returns
    -------
    pandas.DataFrame
        One row a topic, smallest p first: ``topic``, ``n``, ``n_events``, ``coef``, ``se``,
        ``hazard_ratio`` with ``ci_low`` and ``ci_high`` (95 %), ``z``, ``p_value`` and
        ``p_adjusted`` (Benjamini-Hochberg). NaN for a topic that is the same in all samples.

    Raises
    ------
    ImportError
        Without lifelines, the extra "survival".
    InputError
        Missing values, other samples, or times and events that cannot be.

    Examples
    --------
    >>> import numpy as np, pandas as pd, sce2tm
    >>> rng = np.random.default_rng(0)
    >>> scores = pd.DataFrame({"topic_1": rng.normal(size=80)})
    >>> time = rng.exponential(np.exp(-scores["topic_1"]))
    >>> found = sce2tm.tl.survival(scores, time, np.ones(80))
    >>> bool(found["hazard_ratio"][0] > 1)
    True
    """
    from scipy.stats import false_discovery_control

    lifelines = _lifelines()
    cohort = _cohort(scores.index, time, event)
    if covariates is not None:
        extra = pd.get_dummies(covariates.reindex(scores.index), drop_first=True, dtype=float)
        cohort = cohort.join(extra.add_prefix("covariate "))
    values = scores.astype(float)
    if not (np.isfinite(values).all(axis=None) and np.isfinite(cohort).all(axis=None)):
        raise InputError(
            "scores, time, event or covariates miss a value in some samples. Leave these out of "
            "scores; the others are matched by name."
        )
    rows = []
    for topic, column in values.items():
        row = {"topic": topic, "n": len(cohort), "n_events": int(cohort["event"].sum())}
        if np.ptp(column) > 0:
            table = cohort.assign(score=(column - column.mean()) / column.std(ddof=0))
            fit = lifelines.CoxPHFitter().fit(table, "time", "event")
            row |= fit.summary.loc["score", list(_FIGURES)].rename(_FIGURES).to_dict()
        else:
            row |= dict.fromkeys(_FIGURES.values(), np.nan)
        rows.append(row)
    found = pd.DataFrame(rows)
    known = found["p_value"].notna()
    found["p_adjusted"] = np.nan
    found.loc[known, "p_adjusted"] = false_discovery_control(found.loc[known, "p_value"])
    return found.sort_values("p_value", kind="stable", ignore_index=True)


def kaplan_meier(
    score: pd.Series, time: Values, event: Values, cut: float | Literal["median"] = "median"
) -> KaplanMeier:
    """Survival of samples with a high and a low score, and the log-rank test between them.

    Parameters
    ----------
    score
        One topic of the samples, such as ``scores["topic_7"]``.
    time, event
        As for :func:`survival`.
    cut
        Samples above it are "high". Name it before looking: the p-value of a cut that was chosen
        because it separates the curves is far too small.

    Returns
    -------
    KaplanMeier
        For :func:`sce2tm.pl.kaplan_meier`.

    Raises
    ------
    ImportError
        Without lifelines, the extra "survival".
    InputError
        As for :func:`survival`, or a cut with all samples on one side.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> score = pd.Series([0.1, 0.2, 0.8, 0.9], name="topic_1")
    >>> sce2tm.tl.kaplan_meier(score, [5, 6, 1, 2], [1, 1, 1, 1]).curves["group"].unique()
    array(['low', 'high'], dtype=object)
    """
    lifelines = _lifelines()
    cohort = _cohort(score.index, time, event)
    values = score.to_numpy(dtype=float)
    limit = float(np.median(values)) if cut == "median" else float(cut)
    high = values > limit
    if not np.isfinite(values).all() or high.all() or not high.any():
        raise InputError(
            f"cut={cut!r} (that is {limit:.4g}) leaves {high.sum()} of {len(high)} samples above "
            "it. Give a cut inside the range of the score, which must be finite."
        )
    parts = {"low": cohort[~high], "high": cohort[high]}
    curves = []
    for group, part in parts.items():
        fit = lifelines.KaplanMeierFitter().fit(part["time"], part["event"])
        interval = fit.confidence_interval_survival_function_.to_numpy()
        curves.append(
            pd.DataFrame(
                {
                    "group": group,
                    "time": fit.survival_function_.index,
                    "survival": fit.survival_function_.iloc[:, 0].to_numpy(),
                    "ci_low": interval[:, 0],
                    "ci_high": interval[:, 1],
                    "at_risk": fit.event_table["at_risk"].to_numpy(),
                    "censored": fit.event_table["censored"].to_numpy(),
                }
            )
        )
    low, above = parts["low"], parts["high"]
    test = lifelines.statistics.logrank_test(
        low["time"], above["time"], low["event"], above["event"]
    )
    return KaplanMeier(
        pd.concat(curves, ignore_index=True), str(score.name), limit, float(test.p_value)
    )


def _lifelines() -> Any:
    try:
        import lifelines
        import lifelines.statistics
    except ImportError as error:
        raise ImportError(
            "survival analysis needs lifelines, the extra 'survival' of pysce2tm: "
            "pip install lifelines, or install pysce2tm[survival]."
        ) from error
    return lifelines


def _cohort(samples: pd.Index, time: Values, event: Values) -> pd.DataFrame:
    """Time and event in the order of the samples, checked."""
    columns = {}
    for name, given in (("time", time), ("event", event)):
        values = given.reindex(samples) if isinstance(given, pd.Series) else np.asarray(given)
        if len(values) != len(samples):
            raise InputError(
                f"{name} has {len(values)} values for {len(samples)} samples. Give one for each."
            )
        columns[name] = np.asarray(values, dtype=float)
    cohort = pd.DataFrame(columns, index=samples)
    if not (cohort["time"] > 0).all() or not cohort["event"].isin([0, 1]).all():
        raise InputError(
            "time must be above 0 and event 0 or 1 in all samples (by name, where a Series was "
            f"given); found times from {cohort['time'].min()!r} and events "
            f"{sorted(cohort['event'].unique())[:5]!r}."
        )
    if not cohort["event"].any():
        raise InputError("event is 0 in all samples: nothing was seen, so nothing can be learned.")
    return cohort
