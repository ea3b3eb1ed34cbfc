"""Figures of what the model learned: plain matplotlib, one function a figure, Axes returned."""

from sce2tm.pl.condition_topics import condition_topics
from sce2tm.pl.dominant_topic import dominant_topic
from sce2tm.pl.embedding import embedding
from sce2tm.pl.history import history
from sce2tm.pl.metrics import metrics
from sce2tm.pl.topic_genes import topic_genes

__all__ = ["condition_topics", "dominant_topic", "embedding", "history", "metrics", "topic_genes"]
