"""How good the topics are, and how the training went."""

from collections.abc import Mapping, Sequence

import pandas as pd
from anndata import AnnData

from sce2tm import pl, results
from sce2tm.container import UNS
from sce2tm.report.parts import Figure, Section, Table, draw
from sce2tm.tl.evaluate import evaluate


def quality_section(
    adata: AnnData,
    gene_sets: Mapping[str, Sequence[str]] | None,
    label: str | None,
    seed: int,
) -> Section:
    """The measures of `sce2tm.tl.evaluate`, and the loss curves.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    gene_sets, label, seed
        As in `sce2tm.tl.evaluate`.
    """
    n_genes = min(10, len(results.topic_genes(adata)))
    table = evaluate(adata, gene_sets, label, n_genes=n_genes, seed=seed, progress=False)
    parts: list[Figure | Table] = [
        draw(
            pl.metrics,
            table,
            alt="Dot plot of the measures with their intervals; the table below holds the numbers.",
            caption="A dot for each measure; the line is its 95 % interval over topics.",
        ),
        _table(table),
    ]
    # results of R, or of another version, may lack it
    if "history" in adata.uns[UNS]:
        parts.append(
            draw(
                pl.history,
                adata,
                alt="Curves of each term of the loss over the training steps.",
                caption="The training: the sum of all terms should have levelled off.",
            )
        )
    text = (
        "Measures of the topics. They compare models of the same data, with the same gene sets and "
        "labels; none has a threshold that makes topics good."
    )
    return Section("quality", "Quality", text, parts)


def _table(table: pd.DataFrame) -> Table:
    rows = [
        [row.metric, _number(row.value), _number(row.low), _number(row.high), row.note]
        for row in table.itertuples()
    ]
    return Table(
        "quality-table",
        "Low and high: 95 % interval over topics, by bootstrap; empty where topics are not what "
        "is measured.",
        ["measure", "value", "low", "high", "what it is"],
        rows,
        numeric=("value", "low", "high"),
        wide=("what it is",),
    )


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"
