"""Figures of what the model learned: plain matplotlib, one function a figure, Axes returned."""

from sce2tm.pl.condition_topics import condition_topics
from sce2tm.pl.dominant_topic import dominant_topic
from sce2tm.pl.embedding import embedding
from sce2tm.pl.enrichment_dots import enrichment_dots
from sce2tm.pl.fold_changes import fold_changes
from sce2tm.pl.gsea_running_sum import gsea_running_sum
from sce2tm.pl.history import history
from sce2tm.pl.kaplan_meier import kaplan_meier
from sce2tm.pl.manhattan import manhattan
from sce2tm.pl.metrics import metrics
from sce2tm.pl.perturbation import perturbation
from sce2tm.pl.select_k import select_k
from sce2tm.pl.stability import stability
from sce2tm.pl.topic_gene_map import topic_gene_map
from sce2tm.pl.topic_genes import topic_genes
from sce2tm.pl.topic_panels import topic_panels
from sce2tm.pl.topic_proportions import topic_proportions
from sce2tm.pl.topic_proportions_heatmap import topic_proportions_heatmap
from sce2tm.pl.volcano import volcano

__all__ = [
    "condition_topics",
    "dominant_topic",
    "embedding",
    "enrichment_dots",
    "fold_changes",
    "gsea_running_sum",
    "history",
    "kaplan_meier",
    "manhattan",
    "metrics",
    "perturbation",
    "select_k",
    "stability",
    "topic_gene_map",
    "topic_genes",
    "topic_panels",
    "topic_proportions",
    "topic_proportions_heatmap",
    "volcano",
]
