"""Find the device that was asked for, and hold the number of threads for a while."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sce2tm.errors import DeviceError, InputError
from sce2tm.train.distributed import local_rank


def find_device(device: str) -> torch.device:
    """Turn "auto", "cpu", "cuda", "cuda:1" or "mps" into a device that is there.

    Parameters
    ----------
    device
        "auto" takes a CUDA GPU where there is one, else the CPU. Of several processes that
        torchrun started, each gets the GPU of its own number from "auto" and "cuda".

    Raises
    ------
    DeviceError
        When the device that was named is absent.
    InputError
        When the name is none of a device.

    Examples
    --------
    >>> find_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, index = str(device).partition(":")
    rank = local_rank()
    if rank is not None:
        index = _index(device, kind, index, rank)
    if kind not in ("cpu", "cuda", "mps") or (index and not index.isdigit()):
        raise InputError(
            f"device={device!r} is unknown. Say 'auto', 'cpu', 'cuda', 'cuda:0' or 'mps'."
        )
    counts = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
    name = f"{kind}:{index}" if index else kind
    if int(index or 0) >= counts[kind]:
        raise DeviceError(
            f"device={name!r} is not there: torch {torch.__version__} sees {counts[kind]} devices "
            f"of kind {kind!r}. Say device='cpu', install a build of torch for your GPU, or start "
            "no more processes than there are GPUs."
        )
    return torch.device(name)


def _index(device: str, kind: str, index: str, rank: int) -> str:
    """Number of the GPU that one of several processes computes on."""
    if kind == "mps" or (kind == "cuda" and index not in ("", str(rank))):
        raise InputError(
            f"device={device!r} cannot be shared by several processes. Say 'auto', 'cuda' (a GPU "
            "for each) or 'cpu', or start one process."
        )
    return str(rank) if kind == "cuda" else index


@contextmanager
def threads(n_threads: int | None) -> Iterator[None]:
    """Compute with this many threads inside the block; None leaves the number as it is."""
    if n_threads is not None and (not isinstance(n_threads, int) or n_threads < 1):
        raise InputError(f"n_threads={n_threads!r} must be a whole number of at least 1.")
    before = torch.get_num_threads()
    # when numba (behind scanpy and pynndescent) starts its threads, it sets the number that torch
    # computes with as well: that has to happen before, not in the middle of a fit
    if "numba" in sys.modules:
        sys.modules["numba"].get_num_threads()
    torch.set_num_threads(before if n_threads is None else n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def tensor_cores(device: torch.device) -> Iterator[None]:
    """Let a CUDA GPU multiply single precision as TF32 inside the block, which is much faster."""
    if device.type != "cuda":
        yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
