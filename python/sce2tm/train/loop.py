"""The training loop; several processes run it in step."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from sce2tm.data.batches import Index, TrainingCells, batches_per_epoch, stretches
from sce2tm.data.loader import Loader
from sce2tm.errors import DeviceError, SCE2TMError
from sce2tm.train.config import Config
from sce2tm.train.device import tensor_cores
from sce2tm.train.distributed import ALONE, Processes
from sce2tm.train.levels import level_genes
from sce2tm.train.progress import Progress, reporting
from sce2tm.train.run import Checkpoints, History, Run

logger = logging.getLogger(__name__)

# cells that the level of each gene is taken from: enough for it to be steady to a per cent or two
_LEVELLED = 2048
# least transported mass that is as good as all: the plan's own tolerance leaves a quarter per cent
_BALANCED = 0.99
# from warnings.warn() to who calls SCE2TM.fit()
_CALLER = 5


def train(
    run: Run,
    cells: TrainingCells,
    config: Config,
    *,
    checkpoints: Checkpoints,
    device: torch.device,
    progress: Progress,
    processes: Processes = ALONE,
) -> History:
    """Bring a run to its end, by RMSprop, and return the course of every loss.

    Parameters
    ----------
    run
        Network, optimizer and generators, new or resumed; changed in place.
    cells
        The cells to train on.
    config
        Settings.
    checkpoints
        Where the run is saved between stretches.
    device
        Where to compute; the network is there already.
    progress
        See `sce2tm.train.progress.reporting`.
    processes
        All that train this model; each runs this loop, the first reports and saves.

    Returns
    -------
    For each term its mean over each stretch, which is an epoch or, of a longer one, some 50 steps;
    their sum "loss"; and at the end of each stretch "step" (done so far), "learning_rate",
    "dead_topics" (the largest of no cell in the stretch), "transported_mass" and
    "transport_iterations" (of the last plan), and with cells held out "held_out", their
    reconstruction loss.

    Raises
    ------
    InputError
        When there are more processes than a batch has pairs of cells.
    SCE2TMError
        When a loss is no longer finite, or a checkpoint cannot be written.
    DeviceError
        When the memory of the GPU is full.
    """
    rows = cells.training
    batch_size = config.batch_for(len(rows))
    per_epoch = batches_per_epoch(len(rows), batch_size)
    ends, batches = stretches(per_epoch), None
    total, patience = config.steps_for(len(rows)), config.patience_for(len(rows))
    processes.check_batches(len(rows) // per_epoch)
    shown = progress if processes.first else False
    with (
        reporting(shown, total) as report,
        _explained(run, checkpoints if processes.first else None, device, batch_size),
        tensor_cores(device),
    ):
        loader = Loader(cells, device)
        network = processes.network(run.module)
        run.module.train()
        while run.step < total and not _settled(run.history.get("held_out", []), patience):
            epoch, done = divmod(run.step, per_epoch)
            run.optimizer.learning_rate = rate = config.rate_at(epoch)
            if not done or batches is None:
                batches = run.batches(len(rows), batch_size, begins=not done)
            end = min(next(end for end in ends if end > done), done + total - run.step)
            processes.seed(run.noise, config.seed, run.step)
            means = _stretch(
                run, network, loader, [rows[batch] for batch in batches[done:end]], processes
            )
            run.step += end - done
            _record(run, means, rate)
            if cells.held_out is not None:
                unlikelihood = _held_out(run, loader, cells.held_out)
                # equal everywhere to the last bit, or one process might stop without the others
                for name, value in processes.means({"held_out": unlikelihood}).items():
                    run.history.setdefault(name, []).append(value)
            report(run.step, {"loss": sum(means.values()), **means})
            if processes.first:
                checkpoints.save_if_due(run)
        run.module.eval()
        if config.gene_levels:
            some = np.random.default_rng(config.seed).permutation(rows)[:_LEVELLED]
            level_genes(run.module, loader.rows(some))
            # sums on a GPU differ in their last bit from one process to the next
            processes.copy_first(run.module.decoder.norm.bias)
    if processes.first:
        _warn(run)
    return {name: np.asarray(values) for name, values in run.history.items()}


def _stretch(
    run: Run,
    network: torch.nn.Module,
    loader: Loader,
    batches: Sequence[Index],
    processes: Processes,
) -> dict[str, float]:
    """Take some steps; mean of each term over them, fetched from the device once."""
    sums: dict[str, torch.Tensor] = {}
    run.module.topic_cells.zero_()
    run.module.transport.due = True
    for rows in batches:
        batch = loader.batch(rows, run.rng, processes.share(len(rows)))
        losses = network(batch, run.noise)
        run.optimizer.zero_grad()
        torch.stack(tuple(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        run.optimizer.step()
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + loss.detach()
    processes.add_up(run.module.topic_cells)
    return processes.means({name: float(value) / len(batches) for name, value in sums.items()})


def _held_out(run: Run, loader: Loader, rows: Index) -> float:
    """Mean reconstruction loss of cells that are not trained on."""
    run.module.eval()
    parts = np.array_split(rows, -(-len(rows) // 512))
    sums = [run.module.unlikelihood(loader.rows(part)) for part in parts]
    run.module.train()
    return float(torch.stack(sums).sum()) / len(rows)


def _settled(losses: list[float], patience: int) -> bool:
    """Whether the lowest loss is at least `patience` stretches ago."""
    return len(losses) > patience and int(np.argmin(losses)) < len(losses) - patience


def _record(run: Run, means: dict[str, float], rate: float) -> None:
    for name, value in {**means, "loss": sum(means.values())}.items():
        if not np.isfinite(value):
            raise SCE2TMError(
                f"training diverged: the term {name!r} is {value} after {run.step} steps. "
                "Lower learning_rate, or look for extreme values in the expression matrix."
            )
        run.history.setdefault(name, []).append(value)
    state = {
        "step": run.step,
        "learning_rate": rate,
        "dead_topics": int((run.module.topic_cells == 0).sum()),
        "transported_mass": float(run.module.transport.mass),
        "transport_iterations": run.module.transport.iterations,
    }
    for name, value in state.items():
        run.history.setdefault(name, []).append(value)


def _warn(run: Run) -> None:
    """Say what a user should know about the topics that came out."""
    n_topics = run.module.topic_cells.numel()
    # the last stretch may be a single step, which few topics can lead a cell of
    dead = int(min(run.history["dead_topics"][-2:]))
    if dead > n_topics / 2:
        warnings.warn(
            f"{dead} of {n_topics} topics are the largest of no cell. Fewer topics (n_topics) "
            "may do.",
            stacklevel=_CALLER,
        )
    mass = run.history["transported_mass"][-1]
    if not mass >= _BALANCED:
        warnings.warn(
            f"The transport plan brings {mass:.3f} of the genes' mass to the topics, not 1: genes "
            "and topics lie too far apart for its updates. Lower learning_rate.",
            stacklevel=_CALLER,
        )


@contextmanager
def _explained(
    run: Run, checkpoints: Checkpoints | None, device: torch.device, batch_size: int
) -> Iterator[None]:
    """Turn a full GPU into an error of ours; the process that saves says how to go on."""
    try:
        yield
    except (torch.OutOfMemoryError, KeyboardInterrupt) as error:
        way_on = checkpoints.way_on if checkpoints else ""
        if isinstance(error, torch.OutOfMemoryError):
            raise DeviceError(
                f"the memory of device={str(device)!r} is full with batch_size={batch_size}. "
                f"Lower batch_size or n_genes, or say device='cpu'.{way_on}"
            ) from error
        if way_on:
            said = f"Interrupted after {run.step} steps.{way_on}"
            logger.warning(said)
            error.add_note(said)  # where nobody listens to the log, Python shows it at its end
        raise
