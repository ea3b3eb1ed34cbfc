"""One self-contained web page of a result: topics, genes, pathways, cells, quality, provenance."""

from sce2tm.report.write import write_report

__all__ = ["write_report"]
