"""Matching, stability, duplicates and dead topics, each with a planted answer."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from sce2tm.errors import InputError
from sce2tm.tl import dead_topics, duplicate_topics, match_topics, stability

N_GENES = 400


def shares(rng, n_topics):
    """Independent profiles: a table of genes x topics."""
    values = rng.dirichlet(np.full(N_GENES, 0.2), size=n_topics).T
    return named(values)


def named(values):
    genes = [f"g{number}" for number in range(len(values))]
    topics = [f"topic_{number + 1}" for number in range(values.shape[1])]
    return pd.DataFrame(values, index=genes, columns=topics)


def noisy(rng, profiles, amount):
    values = profiles.to_numpy() * rng.lognormal(0, amount, profiles.shape)
    return named(values / values.sum(axis=0))


def test_permuted_topics_are_found_again(rng):
    a = shares(rng, 12)
    order = rng.permutation(12)
    table = match_topics(a, named(noisy(rng, a, 0.3).to_numpy()[:, order]))
    expected = [f"topic_{list(order).index(topic) + 1}" for topic in range(12)]
    assert table["topic_a"].tolist() == list(a.columns)
    assert table["topic_b"].tolist() == expected
    assert table["similarity"].min() > 0.9


def test_topics_that_have_nothing_in_common_are_at_zero(rng):
    table = match_topics(shares(rng, 20), shares(rng, 20))
    assert table["similarity"].mean() < 0.15
    a, b = shares(rng, 2), shares(rng, 2)
    first_of_each = match_topics(a, b)["similarity"]
    assert first_of_each.abs().max() < 0.2


def test_genes_are_matched_by_name(rng):
    a = shares(rng, 6)
    shuffled = a.iloc[rng.permutation(N_GENES)[: N_GENES // 2]]
    table = match_topics(a, shuffled)
    assert table["topic_b"].tolist() == list(a.columns)
    assert table["similarity"].min() > 0.99


def test_the_run_with_fewer_topics_decides_how_many_pairs(rng):
    a = shares(rng, 6)
    table = match_topics(a, a.iloc[:, 1:4])
    assert table["topic_a"].tolist() == ["topic_2", "topic_3", "topic_4"]
    assert table["topic_b"].tolist() == ["topic_2", "topic_3", "topic_4"]


def test_stability_falls_with_noise(rng):
    a = shares(rng, 8)
    means = []
    for amount in (0.0, 0.5, 1.5):
        table = stability([a, noisy(rng, a, amount), noisy(rng, a, amount)])
        assert table.groupby(["run_a", "run_b"]).size().to_dict() == {
            (0, 1): 8,
            (0, 2): 8,
            (1, 2): 8,
        }
        means.append(table["similarity"].mean())
    assert means[0] == pytest.approx(1)
    assert means[0] > means[1] > means[2] > 0.1


def test_runs_that_cannot_be_compared(rng):
    a, b = shares(rng, 3), shares(rng, 4)
    with pytest.raises(InputError, match=r"runs have \[3, 4\] topics"):
        stability([a, b])
    with pytest.raises(InputError, match="two or more runs"):
        stability([a])
    with pytest.raises(InputError, match="two or more runs"):
        stability(a)
    with pytest.raises(InputError, match="share 0 genes"):
        match_topics(a, b.rename(index="x{}".format))
    with pytest.raises(InputError, match="a run is str"):
        match_topics(a, "run.h5ad")
    with pytest.raises(InputError, match=r"topic_names.*missing"):
        match_topics(a, AnnData(np.ones((3, 3))))


def test_a_topic_that_is_there_twice(rng):
    a = shares(rng, 8)
    copy = noisy(rng, a, 0.2)["topic_3"]
    found = duplicate_topics(a.assign(topic_9=copy))
    assert found[["topic_a", "topic_b"]].to_numpy().tolist() == [["topic_3", "topic_9"]]
    assert found["similarity"].item() > 0.9
    assert len(duplicate_topics(a)) == 0
    assert len(duplicate_topics(a.assign(topic_9=copy, topic_10=copy))) == 3
    with pytest.raises(InputError, match="threshold=80"):
        duplicate_topics(a, threshold=80)


def test_dead_topics_lead_no_cell():
    adata = AnnData(np.ones((3, 2)))
    adata.obsm["sce2tm_theta"] = np.array([[0.5, 0.4, 0.1], [0.6, 0.4, 0], [0, 0.1, 0.9]])
    adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2", "topic_3"]}
    found = dead_topics(adata)
    assert found["topic"].tolist() == ["topic_2"]
    assert found["mean"].item() == pytest.approx(0.3)
    assert found["max"].item() == pytest.approx(0.4)
    adata.obsm["sce2tm_theta"] = np.eye(3)
    assert dead_topics(adata).empty
