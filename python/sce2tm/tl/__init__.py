"""After (and for) the fit: functions on an AnnData, and the measures of what came out."""

from typing import TYPE_CHECKING, Any

from sce2tm.tl.bulk_scores import bulk_scores
from sce2tm.tl.collections import gene_sets
from sce2tm.tl.compare_perturbation import compare_perturbation
from sce2tm.tl.consensus import consensus_topics
from sce2tm.tl.differential_topics import differential_topics
from sce2tm.tl.evaluate import evaluate
from sce2tm.tl.fit import sce2tm
from sce2tm.tl.gene_neighbors import gene_neighbors
from sce2tm.tl.gene_sets import read_gmt
from sce2tm.tl.hub_genes import hub_genes
from sce2tm.tl.metrics import (
    cluster_scores,
    enrichment_counts,
    interpretation_purity,
    random_purity,
    topic_coherence,
    topic_diversity,
    topic_quality,
)
from sce2tm.tl.perturb import perturb
from sce2tm.tl.profiles import topic_profiles
from sce2tm.tl.rare_types import rare_types
from sce2tm.tl.recommend_k import Recommendation, recommend_k
from sce2tm.tl.select_k import select_k
from sce2tm.tl.stability import dead_topics, duplicate_topics, match_topics, stability
from sce2tm.tl.survival import kaplan_meier, survival
from sce2tm.tl.top_genes import top_genes
from sce2tm.tl.topic_gene_map import topic_gene_map
from sce2tm.tl.topic_ranks import topic_ranks

if TYPE_CHECKING:
    from sce2tm.tl.compare import compare_embeddings
    from sce2tm.tl.enrichment import gsea
    from sce2tm.tl.overrepresentation import ora

__all__ = [
    "Recommendation",
    "bulk_scores",
    "cluster_scores",
    "compare_embeddings",
    "compare_perturbation",
    "consensus_topics",
    "dead_topics",
    "differential_topics",
    "duplicate_topics",
    "enrichment_counts",
    "evaluate",
    "gene_neighbors",
    "gene_sets",
    "gsea",
    "hub_genes",
    "interpretation_purity",
    "kaplan_meier",
    "match_topics",
    "ora",
    "perturb",
    "random_purity",
    "rare_types",
    "read_gmt",
    "recommend_k",
    "sce2tm",
    "select_k",
    "stability",
    "survival",
    "top_genes",
    "topic_coherence",
    "topic_diversity",
    "topic_gene_map",
    "topic_profiles",
    "topic_quality",
    "topic_ranks",
]


def __getattr__(name: str) -> Any:
    # scikit-learn, scanpy and numba cost seconds and 80 MB, which a fit does not need
    if name == "compare_embeddings":
        from sce2tm.tl.compare import compare_embeddings

        return compare_embeddings
    if name == "gsea":
        from sce2tm.tl.enrichment import gsea

        return gsea
    if name == "ora":
        from sce2tm.tl.overrepresentation import ora

        return ora
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
