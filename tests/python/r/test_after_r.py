"""All of tl and pl, and the report, work on cells that came from R as they do in Python."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import sce2tm
from commands import sce2tm as command
from sce2tm import outputs, pl, tl

QUIET = {"progress": False}
CTRL, STIM = "condition == 'CTRL'", "condition == 'STIM'"


def sets(adata):
    """Gene sets that the cells can be asked about."""
    return {"first": list(adata.var_names[:30]), "others": list(adata.var_names[100:130])}


def moved(adata):
    return tl.perturb(adata, ["topic_1", "topic_3"], cells=CTRL)


def as_treated(adata):
    return tl.perturb(adata, "topic_2", "reference", cells=CTRL, reference=STIM)


def compared(adata):
    observed = ("condition", "CTRL", "STIM")
    return tl.compare_perturbation(adata, moved(adata), observed, n_random=5, **QUIET)


TABLES = {
    "compare_perturbation": lambda a: compared(a).scores,
    "consensus_topics": lambda a: sce2tm.results.topic_genes(tl.consensus_topics([a, a])),
    "dead_topics": lambda a: tl.dead_topics(a),
    "differential_topics": lambda a: tl.differential_topics(a, "condition"),
    "differential_topics, donors": lambda a: tl.differential_topics(a, "condition", donor="donor"),
    "duplicate_topics": lambda a: tl.duplicate_topics(a, threshold=0.2),
    "evaluate": lambda a: tl.evaluate(a, sets(a), "cell_type", **QUIET),
    "gene_neighbors": lambda a: tl.gene_neighbors(a, list(tl.top_genes(a, 1)["gene"])),
    "gsea": lambda a: tl.gsea(a, sets(a), min_size=5, **QUIET),
    "hub_genes": lambda a: tl.hub_genes(a, 10),
    "match_topics": lambda a: tl.match_topics(a, a),
    "ora": lambda a: tl.ora(a, sets(a), min_size=5),
    "perturb": lambda a: tl.perturb(a, "topic_2", "scale", 2, groupby="cell_type").genes,
    "perturb as in others": lambda a: as_treated(a).genes,
    "rare_types": lambda a: tl.rare_types(a, "cell_type"),
    "stability": lambda a: tl.stability([a, a]),
    "top_genes": lambda a: tl.top_genes(a, 7, score="contrast"),
    "topic_gene_map": lambda a: tl.topic_gene_map(a),
    "topic_profiles": lambda a: tl.topic_profiles(a),
    "topic_ranks": lambda a: tl.topic_ranks(a, "topic_1").to_frame(),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_tools_give_what_they_give_in_python(name, fitted, came):
    expected = TABLES[name](fitted)
    # another process fits to the last digits only; of what came back, expression alone has more
    off = 1e-3 if "model" in came.uns["sce2tm"] else 1e-6
    pd.testing.assert_frame_equal(TABLES[name](came), expected, rtol=off, atol=off / 100)
    assert len(expected) or name == "dead_topics"


FIGURES = {
    "condition_topics": lambda a: pl.condition_topics(a, "condition"),
    "dominant_topic": lambda a: pl.dominant_topic(a),
    "embedding": lambda a: pl.embedding(a, "cell_type"),
    "fold_changes": lambda a: pl.fold_changes(compared(a)),
    "gsea_running_sum": lambda a: pl.gsea_running_sum(a, sets(a), "topic_1", "first"),
    "history": lambda a: pl.history(a)[0],
    "perturbation": lambda a: pl.perturbation(a, moved(a), ("condition", "CTRL", "STIM")),
    "stability": lambda a: pl.stability([a, a]),
    "topic_genes": lambda a: pl.topic_genes(a),
    "topic_panels": lambda a: pl.topic_panels(a).flat[0],
    "topic_proportions": lambda a: pl.topic_proportions(a, "cell_type"),
    "topic_proportions_heatmap": lambda a: pl.topic_proportions_heatmap(a, "cell_type"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_say_what_they_say_in_python(name, fitted, came):
    said = []
    for adata in (fitted, came):
        figure = np.ravel(FIGURES[name](adata))[0].figure
        said.append([text.get_text() for text in figure.findobj(plt.Text)])
        plt.close(figure)
    assert said[1] == said[0]


def test_a_report_of_what_came_from_r(came, tmp_path):
    outputs.write_h5ad(came, tmp_path / "cells.h5ad")
    told = command("report", tmp_path / "cells.h5ad", "--label", "cell_type")
    assert told.returncode == 0, told.stderr
    page = next(tmp_path.glob("*.html")).read_text()
    assert all(gene in page for gene in tl.top_genes(came, 5)["gene"])
