"""What `evaluate` and `enrich` write."""

import pandas as pd
import pytest

from sce2tm import tl
from sce2tm.errors import InputError
from sce2tm.shell import reading


def test_the_table_is_that_of_the_function(toy_results, toy, tmp_path):
    reading.evaluate(toy_results, tmp_path, n_genes=5)
    written = pd.read_csv(tmp_path / "metrics.tsv", sep="\t", keep_default_na=False)
    expected = tl.evaluate(toy, n_genes=5)
    assert list(written["metric"]) == list(expected["metric"])
    assert written["value"].to_numpy() == pytest.approx(expected["value"].to_numpy(), rel=1e-5)


def test_lists_are_joined_by_blanks(toy_results, toy, toy_sets, tmp_path):
    reading.enrich(toy_results, toy_sets, tmp_path, test="ora", n_genes=8)
    written = pd.read_csv(tmp_path / "ora.tsv", sep="\t", keep_default_na=False)
    expected = tl.ora(toy, toy_sets, n_genes=8)
    assert [text.split() for text in written["overlapGenes"]] == expected["overlapGenes"].tolist()


def test_nothing_enriched_is_told_without_a_dot_plot(toy_results, toy, tmp_path, caplog):
    caplog.set_level("INFO")
    # every 13th gene: no more at the top of a topic than elsewhere
    reading.enrich(toy_results, {"spread": list(toy.var_names[::13])}, tmp_path, progress=False)
    assert "0 of 1 gene sets are enriched in 0 of 5 topics" in caplog.text
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["gsea_manhattan.png"]


def test_no_set_of_a_usable_size_is_an_error(toy_results, toy_sets, tmp_path):
    with pytest.raises(InputError, match="--min-size"):
        reading.enrich(toy_results, toy_sets, tmp_path, min_size=100, progress=False)
    assert not list(tmp_path.iterdir())
