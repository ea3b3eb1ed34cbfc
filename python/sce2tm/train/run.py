"""All that a training run consists of between two stretches, and its way to disk and back."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse

from sce2tm.data.batches import Index, shuffled
from sce2tm.errors import InputError, ModelFileError, SCE2TMError
from sce2tm.nn.topic_model import TopicModel
from sce2tm.train import checkpoint
from sce2tm.train.rmsprop import RMSprop

logger = logging.getLogger(__name__)

History = dict[str, npt.NDArray[np.float64]]


@dataclass
class Run:
    """A training run; what continues from it is what would have continued without a break.

    Attributes
    ----------
    module
        The network.
    optimizer
        RMSprop over its parameters.
    rng
        Order of the cells and draws of neighbours.
    epoch_rng
        State of `rng` at the beginning of the epoch, from which its order is drawn.
    noise
        Noise of the latent.
    step
        Steps done.
    history
        Values so far, a list for each term.
    """

    module: TopicModel
    optimizer: RMSprop
    rng: np.random.Generator
    noise: torch.Generator
    epoch_rng: Mapping[str, Any] = field(default_factory=dict)
    step: int = 0
    history: dict[str, list[float]] = field(default_factory=lambda: {"step": [], "loss": []})

    def batches(self, n_cells: int, batch_size: int, *, begins: bool) -> list[Index]:
        """Batches of the epoch that begins, or in which the run was saved."""
        if begins:
            self.epoch_rng = self.rng.bit_generator.state
            return shuffled(n_cells, batch_size, self.rng)
        again = np.random.Generator(np.random.PCG64())
        again.bit_generator.state = self.epoch_rng
        return shuffled(n_cells, batch_size, again)

    def arrays(self) -> checkpoint.Arrays:
        """Tensors and histories by name."""
        found = {
            f"module.{name}": tensor.detach().cpu().numpy()
            for name, tensor in self.module.state_dict().items()
        }
        for index, square in enumerate(self.optimizer.squares):
            found[f"optimizer.{index}"] = square.cpu().numpy()
        found["noise"] = self.noise.get_state().cpu().numpy()
        return found | {f"history.{name}": np.array(v) for name, v in self.history.items()}

    def restore(self, arrays: checkpoint.Arrays, metadata: dict[str, Any]) -> None:
        """Become the run that was saved."""
        groups: dict[str, dict[str, npt.NDArray[Any]]] = {}
        for name, array in arrays.items():
            kind, _, rest = name.partition(".")
            groups.setdefault(kind, {})[rest] = np.array(array)
        self.module.load_state_dict(
            {name: torch.from_numpy(array) for name, array in groups["module"].items()}
        )
        for index, square in enumerate(self.optimizer.squares):
            square.copy_(torch.from_numpy(groups["optimizer"][str(index)]))
        self.noise.set_state(torch.from_numpy(groups["noise"][""]))
        self.rng.bit_generator.state = metadata["rng"]
        self.epoch_rng = metadata["epoch_rng"]
        self.step = int(metadata["step"])
        # the file sorts its arrays by name
        self.history = {name: groups["history"][name].tolist() for name in metadata["history"]}


@dataclass
class Checkpoints:
    """Where and how often a run is saved.

    Attributes
    ----------
    path
        File to keep; None saves nothing.
    minutes
        Least time between two savings; 0 saves after every stretch.
    fingerprint
        Of cells and settings: only the same run can be resumed.
    saved_at, saved_step
        When it was saved last, and how many steps the file holds.
    """

    path: Path | None
    minutes: float
    fingerprint: str
    saved_at: float = field(default_factory=time.monotonic)
    saved_step: int = 0

    @property
    def way_on(self) -> str:
        """What is left of a run that ends before its time, and how to go on: for people."""
        if self.path is None:
            return ""
        if not self.saved_step:
            return f" Nothing of it is saved yet (checkpoint_minutes={self.minutes:g})."
        return (
            f" checkpoint={str(self.path)!r} holds {self.saved_step} steps; "
            "fit(..., resume=True) goes on from there."
        )

    def save_if_due(self, run: Run) -> None:
        """Save when the time has come; the old file stays until the new one is whole."""
        if self.path is None or time.monotonic() - self.saved_at < 60 * self.minutes:
            return
        state = run.rng.bit_generator.state
        metadata = {
            "rng": state,
            "epoch_rng": dict(run.epoch_rng),
            "step": run.step,
            "history": list(run.history),
            "fingerprint": self.fingerprint,
        }
        try:
            checkpoint.write(self.path, run.arrays(), metadata)
        except OSError as error:
            raise SCE2TMError(
                f"checkpoint={str(self.path)!r} cannot be written after {run.step} steps "
                f"({error.strerror}). Make room, or name another place.{self.way_on}"
            ) from error
        self.saved_at, self.saved_step = time.monotonic(), run.step

    def resume(self, run: Run) -> None:
        """Bring the run to where the file left it; without a file it starts at the beginning.

        Raises
        ------
        InputError
            When the file is of other cells or settings.
        ModelFileError
            When it is damaged.
        """
        if self.path is None or not self.path.exists():
            logger.info("No checkpoint at %s yet: starting at the beginning.", self.path)
            return
        checkpoint.sweep(self.path)
        arrays, metadata = checkpoint.read(self.path, "checkpoint")
        if metadata.get("fingerprint") != self.fingerprint:
            raise InputError(
                f"checkpoint={str(self.path)!r} is of other cells or settings. Resume with the "
                "same data, arguments, external view and number of processes, or name another file."
            )
        try:
            run.restore(arrays, metadata)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelFileError(
                f"checkpoint={str(self.path)!r} does not hold a whole run: {error}."
            ) from error
        self.saved_step = run.step
        logger.info("Resumed from %s after %d steps.", self.path, run.step)


def check_file(path: Path | None, *, resume: bool) -> None:
    """Refuse, before the work, what a run cannot be saved in or go on from.

    A file that is there is left alone by a run from the beginning: it may hold hours of another.

    Parameters
    ----------
    path
        Where the run will be saved; None saves nothing.
    resume
        Whether it goes on from there.

    Raises
    ------
    InputError
        Nothing to resume from, no folder to save in, or a file that would be replaced.
    """
    if path is None:
        if resume:
            raise InputError("resume=True needs a checkpoint: say checkpoint='run.safetensors'.")
        return
    if not path.parent.is_dir():
        raise InputError(
            f"checkpoint={str(path)!r} cannot be written: its folder does not exist. Make it, or "
            "name another place."
        )
    if not os.access(path.parent, os.W_OK):
        raise InputError(
            f"checkpoint={str(path)!r} cannot be written: you may not write into its folder. Name "
            "another place."
        )
    if path.exists() and not resume:
        raise InputError(
            f"checkpoint={str(path)!r} is there already. To go on from an earlier run: "
            "fit(..., resume=True). For a new one name another file, or delete this one."
        )


def fingerprint(
    settings: dict[str, Any], cells: sparse.csr_matrix, external: npt.NDArray[np.float32] | None
) -> str:
    """Hash of what decides the result of a run."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for array in (cells.indptr, cells.indices, cells.data, external):
        if array is not None:
            digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()
