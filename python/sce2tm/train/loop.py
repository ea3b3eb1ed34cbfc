"""The training loop, on one device."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch

from sce2tm.data.batches import TrainingCells, batches_per_epoch, shuffled
from sce2tm.errors import DeviceError, SCE2TMError
from sce2tm.nn.topic_model import TopicModel
from sce2tm.train.config import Config
from sce2tm.train.progress import Progress, reporting

History = dict[str, npt.NDArray[np.float64]]


def train(
    module: TopicModel,
    cells: TrainingCells,
    config: Config,
    *,
    rng: np.random.Generator,
    noise: torch.Generator,
    device: torch.device,
    progress: Progress,
) -> History:
    """Train the module in place by RMSprop and return the course of every loss.

    Parameters
    ----------
    module
        On `device` already.
    cells
        The cells to train on.
    config
        Settings.
    rng
        Order of the cells and draws of neighbours.
    noise
        Generator on `device`, for the latent's noise.
    device
        Where to compute.
    progress
        See `sce2tm.train.progress.reporting`.

    Returns
    -------
    For each term its mean over each epoch, their sum "loss", and "step", the steps done.

    Raises
    ------
    SCE2TMError
        When a loss is no longer finite.
    DeviceError
        When the memory of the GPU is full.
    """
    batch_size = config.batch_for(cells.n_cells)
    per_epoch = batches_per_epoch(cells.n_cells, batch_size)
    total = config.steps_for(cells.n_cells)
    optimizer = torch.optim.RMSprop(module.parameters(), lr=config.learning_rate)
    batches = shuffled(cells.n_cells, batch_size, rng)
    history: dict[str, list[float]] = {"step": [], "loss": []}
    step = 0
    module.train()
    with reporting(progress, total) as report, _memory_errors(device, batch_size):
        while step < total:
            if config.halve_every:
                halvings = step // (per_epoch * config.halve_every)
                optimizer.param_groups[0]["lr"] = config.learning_rate * 0.5**halvings
            n_steps = min(per_epoch, total - step)
            sums: dict[str, torch.Tensor] = {}
            for _ in range(n_steps):
                losses = module(cells.batch(next(batches), rng, device), noise)
                optimizer.zero_grad()
                torch.stack(tuple(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                for name, loss in losses.items():
                    sums[name] = sums.get(name, 0.0) + loss.detach()
            step += n_steps
            means = {name: float(value) / n_steps for name, value in sums.items()}
            _record(history, step, means)
            report(step, {"loss": sum(means.values()), **means})
    module.eval()
    return {name: np.asarray(values) for name, values in history.items()}


def _record(history: dict[str, list[float]], step: int, means: dict[str, float]) -> None:
    history["step"].append(step)
    for name, value in {**means, "loss": sum(means.values())}.items():
        if not np.isfinite(value):
            raise SCE2TMError(
                f"training diverged: the term {name!r} is {value} after {step} steps. "
                "Lower learning_rate, or look for extreme values in the expression matrix."
            )
        history.setdefault(name, []).append(value)


@contextmanager
def _memory_errors(device: torch.device, batch_size: int) -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            f"the memory of device={str(device)!r} is full with batch_size={batch_size}. "
            "Lower batch_size or n_genes, or say device='cpu'."
        ) from error
