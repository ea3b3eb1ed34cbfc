"""Sets cut to the genes of the data."""

import logging

import pytest

from sce2tm.errors import InputError
from sce2tm.tl._enrichment.members import cut

GENES = ["A", "B", "C", "D", "E"]


def members_of(members):
    dense = members.sets.toarray().astype(bool)
    return {
        name: [gene for gene, is_in in zip(GENES, row, strict=True) if is_in]
        for name, row in zip(members.names, dense, strict=True)
    }


def test_cut_to_the_universe_and_to_sizes(caplog):
    sets = {
        "two": ["B", "A", "A", "elsewhere"],
        "one": ["C", "elsewhere"],
        "three": ["C", "D", "E"],
        "four": ["A", "B", "C", "D"],
    }
    with caplog.at_level(logging.INFO, logger="sce2tm"):
        members = cut(sets, GENES, 2, 3, False)
    assert members_of(members) == {"two": ["A", "B"], "three": ["C", "D", "E"]}
    assert members.sizes.tolist() == [2, 3]
    assert (members.of_gene.toarray() == members.sets.toarray().T).all()
    assert "2 of 4 gene sets have 2 to 3 genes among the 5" in caplog.text
    assert "1 are too small, 1 too large" in caplog.text
    assert "5 of the 5 genes of the universe are in the gene sets, which name 6" in caplog.text


def test_a_set_of_all_genes_has_nothing_outside():
    assert members_of(cut({"all": GENES, "most": GENES[1:]}, GENES, 1, 500, False)) == {
        "most": GENES[1:]
    }


def test_no_set_is_left():
    members = cut({"one": ["A"]}, GENES, 2, 3, False)
    assert members.sets.shape == (0, 5)
    assert members.names.tolist() == []


def test_case_counts_unless_told():
    assert members_of(cut({"x": ["a", "B", "b"]}, GENES, 1, 4, False)) == {"x": ["B"]}
    assert members_of(cut({"x": ["a", "B", "b"]}, GENES, 1, 4, True)) == {"x": ["A", "B"]}


@pytest.mark.parametrize(
    ("genes", "arguments", "message"),
    [
        (GENES, (0, 5, False), "min_size=0"),
        (GENES, (5, 4, False), "min_size=5 and max_size=4"),
        (["A", "a"], (1, 5, True), r"ignore_case=True.*\['A', 'a'\]"),
        (list("VWXYZ"), (1, 5, False), r"only 0 of 1 genes.*0% of the smaller"),
    ],
)
def test_bad_input_is_named(genes, arguments, message):
    with pytest.raises(InputError, match=message):
        cut({"x": ["A"]}, genes, *arguments)


def test_a_fifth_of_the_smaller_side_is_enough():
    many = [f"G{i}" for i in range(100)]
    assert len(cut({"x": ["A", "q", "r", "s", "t"]}, ["A", *many], 1, 5, False).names) == 1
    assert len(cut({"x": ["A", *many]}, ["A", "q", "r", "s", "t"], 1, 5, False).names) == 1
    with pytest.raises(InputError, match="17%"):
        cut({"x": ["A", "q", "r", "s", "t", "u"]}, ["A", *many], 1, 5, False)
