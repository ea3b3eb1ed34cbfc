"""The cells to train on, and the order in which they are seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sce2tm.data.neighbors import Neighbors

FloatArray = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

# most steps between two looks at a training: its losses, its checkpoint, its held-out cells
_STRETCH = 50


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
    held_out
        Row numbers of cells that are not trained on, but looked at; None for none.
    """

    target: sparse.csr_matrix
    components: FloatArray | None
    reads_genes: bool
    external: FloatArray | None = None
    near_cells: Neighbors | None = None
    near_external: Neighbors | None = None
    held_out: Index | None = None

    @property
    def n_cells(self) -> int:
        """Number of cells, those held out among them."""
        return int(self.target.shape[0])

    @property
    def training(self) -> Index:
        """Row numbers of the cells to train on."""
        rows = np.arange(self.n_cells)
        return rows if self.held_out is None else np.delete(rows, self.held_out)


def shuffled(n_cells: int, batch_size: int, rng: np.random.Generator) -> list[Index]:
    """Draw the batches of one epoch: all cells, each once.

    It is cut into equal parts of about `batch_size` (sizes differ by one at most), so that no
    batch is ever too small for batch normalisation.

    Examples
    --------
    >>> [len(batch) for batch in shuffled(5, 3, np.random.default_rng(0))]
    [3, 2]
    """
    return np.array_split(rng.permutation(n_cells), batches_per_epoch(n_cells, batch_size))


def hold_out(n_cells: int, rng: np.random.Generator) -> Index:
    """Draw a tenth of the cells, at most 2,000 and at least one."""
    return rng.permutation(n_cells)[: max(1, min(n_cells // 10, 2000))]


def batches_per_epoch(n_cells: int, batch_size: int) -> int:
    """Number of steps that pass over all cells once, with two cells or more in each."""
    return max(1, min(-(-n_cells // batch_size), n_cells // 2))


def stretches(per_epoch: int) -> list[int]:
    """Cut the steps of an epoch into equal parts of 50 at most; give where each ends.

    Training is looked at, and saved, between them.

    Examples
    --------
    >>> stretches(11), stretches(118)
    ([11], [39, 78, 118])
    """
    n_parts = -(-per_epoch // _STRETCH)
    return [per_epoch * part // n_parts for part in range(1, n_parts + 1)]
