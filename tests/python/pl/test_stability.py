"""What the stability matrix shows."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import stability


def profiles(values):
    topics = [f"topic_{number + 1}" for number in range(values.shape[1])]
    return pd.DataFrame(values, index=[f"g{i}" for i in range(len(values))], columns=topics)


@pytest.fixture
def runs(rng):
    """Three seeds in other orders; the fourth topic of the first is found by it alone."""
    values = rng.dirichlet(np.full(300, 0.2), size=6).T
    found = []
    for _ in range(3):
        own = values.copy()
        own[:, 3] = rng.dirichlet(np.full(300, 0.2))
        found.append(profiles(own[:, rng.permutation(6)] if found else own))
    return found


def test_matched_topics_are_on_the_diagonal_best_first(runs):
    ax = stability(runs)
    shown = ax.images[0].get_array()
    assert shown.shape == (6, 6)
    diagonal = np.diagonal(shown)
    assert (np.diff(diagonal) <= 1e-12).all()
    assert diagonal[:5].min() > 0.85
    assert diagonal[5] < 0.3
    assert np.abs(shown - np.diag(diagonal)).max() < 0.5
    np.testing.assert_allclose(shown, shown.T, atol=1e-9)


def test_names_are_those_of_the_typical_run(runs):
    runs = [runs[0]] * 3
    names = [label.get_text() for label in stability(runs).get_yticklabels()]
    assert sorted(names) == list(runs[0].columns)


def test_the_title_says_how_many_and_how_like(runs):
    assert stability([runs[0], runs[0]]).get_title() == "2 seeds, 1.00 on the diagonal"


def test_a_hundred_topics_are_numbered_by_tens(rng):
    run = profiles(rng.dirichlet(np.full(300, 0.2), size=100).T)
    ax = stability([run, run])
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == [str(rank) for rank in range(10, 101, 10)]


def test_axes_of_the_callers_own(runs):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert stability(runs, ax=ax) is ax


def test_one_run(runs):
    with pytest.raises(InputError, match="two or more"):
        stability(runs[:1])
