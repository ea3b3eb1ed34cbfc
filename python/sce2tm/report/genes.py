"""Which genes belong to which topics."""

from anndata import AnnData

from sce2tm import pl, results
from sce2tm.report.parts import Section, draw

_N_TOPICS = 20


def genes_section(adata: AnnData) -> Section:
    """The heatmap of the most used topics and their top genes."""
    n_topics = min(_N_TOPICS, len(results.names(adata)))
    figure = draw(
        pl.topic_genes,
        adata,
        n_topics=n_topics,
        alt=f"Heatmap: the {n_topics} most used topics in rows, their top genes in columns.",
        caption="Red: the gene belongs to the topic more than to others (1: twice as much as if it "
        "were shared by all). Topics with like genes lie side by side.",
    )
    text = (
        f"The three top genes of the {n_topics} most used topics, and how strongly they belong to "
        "each of these. A gene that two topics share is red in both rows."
    )
    return Section("genes", "Genes", text, [figure])
