"""After (and for) the fit: functions on an AnnData, and the measures of what came out."""

from typing import TYPE_CHECKING, Any

from sce2tm.tl.bulk_scores import bulk_scores
from sce2tm.tl.compare_perturbation import compare_perturbation
from sce2tm.tl.differential_topics import differential_topics
from sce2tm.tl.fit import sce2tm
from sce2tm.tl.gene_neighbors import gene_neighbors
from sce2tm.tl.gene_sets import read_gmt
from sce2tm.tl.hub_genes import hub_genes
from sce2tm.tl.metrics import (
    interpretation_purity,
    random_purity,
    topic_coherence,
    topic_diversity,
    topic_quality,
)
from sce2tm.tl.perturb import perturb
from sce2tm.tl.rare_types import rare_types
from sce2tm.tl.survival import kaplan_meier, survival
from sce2tm.tl.top_genes import top_genes
from sce2tm.tl.topic_gene_map import topic_gene_map

if TYPE_CHECKING:
    from sce2tm.tl.compare import compare_embeddings

__all__ = [
    "bulk_scores",
    "compare_embeddings",
    "compare_perturbation",
    "differential_topics",
    "gene_neighbors",
    "hub_genes",
    "interpretation_purity",
    "kaplan_meier",
    "perturb",
    "random_purity",
    "rare_types",
    "read_gmt",
    "sce2tm",
    "survival",
    "top_genes",
    "topic_coherence",
    "topic_diversity",
    "topic_gene_map",
    "topic_quality",
]


def __getattr__(name: str) -> Any:
    # scikit-learn and scanpy cost seconds and 80 MB, which a fit does not need
    if name == "compare_embeddings":
        from sce2tm.tl.compare import compare_embeddings

        return compare_embeddings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
