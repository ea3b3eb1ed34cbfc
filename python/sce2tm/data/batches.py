"""What the training loop reads: the cells of one step, gathered from sparse rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse

from sce2tm.data.neighbors import Neighbors
from sce2tm.nn.topic_model import Batch

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TrainingCells:
    """The cells to train on; only rows of one batch ever become dense.

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

    def inputs(self, cells: npt.NDArray[np.int64] | slice) -> FloatArray:
        """What the encoder reads of these cells, dense."""
        if self.reads_genes or self.components is None:
            return np.asarray(self.target[cells].toarray())
        return self.components[cells]

    def batch(
        self, cells: npt.NDArray[np.int64], rng: np.random.Generator, device: torch.device
    ) -> Batch:
        """Gather the rows of one step on the device, a neighbour drawn for each cell."""

        def tensor(array: FloatArray) -> torch.Tensor:
            return torch.from_numpy(array).to(device)

        target = tensor(np.asarray(self.target[cells].toarray()))
        reference = None if self.components is None else tensor(self.components[cells])
        inputs = target if self.reads_genes or reference is None else reference
        if self.external is None or self.near_cells is None or self.near_external is None:
            return Batch(inputs, target, reference)
        return Batch(
            inputs,
            target,
            reference,
            external=tensor(self.external[cells]),
            neighbour_inputs=tensor(self.inputs(self.near_cells.draw(cells, rng))),
            neighbour_external=tensor(self.external[self.near_external.draw(cells, rng)]),
        )


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
