"""How well the genes of some cells cover those of a model."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sce2tm.data.matrix import listing
from sce2tm.data.naming import naming_hint

_TOP = 20
_SHOWN = 3


@dataclass(frozen=True, eq=False, repr=False)
class Alignment:
    """Genes of a model that some cells have and lack; printing it gives a report.

    Attributes
    ----------
    n_genes
        Genes of the model.
    missing_genes
        Those that the cells lack, in the model's order.
    topics
        One row a topic, worst first: ``topic``, ``missing_weight`` (share of the topic's
        gene-to-topic weight that lies on missing genes) and ``missing_top_genes`` (the missing
        ones of its 20 top genes, by name, separated by blanks).
    hint
        What other spelling would find missing genes, or None.
    """

    n_genes: int
    missing_genes: tuple[str, ...]
    topics: pd.DataFrame
    hint: str | None

    @property
    def n_found(self) -> int:
        """Genes of the model that the cells have."""
        return self.n_genes - len(self.missing_genes)

    @property
    def share(self) -> float:
        """Genes found, as a share of the model's."""
        return self.n_found / self.n_genes

    def __repr__(self) -> str:
        lines = [f"{self.n_found} of the model's {self.n_genes} genes found ({self.share:.1%})"]
        if self.missing_genes:
            lines.append(f"missing: {listing(self.missing_genes)}")
            for row in self.topics.head(_SHOWN).itertuples():
                top = (
                    f"; of its top genes: {row.missing_top_genes}" if row.missing_top_genes else ""
                )
                lines.append(f"{row.topic} lacks {row.missing_weight:.1%} of its weight{top}")
        if self.hint:
            lines.append(f"names: {self.hint}")
        return "\n".join(lines)


def align(weights: pd.DataFrame, present: pd.Index) -> Alignment:
    """Compare the genes of a model with those that some cells have.

    Parameters
    ----------
    weights
        Gene-to-topic weights, V genes x K topics, named.
    present
        Names of the cells' genes.

    Examples
    --------
    >>> weights = pd.DataFrame({"topic_1": [0.9, 0.1]}, index=["CD3D", "LYZ"])
    >>> align(weights, pd.Index(["CD3D", "MS4A1"]))
    1 of the model's 2 genes found (50.0%)
    missing: 'LYZ'
    topic_1 lacks 10.0% of its weight; of its top genes: LYZ
    """
    names = weights.index.to_numpy()
    absent: npt.NDArray[np.bool_] = ~np.isin(names, present.to_numpy())
    values = weights.to_numpy(dtype=np.float64)
    leading = np.argsort(-values, axis=0, kind="stable")[:_TOP]
    topics = pd.DataFrame(
        {
            "topic": weights.columns,
            "missing_weight": values[absent].sum(axis=0) / values.sum(axis=0),
            "missing_top_genes": [
                " ".join(names[rows[absent[rows]]].astype(str)) for rows in leading.T
            ],
        }
    ).sort_values("missing_weight", ascending=False, kind="stable", ignore_index=True)
    missing = tuple(str(name) for name in names[absent])
    return Alignment(len(names), missing, topics, naming_hint(missing, present.astype(str)))
