"""Choosing a resolution on planted blobs."""

import igraph
import numpy as np
import pytest

from sce2tm.tl import resolution
from sce2tm.tl.clustering import agreement, leiden, neighbor_graph


@pytest.fixture
def blobs(rng):
    labels = np.repeat([0, 1, 2, 3], [60, 50, 40, 30])
    centres = np.array([[0, 0, 0], [12, 0, 0], [0, 12, 0], [0, 0, 12]])
    return (centres[labels] + rng.normal(size=(180, 3))).astype(np.float32), labels


def test_silhouette_finds_the_blobs(blobs):
    points, labels = blobs
    taken, codes = resolution.by_silhouette(neighbor_graph(points), points, seed=0)
    assert agreement(labels, codes) == (1.0, 1.0)
    assert taken in resolution.RESOLUTIONS


def test_silhouette_on_a_sample(blobs, monkeypatch):
    points, labels = blobs
    monkeypatch.setattr(resolution, "_SILHOUETTE_CELLS", 60)
    _, codes = resolution.by_silhouette(neighbor_graph(points), points, seed=0)
    assert agreement(labels, codes) == (1.0, 1.0)


def test_labels_choose_what_silhouette_does_not(blobs):
    points, _ = blobs
    graph = neighbor_graph(points)
    finer = leiden(graph, 2.0, seed=0)  # cuts blobs, which only who knows the labels would do
    assert finer.max() > 3
    taken, codes = resolution.by_labels(graph, finer, seed=0)
    assert agreement(finer, codes) == (1.0, 1.0)
    assert taken > resolution.by_silhouette(graph, points, seed=0)[0]


def test_where_nothing_is_apart_the_first_counts(rng):
    everyone = igraph.Graph.Full(40)
    everyone.es["weight"] = [1.0] * everyone.ecount()
    points = rng.normal(size=(40, 2)).astype(np.float32)
    taken, codes = resolution.by_silhouette(everyone, points, seed=0)
    assert taken == 0.1
    assert codes.max() == 0


def test_the_resolutions_of_the_scan():
    assert resolution.RESOLUTIONS[0] == 0.1
    assert resolution.RESOLUTIONS[-1] == 2.0
    assert len(resolution.RESOLUTIONS) == 20
