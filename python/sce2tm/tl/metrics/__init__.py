"""How good topics are: numbers from top genes, gene sets, topic proportions and labels.

Pure functions on arrays. Source: the scE2TM paper, section 2.2; definitions are in the docstrings.
"""

from sce2tm.tl.metrics.clusters import cluster_scores
from sce2tm.tl.metrics.coherence import topic_coherence, topic_quality
from sce2tm.tl.metrics.diversity import topic_diversity
from sce2tm.tl.metrics.enrichment import EnrichmentCounts, enrichment_counts
from sce2tm.tl.metrics.purity import interpretation_purity, random_purity

__all__ = [
    "EnrichmentCounts",
    "cluster_scores",
    "enrichment_counts",
    "interpretation_purity",
    "random_purity",
    "topic_coherence",
    "topic_diversity",
    "topic_quality",
]
