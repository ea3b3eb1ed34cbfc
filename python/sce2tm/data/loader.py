"""Put the cells of one step on the device, from host memory or from the device's own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor

from sce2tm.data.batches import TrainingCells
from sce2tm.nn.share import WHOLE, Share
from sce2tm.nn.sparse import BagRows, Bags, SparseRows
from sce2tm.nn.topic_model import Batch

Index = npt.NDArray[np.int64]
Table = Literal["components", "external"]
# share of the free memory of a GPU that cells may take, the rest being left to the model
_SHARE = 0.5
# share of entries other than zero from which a CPU, too, multiplies dense rows faster, and the
# number of entries (16 MB) from which that costs more memory than it is worth
_CROWDED, _SMALL = 0.3, 2**22
# threads that transpose rows, each of which adds a sum over V x h numbers to the gradient, and
# the number of entries that keeps one busy for longer than it takes to wake
_HELPERS, _ENOUGH = 4, 2**19

# a step that takes one in as many of all cells, or more, draws enough of them twice for it to
# pay that each is read once
_ONCE = 8


class Source(Protocol):
    """Rows of the cells, on the device."""

    def expression(self, rows: Index) -> SparseRows:
        """Sparse rows, to reconstruct."""

    def both(self, rows: Index, n_cells: int) -> tuple[SparseRows, Tensor | SparseRows | BagRows]:
        """Sparse rows: the first `n_cells` to reconstruct, and all for an encoder to read."""

    def table(self, name: Table, rows: Index) -> Tensor:
        """Rows of a dense table."""


class Loader:
    """Gathers batches; the same cells give the same numbers from either source.

    Parameters
    ----------
    cells
        The cells to train on.
    device
        Where batches go. Cells that fit into half of a GPU's free memory are copied there once;
        others are gathered in host memory and sent from pinned memory, step by step.
    """

    def __init__(self, cells: TrainingCells, device: torch.device) -> None:
        self.cells, self._device = cells, device
        resident = device.type == "cuda" and _size(cells) < _SHARE * _free(device)
        self.source: Source = DeviceSource(cells, device) if resident else HostSource(cells, device)
        self._n_cells = len(cells.training)
        self._last: tuple[tuple[Index, ...], Batch] | None = None

    def rows(self, rows: Index) -> Batch:
        """Gather cells without their neighbours."""
        return self._gather(rows, rows)

    def batch(self, rows: Index, rng: np.random.Generator, share: Share = WHOLE) -> Batch:
        """Gather this process's share of the cells of one step, a neighbour drawn for each.

        Where each step takes all cells, they come in the order of their rows, which no loss depends
        on, and a step finds gathered what the one before has read.
        """
        cells, own = self.cells, rows[share.rows]
        order = np.argsort(own) if len(rows) == self._n_cells else slice(None)
        own = own[order]
        if cells.near_cells is None or cells.near_external is None:
            return replace(self._step(own, own), share=share)
        # drawn for the whole batch, so that the generators of all processes stay in step
        (near, at), (near_external, external_at) = (
            self._read(own, neighbours.draw(rows, rng)[share.rows][order])
            for neighbours in (cells.near_cells, cells.near_external)
        )
        batch = self._step(own, near, near_external)
        return replace(batch, inputs_at=at, external_at=external_at, share=share)

    def _step(self, *rows: Index) -> Batch:
        """Gather, unless these are the rows of the step before."""
        if self._last is None or not all(map(np.array_equal, rows, self._last[0])):
            self._last = rows, self._gather(*rows)
        return self._last[1]

    def _read(self, own: Index, drawn: Index) -> tuple[Index, Tensor | None]:
        """Rows to read for the cells and the neighbours drawn, and where each of both is then."""
        if _ONCE * len(own) < self.cells.n_cells:
            return np.concatenate([own, drawn]), None
        rows, places = once(own, drawn, self.cells.n_cells)
        return rows, send(places, self._device)

    def _gather(self, rows: Index, encoded: Index, external: Index | None = None) -> Batch:
        """Cells to reconstruct, and those for the encoder, which begin with the same."""
        cells, source = self.cells, self.source
        view = None if external is None else source.table("external", external)
        if not cells.reads_genes:
            components = source.table("components", encoded)
            return Batch(components, source.expression(rows), components[: len(rows)], view)
        target, inputs = source.both(encoded, len(rows))
        reference = None if cells.components is None else source.table("components", rows)
        return Batch(inputs, target, reference, view)


class HostSource:
    """Rows gathered in host memory, which is fastest where they stay there."""

    def __init__(self, cells: TrainingCells, device: torch.device) -> None:
        self._cells, self._device = cells, device
        self._totals = row_sums(cells.target)
        self._helpers = ThreadPoolExecutor(_HELPERS)

    def expression(self, rows: Index) -> SparseRows:
        """Sparse rows, to reconstruct."""
        return sparse_rows(self._cells.target[rows], self._totals[rows], self._device)

    def both(self, rows: Index, n_cells: int) -> tuple[SparseRows, Tensor | SparseRows | BagRows]:
        """Sparse rows: the first `n_cells` to reconstruct, and all for an encoder to read."""
        matrix, totals = self._cells.target[rows], self._totals[rows[:n_cells]]
        target = sparse_rows(block(matrix, 0, n_cells), totals, self._device)
        return target, encoder_rows(matrix, self._device, self._helpers)

    def table(self, name: Table, rows: Index) -> Tensor:
        """Rows of a dense table."""
        return send(getattr(self._cells, name)[rows], self._device)


class DeviceSource:
    """All cells in the memory of the device; a step sends the numbers of its cells alone."""

    def __init__(self, cells: TrainingCells, device: torch.device) -> None:
        self._device = device
        matrix = cells.target
        self._n_genes = matrix.shape[1]
        self._counts = np.diff(matrix.indptr)
        self._starts, self._columns, self._values, self._totals = (
            torch.from_numpy(array).to(device)
            for array in (
                matrix.indptr[:-1].astype(np.int64),
                matrix.indices,
                matrix.data,
                row_sums(matrix),
            )
        )
        self._tables = {
            name: torch.from_numpy(table).to(device)
            for name, table in (("components", cells.components), ("external", cells.external))
            if table is not None
        }

    def expression(self, rows: Index) -> SparseRows:
        """Sparse rows, to reconstruct."""
        chosen = send(rows, self._device)
        counts = self._counts[rows].astype(np.int64)
        # known on the host, so that nothing here waits for the device
        n_entries = int(counts.sum())
        row = torch.repeat_interleave(send(counts, self._device), output_size=n_entries)
        shift = self._starts[chosen] - send(np.cumsum(counts) - counts, self._device)
        entries = shift[row] + torch.arange(n_entries, device=self._device)
        return SparseRows(
            (len(rows), self._n_genes),
            row * self._n_genes + self._columns[entries],
            self._values[entries],
            self._totals[chosen],
        )

    def both(self, rows: Index, n_cells: int) -> tuple[SparseRows, SparseRows]:
        """Sparse rows: the first `n_cells` to reconstruct, and all for an encoder to read."""
        every = self.expression(rows)
        n_entries = int(self._counts[rows[:n_cells]].sum())
        target = SparseRows(
            (n_cells, self._n_genes),
            every.positions[:n_entries],
            every.values[:n_entries],
            every.totals[:n_cells],
        )
        return target, every

    def table(self, name: Table, rows: Index) -> Tensor:
        """Rows of a dense table."""
        return self._tables[name][send(rows, self._device)]


def once(own: Index, drawn: Index, n_cells: int) -> tuple[Index, Index]:
    """List each cell once, `own` first, and say where each of both is in the list.

    Examples
    --------
    >>> rows, places = once(np.array([7, 2]), np.array([5, 7]), 9)
    >>> rows.tolist(), places.tolist()
    ([7, 2, 5], [0, 1, 2, 0])
    """
    place = np.full(n_cells, -1)
    place[own] = np.arange(len(own))
    rows = np.concatenate([own, np.unique(drawn[place[drawn] < 0])])
    place[rows] = np.arange(len(rows))
    return rows, place[np.concatenate([own, drawn])]


def sparse_rows(
    matrix: sparse.csr_matrix, totals: npt.NDArray[np.float32], device: torch.device
) -> SparseRows:
    """Put sparse rows and their sums on the device."""
    n_genes = matrix.shape[1]
    rows = np.repeat(np.arange(matrix.shape[0]) * n_genes, np.diff(matrix.indptr))
    parts = (rows + matrix.indices, matrix.data, totals)
    return SparseRows(matrix.shape, *(send(part, device) for part in parts))


def encoder_rows(
    matrix: sparse.csr_matrix, device: torch.device, helpers: ThreadPoolExecutor | None = None
) -> Tensor | SparseRows | BagRows:
    """Put sparse rows on the device in the form that an encoder multiplies fastest there.

    `helpers` are the threads that transpose them for the gradient; without any, there is none
    on a CPU.
    """
    n_rows = matrix.shape[0]
    size = n_rows * matrix.shape[1]
    if device.type != "cpu":
        return sparse_rows(matrix, row_sums(matrix), device)
    if size < _SMALL and matrix.nnz > _CROWDED * size:
        return torch.from_numpy(matrix.toarray())
    if helpers is None:
        return BagRows(_bags(matrix))
    n_blocks = min(1 + matrix.nnz // _ENOUGH, torch.get_num_threads(), _HELPERS)
    step = -(-n_rows // n_blocks)
    blocks = [block(matrix, start, start + step) for start in range(0, n_rows, step)]
    each = map if n_blocks == 1 else helpers.map
    transposed = each(lambda rows: _bags(rows.T.tocsr()), blocks)
    sizes = (rows.shape[0] for rows in blocks)
    return BagRows(_bags(matrix), tuple(zip(transposed, sizes, strict=True)))


def block(matrix: sparse.csr_matrix, start: int, stop: int) -> sparse.csr_matrix:
    """Consecutive rows, sharing the entries of the matrix, which SciPy's slices would copy."""
    starts = matrix.indptr[start : stop + 1]
    entries = slice(starts[0], starts[-1])
    arrays = (matrix.data[entries], matrix.indices[entries], starts - starts[0])
    return sparse.csr_matrix(arrays, shape=(len(starts) - 1, matrix.shape[1]), copy=False)


def _bags(matrix: sparse.csr_matrix) -> Bags:
    arrays = (matrix.indptr[:-1], matrix.indices, matrix.data)
    return Bags(*(torch.from_numpy(array) for array in arrays))


def send(array: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    """Copy an array to the device without waiting for it to arrive."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def row_sums(matrix: sparse.csr_matrix) -> npt.NDArray[np.float32]:
    """Sum of each row, as precise as its values."""
    with np.errstate(over="ignore"):  # the loop finds values that are too large, and says so
        return np.asarray(matrix.sum(axis=1), dtype=matrix.dtype).ravel()


def _size(cells: TrainingCells) -> int:
    """Bytes of the cells, as they would lie on the device."""
    matrix = cells.target
    arrays = (matrix.data, matrix.indices, cells.components, cells.external)
    return sum(array.nbytes for array in arrays if array is not None) + 12 * cells.n_cells


def _free(device: torch.device) -> int:
    return int(torch.cuda.mem_get_info(device)[0])
