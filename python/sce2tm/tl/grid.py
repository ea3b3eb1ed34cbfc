"""Fit models for several K and seeds, side by side, and keep each as soon as it is done."""

import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData

from sce2tm.errors import InputError
from sce2tm.tl.held_out import held_out_gain
from sce2tm.tl.profiles import topic_profiles
from sce2tm.tl.stability import dead_topics
from sce2tm.tl.top_genes import top_genes

_TOP = 10


@dataclass(frozen=True)
class Task:
    """One model to fit.

    Attributes
    ----------
    n_topics, seed
        Which.
    external
        External view of the training cells, or None.
    settings
        Further arguments of `SCE2TM`.
    folder
        Where to keep it; None keeps nothing.
    fingerprint
        Of the cells and settings.
    """

    n_topics: int
    seed: int
    external: npt.NDArray[np.float32] | None
    settings: dict[str, Any]
    folder: Path | None
    fingerprint: str

    @property
    def model(self) -> Path | None:
        """File of the model."""
        return self.folder and self.folder / f"topics{self.n_topics}_seed{self.seed}.safetensors"

    @property
    def measures(self) -> Path | None:
        """File of its measures; it is written last, so a run that has it is finished."""
        return self.model and self.model.with_suffix(".measures.safetensors")


@dataclass(frozen=True)
class Finished:
    """What is measured of one model.

    Attributes
    ----------
    n_topics, seed
        Which.
    profiles
        Genes x K, see `topic_profiles`.
    held_out
        Gain of each held-out cell, see `held_out_gain`.
    top_genes
        Ten genes for each topic.
    n_dead
        Topics that lead no training cell.
    seconds
        That it took.
    """

    n_topics: int
    seed: int
    profiles: pd.DataFrame
    held_out: npt.NDArray[np.float64]
    top_genes: list[list[str]]
    n_dead: int
    seconds: float


def run_grid(
    tasks: list[Task], training: AnnData, held_out: AnnData, n_jobs: int | None, progress: bool
) -> list[Finished]:
    """Fit what is not finished yet, largest first, and return all in the order of the tasks."""
    from tqdm.auto import tqdm

    done = {(task.n_topics, task.seed): run for task in tasks if (run := read(task)) is not None}
    # the longest first: they decide when all is done, and too many topics fail at once
    rest = [task for task in tasks if (task.n_topics, task.seed) not in done]
    rest.sort(key=lambda task: -task.n_topics)
    with tqdm(
        total=len(tasks), initial=len(done), desc="select_k", unit="run", disable=not progress
    ) as bar:
        for run in _parallel(rest, training, held_out, n_jobs):
            done[run.n_topics, run.seed] = run
            bar.set_postfix_str(f"K={run.n_topics} seed={run.seed}", refresh=False)
            bar.update()
    return [done[task.n_topics, task.seed] for task in tasks]


def _parallel(
    tasks: list[Task], training: AnnData, held_out: AnnData, n_jobs: int | None
) -> Iterator[Finished]:
    """Runs as they finish; all at the end where joblib's back end cannot say earlier."""
    from joblib import Parallel, delayed

    calls: Iterable[Any] = (delayed(fit_one)(task, training, held_out) for task in tasks)
    try:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:  # Ray's back end, for one
        parallel = Parallel(n_jobs=n_jobs)
    yield from parallel(calls)


def fit_one(task: Task, training: AnnData, held_out: AnnData) -> Finished:
    """Fit one model, measure it, and keep both: what a worker does."""
    from sce2tm.model import SCE2TM

    start = time.perf_counter()
    model = SCE2TM(task.n_topics, task.external, seed=task.seed, progress=False, **task.settings)
    with warnings.catch_warnings():
        # the table counts them
        warnings.filterwarnings("ignore", message=r"\d+ of \d+ topics are the largest of no cell")
        model.fit(training)
    cells = training.copy()  # others may be reading
    model.annotate(cells)
    profiles = topic_profiles(cells)
    top = top_genes(cells, min(_TOP, len(profiles))).groupby("topic", sort=False)["gene"].agg(list)
    run = Finished(
        n_topics=task.n_topics,
        seed=task.seed,
        profiles=profiles,
        held_out=held_out_gain(model, cells, profiles, held_out),
        top_genes=top.tolist(),
        n_dead=len(dead_topics(cells)),
        seconds=time.perf_counter() - start,
    )
    if task.model is not None and task.measures is not None:
        model.save(task.model)
        _write(task.measures, task.fingerprint, run)
    return run


def _write(path: Path, fingerprint: str, run: Finished) -> None:
    from sce2tm.train import checkpoint

    arrays = {"profiles": run.profiles.to_numpy(), "held_out": run.held_out}
    metadata = {
        "fingerprint": fingerprint,
        "genes": list(run.profiles.index),
        "topics": list(run.profiles.columns),
        "top_genes": run.top_genes,
        "n_dead": run.n_dead,
        "seconds": run.seconds,
    }
    checkpoint.write(path, arrays, metadata)


def read(task: Task) -> Finished | None:
    """The finished run of a task, if it is there.

    Raises
    ------
    InputError
        The file is of other cells or settings.
    ModelFileError
        The file is damaged.
    """
    from sce2tm.train import checkpoint

    if task.measures is None or not task.measures.exists():
        return None
    arrays, metadata = checkpoint.read(task.measures)
    if metadata.get("fingerprint") != task.fingerprint:
        raise InputError(
            f"folder={str(task.folder)!r} holds runs of other cells or options "
            f"({task.measures.name}). Name another folder, or delete this one."
        )
    return Finished(
        n_topics=task.n_topics,
        seed=task.seed,
        profiles=pd.DataFrame(
            arrays["profiles"], index=metadata["genes"], columns=metadata["topics"]
        ),
        held_out=arrays["held_out"],
        top_genes=metadata["top_genes"],
        n_dead=metadata["n_dead"],
        seconds=metadata["seconds"],
    )
