"""The columns of enrichment tables, and p-values adjusted for many tests."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control

Floats = npt.NDArray[np.float64]

# those of fgsea and fora, with the topic first and padj_all last
GSEA = {
    "topic": object, "pathway": object, "pval": float, "padj": float, "log2err": float,
    "ES": float, "NES": float, "size": np.int64, "leadingEdge": object, "padj_all": float,
}  # fmt: skip
ORA = {
    "topic": object, "pathway": object, "pval": float, "padj": float, "foldEnrichment": float,
    "overlap": np.int64, "size": np.int64, "overlapGenes": object, "padj_all": float,
}  # fmt: skip


def table(columns: Mapping[str, Any], values: Mapping[str, Any]) -> pd.DataFrame:
    """Values in these columns, with their types."""
    return pd.DataFrame({name: pd.Series(values[name], dtype=columns[name]) for name in columns})


def empty(columns: Mapping[str, Any]) -> pd.DataFrame:
    """The same without rows."""
    return table(columns, {name: [] for name in columns})


def adjusted(p: Floats) -> tuple[Floats, Floats]:
    """Benjamini-Hochberg within each row (a topic) and over all of the matrix."""
    if p.size == 0:
        return p, p
    over_all = false_discovery_control(p, axis=None)
    return false_discovery_control(p, axis=1), over_all.reshape(p.shape)
