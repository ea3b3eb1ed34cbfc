"""Which gene sets are enriched in which topics."""

import pandas as pd

from sce2tm import pl
from sce2tm.report.parts import Figure, Section, Table, draw, p_value

_FOUND = 0.05
_N_ROWS = 300
_N_GENES = 10


def pathways_section(pathways: pd.DataFrame) -> Section:
    """Dot plot, Manhattan plot and a table of the enriched pairs of topic and gene set.

    Parameters
    ----------
    pathways
        From `sce2tm.tl.gsea`.
    """
    found = pathways[pathways["padj_all"] <= _FOUND].sort_values("pval", kind="stable")
    n_sets, n_topics = pathways["pathway"].nunique(), pathways["topic"].nunique()
    text = (
        f"Gene set enrichment of {n_sets:,} sets against the genes of each topic: "
        f"{found['pathway'].nunique():,} sets are enriched in {found['topic'].nunique()} of "
        f"{n_topics} topics. P-values are adjusted over all topics and sets."
    )
    if found.empty:
        return Section("pathways", "Pathways", text, [])
    parts: list[Figure | Table] = [
        draw(
            pl.enrichment_dots,
            pathways,
            alt="Dot plot: enriched pathways in rows, topics in columns. The table below holds "
            "the numbers.",
            caption="The larger the dot, the smaller the p-value; its colour is the normalised "
            "enrichment score (NES).",
        ),
        draw(
            pl.manhattan,
            pathways,
            alt="Manhattan plot: adjusted p-value of every pathway in every topic, topics side by "
            "side, the strongest pathways named.",
            caption="Every topic and set; the dotted line is an adjusted p-value of 0.01.",
        ),
        _table(found),
    ]
    return Section("pathways", "Pathways", text, parts)


def _table(found: pd.DataFrame) -> Table:
    shown = found[:_N_ROWS]
    rows = [
        [row.pathway, row.topic, f"{row.NES:.2f}", p_value(row.padj_all), f"{row.size:,}",
         " ".join(row.leadingEdge[:_N_GENES])]
        for row in shown.itertuples()
    ]  # fmt: skip
    which = f"The {len(shown)} strongest of {len(found):,}" if len(found) > len(shown) else "All"
    return Table(
        "pathway-table",
        f"{which} pairs of topic and gene set with an adjusted p-value of {_FOUND:g} or less. "
        f"Size: genes of the set that the model saw. Genes: the first {_N_GENES} of the leading "
        "edge, best first.",
        ["pathway", "topic", "NES", "adjusted p", "size", "genes"],
        rows,
        numeric=("NES", "adjusted p", "size"),
        wide=("pathway",),
        genes=("genes",),
        searchable=True,
    )
