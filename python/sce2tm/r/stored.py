"""Cells that R wrote to raw files: read in blocks where they lie, like those of a backed .h5ad."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from anndata.io import sparse_dataset


class StoredCells:
    """Cells x genes in a folder, of any size; only what is being read is in memory.

    Parameters
    ----------
    folder
        Holds ``values.bin`` (float32, the non-zero values), ``genes.bin`` (int32, their gene, from
        0, in any order within a cell) and ``lengths.bin`` (int32, how many each cell has).
    n_cells, n_genes
        Shape.
    by_gene
        Whether the files run over the genes instead: ``genes.bin`` then holds the cell of each
        value, ``lengths.bin`` how many each gene has.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, numbers in (("values", [2, 1]), ("genes", [0, 2]), ("lengths", [1, 1])):
    ...         kind = "<f4" if name == "values" else "<i4"
    ...         np.array(numbers, kind).tofile(Path(folder, f"{name}.bin"))
    ...     StoredCells(folder, 2, 3).matrix()[1:].toarray()
    array([[0., 0., 1.]], dtype=float32)
    """

    def __init__(
        self, folder: str | Path, n_cells: int, n_genes: int, *, by_gene: bool = False
    ) -> None:
        self._folder = Path(folder)
        self._shape = (int(n_cells), int(n_genes))
        self._by_gene = by_gene

    def matrix(self) -> Any:
        """Give the matrix as anndata gives that of a backed .h5ad; nothing is read or copied."""
        lengths = mapped(self._folder / "lengths.bin", "<i4")
        pointers = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        # an HDF5 file that exists in memory only, and whose arrays lie in files of others
        name = str(self._folder / "cells.h5")
        group = h5py.File(name, "w", driver="core", backing_store=False).create_group("X")
        group.attrs["encoding-type"] = "csc_matrix" if self._by_gene else "csr_matrix"
        group.attrs["encoding-version"] = "0.1.0"
        group.attrs["shape"] = self._shape
        group.create_dataset("indptr", data=pointers)
        for part, file, kind in (("data", "values.bin", "<f4"), ("indices", "genes.bin", "<i4")):
            at = (str(self._folder / file), 0, h5py.h5f.UNLIMITED)
            group.create_dataset(part, shape=(int(pointers[-1]),), dtype=kind, external=[at])
        return sparse_dataset(group)


def mapped(path: Path, dtype: str) -> npt.NDArray[Any]:
    """Numbers of a raw file, mapped into memory."""
    # an empty file cannot be mapped; copy on write, so that nothing changes what R wrote
    if path.stat().st_size == 0:
        return np.empty(0, dtype=dtype)
    return np.memmap(path, dtype=dtype, mode="c")
