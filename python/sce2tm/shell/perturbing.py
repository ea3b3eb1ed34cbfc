"""`perturb`, without the command line."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anndata import AnnData

from sce2tm import annotated, outputs, pl, tl
from sce2tm.layout import ensure_umap
from sce2tm.tl.perturb import Perturbation

logger = logging.getLogger(__name__)

Observed = tuple[str, str, str]


def perturb(
    path: Path,
    topics: Sequence[str],
    out: Path | None = None,
    *,
    force: bool = False,
    label: str | None = None,
    observed: Observed | None = None,
    n_random: int = 100,
    seed: int = 0,
    progress: bool = True,
    **settings: Any,
) -> str:
    """Write ``perturbed_genes.tsv`` and, with `observed`, what the comparison says.

    Parameters
    ----------
    path
        Folder of `fit`, or the annotated cells in it.
    topics, **settings
        As in `sce2tm.tl.perturb`.
    out
        Folder for the files; None is that of the results.
    force
        Replace files that are there.
    label
        Column of ``obs``; `groupby` of `sce2tm.tl.perturb`.
    observed, n_random, seed, progress
        As in `sce2tm.tl.compare_perturbation`; None compares with nothing.

    Returns
    -------
    str
        The summary, and the scores of the comparison.

    Raises
    ------
    InputError
        No results, files that are there and no `force`, or as these two raise.
    """
    out = out or annotated.folder(path)
    genes, scores, changes = (
        out / f"{name}.tsv"
        for name in ("perturbed_genes", "perturbation_scores", "perturbation_changes")
    )
    places, agreement = (
        out / "figures" / f"{name}.png" for name in ("perturbation", "fold_changes")
    )
    files = (genes,) if observed is None else (genes, scores, changes, places, agreement)
    outputs.check_free(files, force=force)
    adata = annotated.read(path, expression=True)
    moved = tl.perturb(adata, topics, groupby=label, **settings)
    outputs.make_folders(files)
    outputs.write_table(moved.genes, genes)
    text = repr(moved)
    if observed is not None:
        found = tl.compare_perturbation(
            adata, moved, observed, n_random=n_random, seed=seed, progress=progress
        )
        outputs.write_table(found.scores, scores)
        outputs.write_table(found.genes, changes)
        outputs.write_figure(pl.fold_changes(found), agreement)
        _draw_places(adata, moved, observed, places, seed)
        text += "\n\n" + found.scores.to_string(
            index=False, na_rep="", float_format=lambda value: f"{value:.3g}"
        )
    logger.info("Results are in %s.", out)
    return text


def _draw_places(
    adata: AnnData, moved: Perturbation, observed: Observed, path: Path, seed: int
) -> None:
    ensure_umap(adata, seed)
    outputs.write_figure(pl.perturbation(adata, moved, observed), path)
