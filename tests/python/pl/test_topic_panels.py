"""Small panels: one a topic, each with its own proportions."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import topic_panels


def test_each_panel_shows_its_topic(adata):
    axes = topic_panels(adata, ["topic_3", "topic_1"])
    assert [ax.get_title() for ax in axes] == ["topic_3", "topic_1"]
    for ax, topic in zip(axes, (2, 0), strict=True):
        dots = ax.collections[0]
        order = np.argsort(adata.obsm["sce2tm_theta"][:, topic], kind="stable")
        np.testing.assert_allclose(dots.get_array(), adata.obsm["sce2tm_theta"][order, topic])
        np.testing.assert_allclose(dots.get_offsets(), adata.obsm["X_umap"][order])
        assert dots.norm.vmin == 0


def test_most_used_topics_are_taken(adata):
    assert [ax.get_title() for ax in topic_panels(adata, n_topics=2)] == ["topic_1", "topic_2"]


def test_no_empty_panel_is_left(adata):
    adata.obsm["sce2tm_theta"] = np.full((40, 100), 0.01)
    adata.uns["sce2tm"]["topic_names"] = [f"topic_{k + 1}" for k in range(100)]
    axes = topic_panels(adata, n_topics=5)
    assert axes.shape == (5,)
    assert len(axes[0].figure.axes) == 10  # panels and their colour bars


def test_bad_input(adata):
    with pytest.raises(InputError, match=r"topics=\['topic_9'\].*topic_1 to topic_3"):
        topic_panels(adata, ["topic_1", "topic_9"])
    with pytest.raises(InputError, match="topics is empty"):
        topic_panels(adata, [])
    with pytest.raises(InputError, match="basis='X_tsne'"):
        topic_panels(adata, basis="X_tsne")
