"""Several processes that train one model, as ``torchrun`` starts them."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from sce2tm.errors import InputError, SCE2TMError
from sce2tm.nn.batch_norm import BatchNorm
from sce2tm.nn.share import WHOLE, Share, average

# a process that says nothing for so long has failed; the slowest may read its data that much later
TIMEOUT = timedelta(minutes=10)
_NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Processes:
    """The processes that train a model together: mostly one, and then nothing here does anything.

    Attributes
    ----------
    rank, count
        Which one this is, from 0, and how many there are.
    device
        Where this one computes; None is the CPU.
    """

    rank: int = 0
    count: int = 1
    device: torch.device | None = None

    @property
    def first(self) -> bool:
        """Whether this is the one that reports and writes."""
        return self.rank == 0

    @property
    def settings(self) -> dict[str, int]:
        """What they add to the settings of a run: with another number it is another run."""
        return {} if self.count == 1 else {"processes": self.count}

    def share(self, n_cells: int) -> Share:
        """Part of this process in a batch of so many cells."""
        return WHOLE if self.count == 1 else Share(n_cells, self.rank, self.count)

    def network(self, module: nn.Module) -> nn.Module:
        """Wrap a module, so that its gradients and batch statistics are those of all processes."""
        if self.count == 1:
            return module
        for part in module.modules():
            if isinstance(part, BatchNorm):
                part.shared = True
        network = DistributedDataParallel(module)
        # once is enough: they stay equal, but for counts that are each process's own
        network.broadcast_buffers = False
        return network

    def seed(self, generator: torch.Generator, seed: int, step: int) -> None:
        """Give each process noise of its own from this step on; nothing of it need be saved."""
        if self.count > 1:
            state = np.random.SeedSequence((seed, self.rank, step)).generate_state(1, np.uint64)
            generator.manual_seed(int(state[0]) >> 1)

    def means(self, values: dict[str, float]) -> dict[str, float]:
        """Average numbers over the processes."""
        if self.count == 1:
            return values
        numbers = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        return dict(zip(values, average(numbers).tolist(), strict=True))

    def add_up(self, counts: torch.Tensor) -> None:
        """Replace counts by their sums over the processes."""
        if self.count > 1:
            distributed.all_reduce(counts)

    def copy_first(self, tensor: torch.Tensor) -> None:
        """Replace a tensor by that of the first process."""
        if self.count > 1:
            distributed.broadcast(tensor.detach(), 0)

    def check_batches(self, n_cells: int) -> None:
        """Refuse batches in which a process would have no pair of cells."""
        if self.count > 1 and n_cells < 2 * self.count:
            raise InputError(
                f"WORLD_SIZE={self.count!r} is too many processes for batches of {n_cells} cells: "
                "each needs two cells or more. Start fewer (torchrun --nproc-per-node), or raise "
                "batch_size."
            )

    def check_same(self, facts: dict[str, object]) -> None:
        """Refuse processes that would not train the same model."""
        if self.count == 1:
            return
        digests = (hashlib.sha256(repr(fact).encode()).digest() for fact in facts.values())
        own = torch.tensor([int.from_bytes(d[:6], "big") for d in digests], device=self.device)
        bounds = torch.stack([own, -own])
        distributed.all_reduce(bounds, distributed.ReduceOp.MAX)
        differ = (bounds[0] != -bounds[1]).tolist()
        if any(differ):
            wrong = [name for name, other in zip(facts, differ, strict=True) if other]
            raise InputError(
                f"the {self.count} processes do not have the same {' and '.join(wrong)}; "
                f"{wrong[0]} of process {self.rank}: {repr(facts[wrong[0]])[:200]}. Each must "
                "read the same files with the same arguments."
            )


ALONE = Processes()


def local_rank() -> int | None:
    """Which process of this machine this is, from 0; None when it trains alone."""
    if any(name not in os.environ for name in _NAMES) or int(os.environ["WORLD_SIZE"]) == 1:
        return None
    return int(os.environ["LOCAL_RANK"])


@contextmanager
def joined(device: torch.device) -> Iterator[Processes]:
    """Meet the other processes for a while, where torchrun's environment names some.

    Parameters
    ----------
    device
        Where this process computes. Messages go by NCCL between GPUs, else by gloo.

    Raises
    ------
    SCE2TMError
        When one of the others is gone, or silent for `TIMEOUT`.
    """
    if local_rank() is None:
        yield ALONE
        return
    processes = Processes(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]), device)
    ours = not distributed.is_initialized()
    try:
        # memory that other code pins is then pinned for this GPU, not for the first
        with torch.cuda.device(device) if device.type == "cuda" else nullcontext():
            if ours:
                _meet(device)
            yield processes
    except RuntimeError as error:
        # gloo has no error class of its own, but names its source file
        if not (isinstance(error, distributed.DistError) or "gloo" in str(error)):
            raise
        raise SCE2TMError(
            f"process {processes.rank} of {processes.count} lost the others: one of them failed "
            f"(its own message says why), or was silent for {TIMEOUT}. Start all again; with a "
            "checkpoint, fit(..., resume=True) goes on from it."
        ) from error
    finally:
        if ours and distributed.is_initialized():
            distributed.destroy_process_group()


def _meet(device: torch.device) -> None:
    # here, because there are builds of torch without it
    from torch.distributed import PrefixStore  # type: ignore[attr-defined]

    rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    store = _store(os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"])
    # the store outlives the group: a second fit must not read the addresses of the first
    meeting = store.add(f"sce2tm/{rank}", 1)
    distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        store=PrefixStore(f"sce2tm/{meeting}", store),
        rank=rank,
        world_size=count,
        timeout=TIMEOUT,
        device_id=device if device.type == "cuda" else None,
    )


@cache
def _store(address: str, port: str) -> Any:
    """Where processes find each other, as the environment names it.

    Kept for the life of the process: without torchrun the first one holds it, and another that is
    done sooner must not meet the old one, about to go, for its second fit.
    """
    from torch.distributed import rendezvous  # type: ignore[attr-defined]

    return next(rendezvous("env://", timeout=TIMEOUT))[0]
