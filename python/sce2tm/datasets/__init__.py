"""Embedded data: real cells with a known answer, and gene sets. No download."""

from sce2tm.datasets.kang_ifnb import kang_ifnb
from sce2tm.datasets.reactome import reactome

__all__ = ["kang_ifnb", "reactome"]
