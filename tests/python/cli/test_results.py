"""The commands that read results, as a user meets them: real processes, files and messages."""

import pandas as pd
import pytest

from commands import known_mistake, sce2tm


@pytest.fixture(scope="module")
def gmt(toy_sets, tmp_path_factory):
    path = tmp_path_factory.mktemp("sets") / "toy.gmt"
    lines = ["\t".join([name, "source", *genes]) for name, genes in toy_sets.items()]
    path.write_text("\n".join(lines))
    return path


def test_evaluate_writes_and_tells_the_measures(toy_results, tmp_path):
    out = tmp_path / "new" / "folder"
    result = sce2tm("evaluate", toy_results, "--out", out)
    assert result.returncode == 0, result.stderr
    table = pd.read_csv(out / "metrics.tsv", sep="\t")
    assert list(table["metric"]) == ["TD", "TD_once"]
    assert set(table["metric"]) <= set(result.stdout.split())
    assert (out / "figures" / "metrics.png").stat().st_size > 10_000
    before = (out / "metrics.tsv").read_bytes()
    again = sce2tm("evaluate", toy_results, "--out", out)
    known_mistake(again, "metrics.tsv", "--force")
    assert (out / "metrics.tsv").read_bytes() == before


def test_enrich_writes_a_table_that_fgsea_users_know(toy_results, gmt, tmp_path):
    result = sce2tm("enrich", toy_results / "blood.h5ad", gmt, "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    assert "gene sets are enriched" in result.stderr
    table = pd.read_csv(tmp_path / "gsea.tsv", sep="\t")
    assert len(table) == 5 * 2
    best = table.sort_values("pval").iloc[0]
    assert (best["topic"], best["pathway"]) == ("topic_1", "planted")
    assert len(best["leadingEdge"].split(" ")) == 20
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {"gsea_dots.png", "gsea_manhattan.png"}


def test_perturb_tells_what_moves(toy_results, tmp_path):
    result = sce2tm(
        *["perturb", toy_results, "topic_1", "topic_2", "--cells", "condition == 'CTRL'"],
        *["--observed", "condition", "CTRL", "STIM", "--n-random", "4", "--out", tmp_path],
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("topic_1, topic_2: add 1")
    genes = pd.read_csv(tmp_path / "perturbed_genes.tsv", sep="\t")
    assert len(genes) == 200
    scores = pd.read_csv(tmp_path / "perturbation_scores.tsv", sep="\t")
    assert set(scores["statistic"]) == {"rank_correlation", "overlap", "distance_closed"}
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {"perturbation.png", "fold_changes.png"}


def test_report_writes_one_page(toy_results, tmp_path):
    page = tmp_path / "pages" / "toy.html"
    result = sce2tm("report", toy_results, "--condition", "condition", "--out", page)
    assert result.returncode == 0, result.stderr
    assert str(page) in result.stderr
    assert "Topics of blood" in page.read_text()


def test_select_k_recommends_and_goes_on(toy_results, tmp_path):
    cells = toy_results / "blood.h5ad"
    command = ["select-k", cells, tmp_path, "--n-seeds", "2", "--epochs", "1"]
    result = sce2tm(*command, "--ks", "3,4")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Recommended: ")
    assert (tmp_path / "recommendation.txt").read_text() == result.stdout
    models = {path: path.stat().st_mtime_ns for path in (tmp_path / "models").iterdir()}
    assert sce2tm(*command, "--ks", "3,4", "--force").returncode == 0
    assert {path: path.stat().st_mtime_ns for path in models} == models
    table = pd.read_csv(tmp_path / "select_k.tsv", sep="\t")
    assert table[["n_topics", "seed"]].to_numpy().tolist() == [[3, 0], [3, 1], [4, 0], [4, 1]]


def test_numbers_of_topics_that_are_none():
    result = sce2tm("select-k", "cells.h5ad", "out", "--ks", "3,many")
    assert result.returncode == 2
    assert "3,many" in result.stderr
    assert "Traceback" not in result.stderr


def test_help_does_not_wait_for_libraries():
    result = sce2tm("perturb", "--help", trace=True)
    assert result.returncode == 0
    loaded = {line.split("|")[-1].strip() for line in result.stderr.splitlines()}
    assert "typer" in loaded
    assert not loaded & {"torch", "scanpy", "anndata", "matplotlib", "pandas", "numpy"}
    for word in ("--observed", "condition == 'CTRL'"):
        assert word in result.stdout
