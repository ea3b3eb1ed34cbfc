"""How well known proportions of three cell lines come back from what a method found."""

from itertools import permutations

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import BaseCrossValidator, KFold, LeaveOneGroupOut, cross_val_predict

LINES = ("H2228_prop", "H1975_prop", "HCC827_prop")
Array = np.ndarray


def recovery(obs: pd.DataFrame, found: dict[str, Array]) -> dict[str, float]:
    """Figures on the RNA mixtures; each r is Pearson's, the mean over the three lines.

    readout.*
        Ridge regression from the embedding (theta.readout.*: from theta) to the three
        proportions, its penalty chosen inside the training part; predictions for held-out samples
        pooled over 10 random folds. r and RMSE.
    unseen.*
        The same, but each fold holds out one of the seven mixtures whole: has the readout learned
        proportions, or seven names?
    topic.r
        The one topic that follows each line best in the training folds, in the held-out samples.
    direct.*
        With three topics alone: theta itself against the proportions, under the better of the six
        ways to name the topics. No readout, no training on the truth.
    """
    truth = obs[list(LINES)].to_numpy(dtype=float)
    mixture = pd.factorize(obs["cell_type"])[0]
    figures: dict[str, float] = {}
    sources = {"": found["embedding"]}
    if "theta" in found:
        sources["theta."] = np.asarray(found["theta"], dtype=float)
    random_folds = KFold(10, shuffle=True, random_state=0)
    for prefix, values in sources.items():
        figures |= _readout(f"{prefix}readout", values, truth, random_folds, None)
        figures |= _readout(f"{prefix}unseen", values, truth, LeaveOneGroupOut(), mixture)
    if "theta" in found:
        theta = sources["theta."]
        figures["topic.r"] = _single_topic(theta, truth, random_folds)
        if theta.shape[1] == len(LINES):
            figures |= _direct(theta, truth)
    return figures | {"cells": len(truth)}


def _readout(
    name: str, values: Array, truth: Array, folds: BaseCrossValidator, groups: Array | None
) -> dict[str, float]:
    """Held-out r and RMSE of a ridge readout."""
    scaled = (values - values.mean(axis=0)) / values.std()  # one unit for all columns
    model = RidgeCV(alphas=np.logspace(-3, 3, 13))
    guess = cross_val_predict(model, scaled, truth, cv=folds, groups=groups)
    return {f"{name}.r": _mean_r(guess, truth), f"{name}.rmse": _rmse(guess, truth)}


def _single_topic(theta: Array, truth: Array, folds: KFold) -> float:
    """Held-out r of the topic chosen for each line in the training part; one value a fold."""
    scores = []
    for train, test in folds.split(theta):
        chosen = _correlations(theta[train], truth[train]).argmax(axis=0)
        scores.append(_mean_r(theta[test][:, chosen], truth[test]))
    return float(np.mean(scores))


def _direct(theta: Array, truth: Array) -> dict[str, float]:
    """Theta as the proportions themselves, under the best naming of three topics."""
    best = max(permutations(range(3)), key=lambda order: _mean_r(theta[:, order], truth))
    named = theta[:, best]
    return {"direct.r": _mean_r(named, truth), "direct.rmse": _rmse(named, truth)}


def _correlations(first: Array, second: Array) -> Array:
    """Pearson's r of each column of the one with each of the other; 0 for a constant column."""
    width = first.shape[1]
    with np.errstate(invalid="ignore"):
        table = np.corrcoef(first, second, rowvar=False)[:width, width:]
    return np.nan_to_num(table)


def _mean_r(guess: Array, truth: Array) -> float:
    return float(np.mean(np.diagonal(_correlations(guess, truth))))


def _rmse(guess: Array, truth: Array) -> float:
    return float(np.sqrt(np.mean((guess - truth) ** 2)))
