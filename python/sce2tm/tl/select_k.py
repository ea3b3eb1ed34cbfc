"""Choose the number of topics: fit a grid, and set its figures side by side."""

import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from sce2tm.data.batches import hold_out
from sce2tm.data.matrix import as_csr
from sce2tm.errors import InputError
from sce2tm.external import resolve
from sce2tm.tl.collections import GeneSets
from sce2tm.tl.collections import gene_sets as collection
from sce2tm.tl.grid import Finished, Task, run_grid
from sce2tm.tl.metrics import topic_coherence, topic_diversity
from sce2tm.tl.stability import duplicate_topics, stability


def select_k(
    adata: AnnData,
    ks: Sequence[int],
    seeds: Sequence[int] = (0, 1, 2),
    *,
    gene_sets: GeneSets | None = None,
    external: Any = "X_scGPT",
    n_jobs: int | None = None,
    folder: str | Path | None = None,
    progress: bool = True,
    **settings: Any,
) -> pd.DataFrame:
    """Fit models with several numbers of topics and seeds, and measure each.

    A tenth of the cells (at most 2,000), the same for all models, is held out of every fit. Give
    the table to :func:`recommend_k` for a choice with its reasons, and to ``sce2tm.pl.select_k``
    for the curves; then fit all cells with that number.

    Parameters
    ----------
    adata
        Cells, as for `sce2tm.SCE2TM.fit`; not changed.
    ks
        Numbers of topics to try.
    seeds
        Seeds to try with each. Stability needs two, its spread three.
    gene_sets
        Gene sets for the topic coherence, as :func:`gene_sets` takes them.
    external
        External view, as for `sce2tm.SCE2TM`.
    n_jobs
        Models to fit at a time, one process each, as joblib counts (-1: one for each core).
        None: one, or what ``joblib.parallel_config`` says, also for a Dask or Ray cluster.
    folder
        Where each model and its measures are kept as soon as they are done: a call that was
        stopped goes on from there, and more `ks` and `seeds` can be added later. None keeps none.
    progress
        Show a bar of finished models.
    **settings
        Further options of `sce2tm.SCE2TM`. ``n_threads`` is 1 unless given: the numbers then do
        not depend on `n_jobs`.

    Returns
    -------
    pandas.DataFrame
        A row for each K and seed, with the columns

        ====================  =====================================================================
        ``n_topics, seed``    which model
        ``stability``         mean similarity of its topics to those of the other seeds with this K,
                              matched one to one (:func:`stability`); NaN with one seed
        ``held_out``          log-likelihood of hidden genes of held-out cells, in nats for each
                              unit of log-normalised expression, above that of the mean cell
        ``held_out_se``       its standard error over the held-out cells
        ``diversity``         TD of the ten top genes (:func:`topic_diversity`)
        ``coherence``         TC of the same (:func:`topic_coherence`), with `gene_sets`
        ``dead_topics``       topics that are the largest of no training cell
        ``duplicate_topics``  pairs of topics with a similarity of 0.8 or more
        ``seconds``           that the model and its measures took
        ====================  =====================================================================

    Raises
    ------
    InputError
        An argument cannot be used, or `folder` holds runs of other cells or options.
    ModelFileError
        A file in `folder` is damaged.

    Notes
    -----
    Held-out likelihood by completion: a fifth of the genes at a time is hidden from the encoder
    and foretold by the topics from the others, so no cell is scored on what it was embedded from.
    The topics' profiles are refitted to the training cells (:func:`topic_profiles`). It rises
    while topics are missing and falls, or stays, once they only split what is there.

    Time: that of the fits and about half as much again. Memory: each process holds the cells.
    Ctrl-C ends all; what is in `folder` stays.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> table = sce2tm.tl.select_k(adata, [3, 5], seeds=(0, 1), epochs=1, progress=False)
    >>> table[["n_topics", "seed"]].to_numpy().tolist()
    [[3, 0], [3, 1], [5, 0], [5, 1]]
    """
    ks, seeds = _checked(ks, "ks", 2), _checked(seeds, "seeds", 0)
    if not isinstance(adata, AnnData):
        raise InputError(f"adata={adata!r} is no AnnData. Open the file with anndata first.")
    if max(ks) > adata.n_vars:
        raise InputError(f"ks={ks!r}: {max(ks)} topics are more than the {adata.n_vars} genes.")
    if adata.n_obs < 20:
        raise InputError(f"adata holds {adata.n_obs} cells. At least 20 are needed to hold out.")
    if len(seeds) == 1:
        warnings.warn(
            f"seeds={seeds!r} is one seed: stability is NaN. Give two or more to compare.",
            stacklevel=2,
        )
    sets = None if gene_sets is None else collection(gene_sets)
    held = np.sort(hold_out(adata.n_obs, np.random.default_rng(0)))
    training, held_out = _rows(adata, np.delete(np.arange(adata.n_obs), held)), _rows(adata, held)
    tasks = _tasks(adata, ks, seeds, external, folder, settings, held, training, held_out)
    runs = run_grid(tasks, training, held_out, n_jobs, progress)
    stable = _stabilities(runs)
    return pd.DataFrame([_row(run, value, sets) for run, value in zip(runs, stable, strict=True)])


def _tasks(
    adata: AnnData,
    ks: list[int],
    seeds: list[int],
    external: Any,
    folder: str | Path | None,
    settings: dict[str, Any],
    held: Any,
    training: AnnData,
    held_out: AnnData,
) -> list[Task]:
    """All models of the grid; arguments that they would refuse are refused here."""
    from sce2tm.model import SCE2TM
    from sce2tm.train.run import fingerprint

    if "checkpoint" in settings:
        raise InputError("checkpoint would be one file for all models. Use folder=... instead.")
    settings = {"n_threads": 1} | settings
    view = resolve(external, adata)
    values = None if view is None else np.delete(view.values, held, axis=0)
    config = SCE2TM(ks[0], progress=False, **settings).config.to_dict()
    config |= {
        "n_topics": None,  # these two are in the name of the file
        "seed": None,
        "genes": list(map(str, adata.var_names)),
        "variable": list(map(bool, adata.var.get("highly_variable", []))),
    }
    layer = config["layer"]
    for part in (held_out, training):
        matrix = as_csr(part.X if layer is None else part.layers[layer])
        config["cells"] = fingerprint(config, matrix, values)
    place = None if folder is None else Path(folder)
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    return [
        Task(k, seed, values, settings, place, config["cells"]) for k, seed in product(ks, seeds)
    ]


def _rows(adata: AnnData, rows: Any) -> AnnData:
    part = adata[rows]
    return part.to_memory() if adata.isbacked else part.copy()


def _stabilities(runs: list[Finished]) -> list[float]:
    """For each model the mean similarity of its topics to those of the other seeds."""
    found: dict[tuple[int, int], float] = {}
    for k in {run.n_topics for run in runs}:
        same = [run for run in runs if run.n_topics == k]
        if len(same) < 2:
            continue
        table = stability([run.profiles for run in same])
        for number, run in enumerate(same):
            pairs = (table["run_a"] == number) | (table["run_b"] == number)
            found[k, run.seed] = float(table.loc[pairs, "similarity"].mean())
    return [found.get((run.n_topics, run.seed), float("nan")) for run in runs]


def _row(run: Finished, stable: float, sets: Mapping[str, Sequence[str]] | None) -> dict[str, Any]:
    """Figures of one model."""
    row = {
        "n_topics": run.n_topics,
        "seed": run.seed,
        "stability": stable,
        "held_out": float(run.held_out.mean()),
        "held_out_se": float(run.held_out.std(ddof=1) / np.sqrt(run.held_out.size)),
        "diversity": topic_diversity(run.top_genes),
    }
    if sets is not None:
        row["coherence"] = topic_coherence(run.top_genes, sets)
    return row | {
        "dead_topics": run.n_dead,
        "duplicate_topics": len(duplicate_topics(run.profiles)),
        "seconds": run.seconds,
    }


def _checked(values: Sequence[int], name: str, least: int) -> list[int]:
    """A list of different whole numbers."""
    found = list(values) if isinstance(values, Sequence | np.ndarray | range) else []
    whole = all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in found)
    if not found or not whole or min(found) < least:
        raise InputError(f"{name}={values!r} must be a list of whole numbers from {least} on.")
    if len(set(found)) < len(found):
        raise InputError(f"{name}={values!r} names a value twice. Name each once.")
    return [int(value) for value in found]
