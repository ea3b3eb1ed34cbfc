"""Agreement of changes and distance of clouds, on answers known beforehand."""

import numpy as np
import pytest

from sce2tm.tl.agreement import agreement, energy_distance


def test_signs_count(rng):
    change = rng.normal(size=200)
    assert agreement(change, change, 20) == (pytest.approx(1), 20)
    assert agreement(-change, change, 20) == (pytest.approx(-1), 0)


def test_no_change_agrees_with_nothing(rng):
    assert agreement(np.zeros(9), rng.normal(size=9), 3) == (0.0, 0)


def test_energy_distance_of_two_lines(rng):
    # E|X - Y| = 1 for uniform [0, 1] and [1, 2]; E|X - X'| = 1/3
    first = rng.random((2000, 1))
    assert energy_distance(first, first + 1) == pytest.approx(2 - 2 / 3, abs=0.02)
    assert energy_distance(first, first) == 0
