"""Counts of enriched gene sets: planted tables."""

import numpy as np
import pandas as pd
import pytest

from sce2tm.errors import InputError
from sce2tm.tl.metrics import enrichment_counts
from sce2tm.tl.metrics.enrichment import found_sets


def table(rows):
    return pd.DataFrame(rows, columns=["topic", "pathway", "padj"])


PLANTED = table(
    [
        ("topic_1", "interferon", 1e-9),
        ("topic_1", "antigen", 0.01),  # the level itself counts
        ("topic_1", "cycle", 0.011),
        ("topic_2", "interferon", 0.002),
        ("topic_2", "antigen", 0.5),
        ("topic_2", "cycle", np.nan),  # could not be tested
        ("topic_3", "interferon", 0.009),
        ("topic_3", "antigen", 1.0),
        ("topic_3", "cycle", 0.0),
    ]
)


def test_planted():
    # interferon three times, antigen once, cycle once: 3 sets in 5 pairs
    assert enrichment_counts(PLANTED) == pytest.approx((3, 3 / 5, 9 / 5))
    found = enrichment_counts(PLANTED, alpha=0.001)
    assert (found.n, found.u, found.q) == (2, 1.0, 2.0)
    assert found_sets(PLANTED, alpha=0.001) == {"topic_1": {"interferon"}, "topic_3": {"cycle"}}


def test_the_order_and_other_columns_do_not_matter(rng):
    shuffled = PLANTED.iloc[rng.permutation(len(PLANTED))].assign(padj_all=1.0, pval=0.5)
    assert enrichment_counts(shuffled) == enrichment_counts(PLANTED)


def test_categories_and_all_missing_work():
    categories = PLANTED.astype({"topic": "category", "pathway": "category"})
    assert enrichment_counts(categories) == enrichment_counts(PLANTED)
    assert enrichment_counts(PLANTED.assign(padj=np.nan)) == (0, 0, 0)


def test_nothing_significant_is_the_worst():
    assert enrichment_counts(PLANTED.assign(padj=0.5)) == (0, 0.0, 0.0)
    assert enrichment_counts(table([]).astype({"padj": float})) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: enrichment_counts(PLANTED, alpha=0), "alpha=0 is no level"),
        (lambda: enrichment_counts(PLANTED, alpha=5), "alpha=5 is no level"),
        (
            lambda: enrichment_counts(PLANTED.rename(columns={"padj": "q"})),
            r"lacks the columns \['padj'\]; it has \['topic', 'pathway', 'q'\]",
        ),
        (lambda: enrichment_counts(PLANTED.assign(padj=-np.log10(0.001))), "probabilities"),
        (lambda: enrichment_counts(PLANTED.assign(padj="0.01")), "'0.01'.*probabilities"),
        (
            lambda: enrichment_counts(pd.concat([PLANTED, PLANTED[:2]])),
            r"2 pairs of topic and pathway twice, such as \('topic_1', 'interferon'\)",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
