"""What the figure of largest topics shows."""

import numpy as np
from matplotlib.colors import to_rgba

from sce2tm.pl import dominant_topic
from sce2tm.pl.style import GREY, PALETTE


def test_cells_are_counted_under_their_largest_topic(adata):
    # topic_1 leads in the 20 T cells, topic_2 in the 20 B cells, topic_3 nowhere
    ax = dominant_topic(adata)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["topic_1", "topic_2"]
    colors = np.asarray(ax.collections[0].get_facecolors())
    for color in PALETTE[:2]:
        assert (np.abs(colors - to_rgba(color)).max(axis=1) < 1e-9).sum() == 20


def test_topics_beyond_the_first_are_grey_and_said_so(adata):
    ax = dominant_topic(adata, n_topics=1)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["topic_1", "1 other topics"]
    colors = np.asarray(ax.collections[0].get_facecolors())
    assert (np.abs(colors - to_rgba(GREY)).max(axis=1) < 1e-9).sum() == 20


def test_number_of_the_topic_stands_among_its_cells(adata):
    ax = dominant_topic(adata)
    leads = adata.obsm["sce2tm_theta"].argmax(axis=1)
    assert sorted(text.get_text() for text in ax.texts) == ["1", "2"]
    for text in ax.texts:
        own = adata.obsm["X_umap"][leads == int(text.get_text()) - 1]
        assert np.abs(own - text.get_position()).sum(axis=1).min() < 1e-9


def test_a_hundred_topics_stay_legible(adata):
    rng = np.random.default_rng(0)
    adata.obsm["sce2tm_theta"] = rng.dirichlet(np.full(100, 0.1), size=40)
    adata.uns["sce2tm"]["topic_names"] = [f"topic_{k + 1}" for k in range(100)]
    entries = dominant_topic(adata).get_legend().get_texts()
    assert len(entries) == 13
    leaders = len(set(adata.obsm["sce2tm_theta"].argmax(axis=1)))
    assert entries[-1].get_text() == f"{leaders - 12} other topics"
