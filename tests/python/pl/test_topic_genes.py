"""What the heatmap shows: the right genes, the right numbers, in a readable order."""

import numpy as np
import pytest

from sce2tm.errors import InputError
from sce2tm.pl import topic_genes


def names(labels):
    return [label.get_text() for label in labels]


def test_top_genes_of_the_named_topics(adata):
    ax = topic_genes(adata, ["topic_3", "topic_1"], n_genes=2)
    assert names(ax.get_yticklabels()) == ["topic_3", "topic_1"]
    assert names(ax.get_xticklabels()) == ["ISG15", "IFI6", "CD3D", "CD3E"]


def test_colour_is_log2_of_weight_times_topics(adata):
    ax = topic_genes(adata, ["topic_3", "topic_1"], n_genes=1)
    drawn = np.asarray(ax.images[0].get_array())
    # ISG15: 0.8 in topic_3, 0.1 in topic_1; CD3D the reverse; three topics
    expected = np.log2([[2.4, 0.3], [0.3, 2.4]])
    np.testing.assert_allclose(drawn, expected, rtol=1e-6)


def test_no_preference_is_the_middle_of_the_colours(adata):
    image = topic_genes(adata).images[0]
    assert image.norm.vmin == -image.norm.vmax
    # the largest weight is 0.8 of three topics; what lies lower than that is high is cut, and said
    assert image.norm.vmax == pytest.approx(np.log2(2.4), rel=1e-6)
    assert image.colorbar.extend == "min"


def test_a_hundred_topics_have_a_row_each(adata):
    adata.obsm["sce2tm_theta"] = np.full((40, 100), 0.01)
    weights = np.random.default_rng(0).dirichlet(np.ones(100), size=len(adata.var_names))
    adata.varm["sce2tm_topic_genes"] = weights
    adata.uns["sce2tm"]["topic_names"] = [f"topic_{k + 1}" for k in range(100)]
    ax = topic_genes(adata, n_topics=100, n_genes=1)
    assert len(names(ax.get_yticklabels())) == 100
    rows = ax.figure.get_size_inches()[1] * 72 / 100
    assert rows > ax.get_yticklabels()[0].get_fontsize()


def test_a_topic_that_no_gene_prefers(adata):
    adata.varm["sce2tm_topic_genes"] = np.tile([0.7, 0.2, 0.1], (len(adata.var_names), 1))
    image = topic_genes(adata, ["topic_3"], n_genes=1).images[0]
    assert image.norm.vmin < 0 < image.norm.vmax


def test_a_shared_gene_is_drawn_once(adata):
    ax = topic_genes(adata, n_genes=4)
    genes = names(ax.get_xticklabels())
    assert len(genes) == len(set(genes))
    assert "UNSEEN" not in genes


def test_most_used_topics_are_taken(adata):
    # mean proportions: topic_1 0.425, topic_2 0.325, topic_3 0.25
    assert set(names(topic_genes(adata, n_topics=2, n_genes=1).get_yticklabels())) == {
        "topic_1",
        "topic_2",
    }


def test_like_topics_stand_side_by_side(adata):
    # two pairs of twins, given apart
    weights = np.array(
        [[0.4, 0.1, 0.4, 0.1], [0.4, 0.1, 0.3, 0.2], [0.1, 0.4, 0.1, 0.4], [0.1, 0.4, 0.2, 0.3]]
    )
    adata = adata[:, :4].copy()
    adata.varm["sce2tm_topic_genes"] = weights
    adata.obsm["sce2tm_theta"] = np.full((40, 4), 0.25)
    adata.uns["sce2tm"]["topic_names"] = [f"topic_{k}" for k in range(1, 5)]
    order = names(topic_genes(adata, n_genes=1).get_yticklabels())
    assert abs(order.index("topic_1") - order.index("topic_3")) == 1
    assert abs(order.index("topic_2") - order.index("topic_4")) == 1


def test_unknown_topic(adata):
    with pytest.raises(InputError, match=r"topics=\['topic_9'\].*topic_1 to topic_3"):
        topic_genes(adata, ["topic_9"])
