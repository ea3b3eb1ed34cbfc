"""Top genes against sets: overlaps by hand, Fisher's test, and the contract of the table."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from gene_set_toys import annotated
from sce2tm.errors import InputError
from sce2tm.tl import ora, top_genes

GENES = [f"G{i:02d}" for i in range(50)]
COLUMNS = [
    "topic", "pathway", "pval", "padj", "foldEnrichment", "overlap", "size", "overlapGenes",
    "padj_all",
]  # fmt: skip


@pytest.fixture
def adata():
    """topic_1 falls along the genes, topic_2 rises."""
    first = np.linspace(0.9, 0.1, 50)
    return annotated(np.column_stack([first, 1 - first]), GENES)


SETS = {"far": GENES[20:30], "near": [*GENES[7:11], "elsewhere", GENES[49]], "first": GENES[:5]}


def test_by_hand(adata):
    """Top ten of topic_1 are G00 ... G09: three of the five of "near" (G07, G08, G09)."""
    table = ora(adata, SETS, min_size=5)
    first = table[table["topic"] == "topic_1"]
    assert first["pathway"].tolist() == ["first", "near", "far"]  # by p
    assert first["overlap"].tolist() == [5, 3, 0]
    assert first["size"].tolist() == [5, 5, 10]
    assert first["overlapGenes"].tolist() == [GENES[:5], GENES[7:10], []]
    assert first["foldEnrichment"].tolist() == pytest.approx([5.0, 3.0, 0.0])
    # all five of five; three or more of five; none or more
    ways = [comb(10, k) * comb(40, 5 - k) for k in range(6)]
    expected = [ways[5] / comb(50, 5), sum(ways[3:]) / comb(50, 5), 1.0]
    assert first["pval"].tolist() == pytest.approx(expected)
    assert first["padj"].tolist() == pytest.approx([3 * expected[0], 1.5 * expected[1], 1.0])
    assert table.columns.tolist() == COLUMNS


def test_against_fisher(rng):
    adata = annotated(rng.gamma(1.0, size=(50, 3)), GENES)
    sets = {f"{i}": list(rng.choice(GENES, 12, replace=False)) for i in range(20)}
    table = ora(adata, sets, n_genes=8, min_size=1)
    for row in table.to_dict("records"):
        genes = top_genes(adata, 8)
        top = set(genes.loc[genes["topic"] == row["topic"], "gene"])
        members = set(sets[row["pathway"]])
        cells = [
            [len(top & members), len(top - members)],
            [len(members - top), 50 - len(top | members)],
        ]
        assert row["pval"] == pytest.approx(fisher_exact(cells, alternative="greater")[1])
        assert set(row["overlapGenes"]) == top & members
    assert len(table) == 60
    assert (table.groupby("topic")["pval"].diff().dropna() >= 0).all()


def test_genes_that_the_model_did_not_see_are_no_background(adata):
    weights = np.vstack([adata.varm["sce2tm_topic_genes"], np.full((950, 2), np.nan)])
    larger = annotated(weights, [*GENES, *(f"U{i}" for i in range(950))])
    pd.testing.assert_frame_equal(ora(larger, SETS, min_size=5), ora(adata, SETS, min_size=5))


def test_universe(adata):
    larger = ora(adata, SETS, min_size=5, universe=[*GENES, *(f"U{i}" for i in range(50))])
    # five of five top genes, of 100 genes
    assert larger["pval"].min() == pytest.approx(comb(10, 5) / comb(100, 5))
    smaller = ora(adata, SETS, min_size=2, n_genes=3, universe=GENES[2:])
    first = smaller[smaller["topic"] == "topic_1"].set_index("pathway")
    assert first.loc["first", "overlapGenes"] == GENES[2:5]  # top genes from within
    assert first.loc["first", "size"] == 3
    assert first.loc["first", "pval"] == pytest.approx(1 / comb(48, 3))


def test_threshold_on_contrast(adata):
    # contrast of topic_1 is log(w / (1 - w)): at least log 3 where w is 0.75 or more
    first = np.linspace(0.9, 0.1, 50)
    n = int((first >= 0.75).sum())
    table = ora(adata, {"all": GENES[:30], "far": GENES[20:30]}, contrast=np.log(3) - 1e-9)
    row = table[(table["topic"] == "topic_1") & (table["pathway"] == "all")].iloc[0]
    assert row["overlap"] == n
    assert row["overlapGenes"] == GENES[:n]


def test_a_topic_without_genes(adata):
    table = ora(adata, {"a": GENES[:20]}, contrast=50.0)
    assert table["pval"].tolist() == [1.0, 1.0]
    assert table["foldEnrichment"].isna().all()


def test_empty_result_has_the_same_columns_and_types(adata):
    empty, full = ora(adata, SETS, min_size=40), ora(adata, SETS, min_size=5)
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_genes": 0}, "n_genes=0.*use 1 to 50"),
        ({"n_genes": 51}, "n_genes=51"),
        ({"universe": GENES[:9], "n_genes": 10, "min_size": 1}, "n_genes=10.*holds 9 genes"),
        ({"universe": ["x", "y"]}, "universe=.*none of the 50 genes of the model"),
        ({"universe": "G00"}, "universe='G00' is one name"),
        ({"universe": [*GENES, "G00"]}, "universe"),
        ({"min_size": 9, "max_size": 8}, "min_size=9 and max_size=8"),
    ],
)
def test_bad_input_is_named(adata, arguments, message):
    with pytest.raises(InputError, match=message):
        ora(adata, SETS, **{"min_size": 5, **arguments})
