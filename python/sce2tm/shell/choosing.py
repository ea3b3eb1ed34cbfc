"""`select_k`, without the command line."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sce2tm import outputs, pl, tl
from sce2tm.data.readers import read

logger = logging.getLogger(__name__)


def select_k(
    data: Path,
    out: Path,
    *,
    ks: Sequence[int],
    n_seeds: int = 3,
    force: bool = False,
    gene_sets: str | None = None,
    **settings: Any,
) -> str:
    """Write ``select_k.tsv``, ``recommendation.txt`` and ``figures/select_k.png``.

    The models are kept in ``models``, from where the same call goes on.

    Parameters
    ----------
    data
        Anything that `sce2tm.data.readers.read` reads.
    out
        Folder for the files; made if absent.
    ks, **settings
        As in `sce2tm.tl.select_k`.
    n_seeds
        Seeds 0, 1, ... to try with each of `ks`.
    force
        Replace files that are there; models are never replaced.
    gene_sets
        As in `sce2tm.tl.gene_sets`.

    Returns
    -------
    str
        The recommendation with its reasons.

    Raises
    ------
    InputError
        Files that are there and no `force`, or as `sce2tm.tl.select_k` raises.
    """
    table_file, words, figure = (
        out / name for name in ("select_k.tsv", "recommendation.txt", "figures/select_k.png")
    )
    outputs.check_free((table_file, words, figure), force=force)
    sets = None if gene_sets is None else tl.gene_sets(gene_sets)
    adata = read(data)
    outputs.make_folders((table_file, words, figure))
    table = tl.select_k(
        adata, ks, range(n_seeds), gene_sets=sets, folder=out / "models", **settings
    )
    choice = tl.recommend_k(table)
    text = f"Recommended: {choice.n_topics} topics.\n{choice.reason}"
    outputs.write_table(table, table_file)
    outputs.write_text(f"{text}\n", words)
    outputs.write_figure(pl.select_k(table)[0], figure)
    logger.info("Results are in %s.", out)
    return text
