"""After (and for) the fit: functions on an AnnData."""

from sce2tm.tl.fit import sce2tm
from sce2tm.tl.top_genes import top_genes

__all__ = ["sce2tm", "top_genes"]
