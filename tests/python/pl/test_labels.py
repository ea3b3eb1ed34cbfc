"""Names beside points: near them, and never on one another."""

import itertools

import numpy as np
import pytest

from sce2tm.pl import labels, style


@pytest.fixture
def ax():
    axes = style.new_axes(5, 4)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return axes


def boxes(notes):
    return [note.get_window_extent() for note in notes]


def test_no_name_covers_another_or_leaves_the_axes(ax, rng):
    points = rng.random((60, 2))
    ax.scatter(*points.T)
    notes = labels.write(ax, points, [f"topic_{i}" for i in range(60)])
    assert 15 < len(notes) <= 60
    ax.figure.canvas.draw()
    area = ax.get_window_extent()
    for one, other in itertools.combinations(boxes(notes), 2):
        assert not one.overlaps(other)
    assert all(area.containsx(box.x0) and area.containsy(box.y1) for box in boxes(notes))


def test_a_name_stands_close_to_its_own_point(ax):
    notes = labels.write(ax, np.array([[0.2, 0.2], [0.8, 0.8]]), ["near", "far"])
    for note, place in zip(notes, ax.transData.transform([[0.2, 0.2], [0.8, 0.8]]), strict=True):
        box = note.get_window_extent()
        middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
        assert np.abs(middle - place).max() < 40


def test_the_first_come_first_and_who_finds_no_room_is_left_out(ax):
    points = np.full((80, 2), 0.5)
    written = [note.get_text() for note in labels.write(ax, points, [str(i) for i in range(80)])]
    assert written[0] == "0"
    assert len(written) < 80
    assert [text.get_text() for text in ax.texts if text.get_text()] == written


def test_names_keep_off_other_points_and_earlier_texts(ax):
    at = np.array([[0.5, 0.5]])
    first = labels.write(ax, at, ["first"])
    right = ax.transData.inverted().transform(
        ax.transData.transform(at)[0] + np.array([[-20, 0], [-10, 0]])
    )
    second = labels.write(ax, at, ["second"], avoid=right)
    box = second[0].get_window_extent()
    assert not box.overlaps(first[0].get_window_extent())
    assert not any(box.contains(*place) for place in ax.transData.transform(right))


def test_no_points(ax):
    assert labels.write(ax, np.empty((0, 2)), []) == []
