"""What the training loop reads: the cells of one step, gathered from sparse rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse

from sce2tm.data.neighbors import Neighbors
from sce2tm.nn.sparse import SparseRows
from sce2tm.nn.topic_model import Batch

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TrainingCells:
    """The cells to train on; their expression is sparse up to and on the device.

    Attributes
    ----------
    target
        Cells x V, log-normalised, CSR.
    components
        Cells x C principal components, or None when no part of the model reads them.
    reads_genes
        Whether the encoder reads `target` rather than `components`.
    external
        Cells x D external view, or None.
    near_cells, near_external
        Neighbours in the encoder's space and in the external view; None without a view.
    """

    target: sparse.csr_matrix
    components: FloatArray | None
    reads_genes: bool
    external: FloatArray | None = None
    near_cells: Neighbors | None = None
    near_external: Neighbors | None = None

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return int(self.target.shape[0])

    def inputs(
        self, cells: npt.NDArray[np.int64] | slice, device: torch.device
    ) -> torch.Tensor | SparseRows:
        """What the encoder reads of these cells."""
        if self.reads_genes or self.components is None:
            return sparse_rows(self.target[cells], device)
        return torch.from_numpy(self.components[cells]).to(device)

    def batch(
        self, cells: npt.NDArray[np.int64], rng: np.random.Generator, device: torch.device
    ) -> Batch:
        """Gather the rows of one step on the device, a neighbour drawn for each cell."""

        def tensor(array: FloatArray) -> torch.Tensor:
            return torch.from_numpy(array).to(device)

        target = sparse_rows(self.target[cells], device)
        reference = None if self.components is None else tensor(self.components[cells])
        inputs = target if self.reads_genes or reference is None else reference
        if self.external is None or self.near_cells is None or self.near_external is None:
            return Batch(inputs, target, reference)
        return Batch(
            inputs,
            target,
            reference,
            external=tensor(self.external[cells]),
            neighbour_inputs=self.inputs(self.near_cells.draw(cells, rng), device),
            neighbour_external=tensor(self.external[self.near_external.draw(cells, rng)]),
        )


def sparse_rows(matrix: sparse.csr_matrix, device: torch.device) -> SparseRows:
    """Put sparse rows and their transpose on the device."""
    transpose = matrix.T.tocsr()

    def parts(csr: sparse.csr_matrix) -> list[torch.Tensor]:
        indices = csr.indices.astype(np.int64, copy=False)
        offsets = csr.indptr[:-1].astype(np.int64, copy=False)
        return [torch.from_numpy(array).to(device) for array in (offsets, indices, csr.data)]

    return SparseRows(matrix.shape, *parts(matrix), *parts(transpose))


def shuffled(
    n_cells: int, batch_size: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield batches of all cells, epoch after epoch, without end.

    An epoch is cut into equal parts of about `batch_size` (sizes differ by one at most), so
    that no batch is ever too small for batch normalisation.

    Examples
    --------
    >>> batches = shuffled(5, 3, np.random.default_rng(0))
    >>> [len(next(batches)) for _ in range(4)]
    [3, 2, 3, 2]
    """
    n_batches = batches_per_epoch(n_cells, batch_size)
    while True:
        yield from np.array_split(rng.permutation(n_cells), n_batches)


def batches_per_epoch(n_cells: int, batch_size: int) -> int:
    """Number of steps that pass over all cells once, with two cells or more in each."""
    return max(1, min(-(-n_cells // batch_size), n_cells // 2))
