"""Cells in an .h5ad file or a .zarr folder, opened without reading their expression."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import h5py
from anndata import AnnData
from anndata.io import read_elem, sparse_dataset

from sce2tm.errors import InputError

_SPARSE = ("csr_matrix", "csc_matrix")


def is_stored(path: Path) -> bool:
    """Whether the name is that of an AnnData on disk.

    Examples
    --------
    >>> is_stored(Path("cells.h5ad")), is_stored(Path("cells.csv"))
    (True, False)
    """
    return path.suffix.lower() in (".h5ad", ".zarr")


@contextmanager
def store(path: Path, mode: Literal["r", "r+"] = "r") -> Iterator[Any]:
    """Open an .h5ad file or a .zarr folder, and close it in the end.

    Parameters
    ----------
    path
        One that exists and `is_stored`.
    mode
        ``"r"`` to read only, ``"r+"`` to change it.

    Yields
    ------
    The top group of h5py or zarr.

    Raises
    ------
    InputError
        When it cannot be opened.
    """
    try:
        group = _zarr(path, mode) if path.suffix.lower() == ".zarr" else _hdf5(path, mode)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"path={str(path)!r} cannot be read: {error}") from error
    try:
        yield group
    finally:
        if isinstance(group, h5py.File):
            group.close()
        elif mode == "r+":
            _index(group)


def cells(group: Any) -> AnnData:
    """Cells and genes in memory; X, layers and plain arrays of ``obsm`` left where they are.

    Parameters
    ----------
    group
        From `store`; it must stay open for as long as the expression is read.

    Returns
    -------
    Cells with ``obs``, ``var``, ``obsm``, X and layers.

    Raises
    ------
    ValueError
        When it holds no cells, or part of a matrix is missing.
    """
    for name in ("obs", "var"):
        if name not in group:
            raise ValueError(f"it holds no {name!r}")
        if hasattr(group[name], "ndim"):
            raise ValueError(
                "it was written by anndata before 0.7. Open it with anndata.read_h5ad, and write "
                "it again"
            )
    return AnnData(
        X=_left_there(group["X"]) if "X" in group else None,
        obs=read_elem(group["obs"]),
        var=read_elem(group["var"]),
        obsm={name: _array(element) for name, element in _members(group, "obsm")},
        layers={name: _left_there(element) for name, element in _members(group, "layers")},
    )


def _hdf5(path: Path, mode: str) -> Any:
    if not h5py.is_hdf5(path):
        raise ValueError("it is no HDF5 file, or was cut short")
    return h5py.File(path, mode)


def _zarr(path: Path, mode: str) -> Any:
    try:
        import zarr  # an extra
    except ImportError as error:
        raise ValueError(
            "that needs the package zarr, an extra of this one: pip install zarr"
        ) from error
    if not path.is_dir():
        raise ValueError("it is no folder")
    # what is changed is found by itself, not in the store's index, until that is made again
    return zarr.open_group(path, mode=mode, use_consolidated=False if mode == "r+" else None)


def _index(group: Any) -> None:
    """Write the index of a zarr store (consolidated metadata) anew."""
    import zarr

    with warnings.catch_warnings():
        # format 3 has no word on such an index yet; anndata writes one all the same
        warnings.filterwarnings("ignore", "Consolidated metadata is currently not part")
        zarr.consolidate_metadata(group.store)


def _members(group: Any, name: str) -> list[tuple[str, Any]]:
    return [(key, group[name][key]) for key in group[name]] if name in group else []


def _array(element: Any) -> Any:
    """Leave an array; read what consists of several (data frame, sparse matrix)."""
    return element if hasattr(element, "ndim") else read_elem(element)


def _left_there(element: Any) -> Any:
    """Matrix whose rows are read when they are asked for."""
    if element.attrs.get("encoding-type") not in _SPARSE:
        return _array(element)
    matrix = sparse_dataset(element)
    _check_chunks(element, matrix.shape[0])
    return matrix


def _check_chunks(element: Any, n_cells: int) -> None:
    """Refuse a sparse matrix of a zarr store that was copied in part: what lacks reads as zeros."""
    for name in ("data", "indices"):
        array = element[name]
        # h5py looks after itself; and a chunk of a few cells may be all zeros, and never written
        if isinstance(array, h5py.Dataset) or array.shape[0] <= n_cells:
            continue
        absent = array.nchunks - array.nchunks_initialized
        if absent > 0:
            raise ValueError(
                f"{array.name} lacks {absent} of {array.nchunks} chunks. Copy the folder again"
            )
