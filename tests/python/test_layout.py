"""Coordinates of the cells."""

import numpy as np

from sce2tm.layout import ensure_umap


def test_like_cells_lie_together_and_a_seed_repeats(toy):
    del toy.obsm["X_umap"]
    first, second = toy.copy(), toy.copy()
    ensure_umap(first, seed=1)
    ensure_umap(second, seed=1)
    points = first.obsm["X_umap"]
    assert points.shape == (140, 2)
    np.testing.assert_array_equal(points, second.obsm["X_umap"])
    latent = toy.obsm["X_sce2tm"]
    distance = np.linalg.norm(latent[:, None] - latent[None], axis=2)
    nearest, farthest = distance.argsort(axis=1)[:, 1], distance.argmax(axis=1)
    gap = [np.linalg.norm(points - points[other], axis=1).mean() for other in (nearest, farthest)]
    assert gap[0] < gap[1] / 2
    assert set(first.obsm) - set(toy.obsm) == {"X_umap"}


def test_coordinates_that_are_there_stay(toy):
    before = toy.obsm["X_umap"].copy()
    ensure_umap(toy)
    np.testing.assert_array_equal(toy.obsm["X_umap"], before)
