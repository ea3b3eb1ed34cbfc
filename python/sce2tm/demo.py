"""The demo: topics of real blood cells, with and without interferon beta, in one folder."""

import logging
from pathlib import Path

import matplotlib.pyplot as plt
import scanpy as sc
from anndata import AnnData
from matplotlib.axes import Axes

from sce2tm import outputs, pl, results
from sce2tm.datasets import kang_ifnb
from sce2tm.model import SCE2TM
from sce2tm.report import write_report
from sce2tm.tl.top_genes import top_genes
from sce2tm.train.progress import Progress

logger = logging.getLogger(__name__)

# known answer to interferon beta: ten genes of every cell type, then four of monocytes
INTERFERON_GENES = [
    "ISG15", "IFI6", "IFIT1", "IFIT2", "IFIT3", "MX1", "OAS1", "LY6E", "ISG20", "IRF7",
    "CXCL10", "CXCL11", "CCL8", "APOBEC3A",
]  # fmt: skip
_N_TOPICS = 20  # few enough to read them all
_FILES = (
    "README.txt",
    "report.html",
    "kang_ifnb.h5ad",
    "model.safetensors",
    "top_genes.tsv",
    "figures/umap.png",
    "figures/condition_topics.png",
    "figures/topic_genes.png",
    "figures/history.png",
)


def run(
    out: Path, *, epochs: int | None = None, force: bool = False, progress: Progress = True
) -> str:
    """Train on the embedded example and fill a folder with results.

    Parameters
    ----------
    out
        Folder for the results; made if absent.
    epochs
        Passes over the cells; None is the preset's number. Fewer gives a quick, poorer look.
    force
        Replace the results of an earlier demo.
    progress
        As in `sce2tm.SCE2TM`.

    Returns
    -------
    str
        What was found, in plain text; it is in ``README.txt`` too.

    Raises
    ------
    InputError
        The folder holds an earlier demo and `force` is False.
    """
    files = {name: out / name for name in _FILES}
    outputs.check_free(files.values(), force=force)
    outputs.make_folders(files.values())

    adata = kang_ifnb()
    model = SCE2TM(n_topics=_N_TOPICS, epochs=epochs, progress=progress).fit(adata)
    model.annotate(adata)
    logger.info("Drawing the figures.")
    sc.pp.neighbors(adata, use_rep="X_sce2tm", random_state=0)
    sc.tl.umap(adata, random_state=0)

    interferon = interferon_topics(adata)
    adata.obs["interferon_topics"] = results.proportions(adata)[interferon].sum(axis=1)
    report = describe(adata, interferon)
    outputs.write_h5ad(adata, files["kang_ifnb.h5ad"])
    model.save(files["model.safetensors"])
    outputs.write_top_genes(adata, files["top_genes.tsv"])
    outputs.write_figure(umap_panels(adata), files["figures/umap.png"])
    outputs.write_figure(
        pl.condition_topics(adata, "condition"), files["figures/condition_topics.png"]
    )
    outputs.write_figure(pl.topic_genes(adata), files["figures/topic_genes.png"])
    outputs.write_figure(pl.history(adata)[0], files["figures/history.png"])
    outputs.write_text(_README.format(report=report), files["README.txt"])
    write_report(
        adata,
        files["report.html"],
        title="2,800 blood cells, with and without interferon beta",
        label="cell_type",
        condition="condition",
        progress=False,
    )
    return report


def interferon_topics(adata: AnnData) -> list[str]:
    """Topics with three or more interferon genes among their ten top genes.

    By chance one topic in 30,000 has three. The conditions of the cells are not looked at.
    """
    genes = top_genes(adata, 10)
    hits = genes["gene"].isin(INTERFERON_GENES).groupby(genes["topic"], sort=False).sum()
    return [str(topic) for topic in hits.index[hits >= 3]]


def describe(adata: AnnData, interferon: list[str]) -> str:
    """Say in plain text which topics are the interferon topics, and which rise in treated cells."""
    shift = results.topic_shift(adata, "condition")
    genes = top_genes(adata, 10).groupby("topic")["gene"].agg(list)
    before, after = shift.loc[interferon, ["CTRL", "STIM"]].sum()
    lines = [
        f"Interferon topics by their genes: {', '.join(interferon) or 'none'}.",
        f"Together they are {before:.0%} of an untreated cell and {after:.0%} of a treated one.",
        "(By their genes: three or more of these among the ten top genes of the topic:",
        f"{', '.join(INTERFERON_GENES)}.)",
        "",
        "The topics that rise most from CTRL to STIM (mean proportion; * = one of these genes):",
        "  topic      CTRL   STIM   top genes",
    ]
    for topic in shift.index[:6]:
        marked = [f"{gene}*" if gene in INTERFERON_GENES else gene for gene in genes[topic]]
        ctrl, stim = shift.loc[topic, ["CTRL", "STIM"]]
        lines.append(f"  {topic:<9} {ctrl:6.3f} {stim:6.3f}   {' '.join(marked)}")
    return "\n".join(lines)


def umap_panels(adata: AnnData) -> Axes:
    """Panels of cell type, condition, largest topic, interferon topics; returns the first."""
    figure, grid = plt.subplots(2, 2, figsize=(12, 8), layout="constrained")
    pl.embedding(adata, "cell_type", ax=grid[0, 0]).set_title("cell type")
    pl.embedding(adata, "condition", ax=grid[0, 1]).set_title("condition")
    pl.dominant_topic(adata, ax=grid[1, 0])
    pl.embedding(adata, "interferon_topics", ax=grid[1, 1])
    grid[1, 1].set_title("proportion of the interferon topics")
    return figure.axes[0]


_README = """\
sce2tm demo: 2,800 blood cells, half of them (STIM) six hours with interferon beta
(Kang et al. 2018, GSE96583). The model saw the counts alone: no cell type, no condition.

{report}

Files
  report.html                   all of this as one page for the browser: topics, genes, cells
  kang_ifnb.h5ad                the cells, annotated: obsm X_sce2tm (latent), sce2tm_theta (topic
                                proportions), X_umap; varm sce2tm_topic_genes; uns sce2tm;
                                obs interferon_topics (sum of these proportions)
  model.safetensors             the model; sce2tm transform puts new cells into the same topics
  top_genes.tsv                 20 top genes of each topic
  figures/umap.png              cells by type, condition, largest topic and interferon topics
  figures/condition_topics.png  topics that differ most between CTRL and STIM
  figures/topic_genes.png       how strongly top genes belong to each topic
  figures/history.png           loss curves
"""
