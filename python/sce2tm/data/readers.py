"""Read cells from the files that people have."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import anndata
import h5py
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.data.matrix import as_csr
from sce2tm.data.stored import cells, is_stored, store
from sce2tm.errors import InputError

Data: TypeAlias = AnnData | str | Path


@contextmanager
def opened(data: Data) -> Iterator[AnnData]:
    """Cells to compute on, from wherever they are; a file is closed in the end.

    Parameters
    ----------
    data
        AnnData, handed on as it is; an ``.h5ad`` file or ``.zarr`` folder, whose expression stays
        on the disk and is read in blocks of rows; or anything else that `read` reads, whole.

    Yields
    ------
    The cells; those of a file have X and layers that can be read inside the block only.

    Raises
    ------
    InputError
        When `data` is of another type, or the path cannot be read.
    """
    if isinstance(data, AnnData):
        yield data
        return
    if not isinstance(data, str | Path):
        raise InputError(
            f"data is a {type(data).__name__}. Give an AnnData, or the path of a file."
        )
    path = _existing(data)
    if not is_stored(path):
        yield read(path)
        return
    with store(path) as group:
        try:
            adata = cells(group)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"path={str(path)!r} cannot be read: {error}") from error
        yield adata


def read(path: str | Path) -> AnnData:
    """Read an AnnData from a file or folder, all of it into memory.

    Parameters
    ----------
    path
        ``.h5ad``; ``.zarr``; 10x ``.h5``; a folder with ``matrix.mtx``, genes or features, and
        barcodes (gzipped or not); ``.csv`` or ``.tsv`` (gzipped or not) with cells in rows, cell
        names in the first column and genes in the header.

    Returns
    -------
    Cells x genes. Text tables are kept as sparse rows.

    Raises
    ------
    InputError
        When the path is absent, of another kind, or cannot be read.
    """
    path = _existing(path)
    reader = _reader(path)
    if reader is None:
        raise InputError(
            f"path={str(path)!r} is of no known kind. Give .h5ad, .zarr, 10x .h5, a folder with "
            "matrix.mtx, .csv or .tsv."
        )
    try:
        return reader(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"path={str(path)!r} cannot be read: {error}") from error


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.exists():
        raise InputError(f"path={str(path)!r} does not exist. Check the name and the folder.")
    return path


def _reader(path: Path) -> Callable[[Path], AnnData] | None:
    if path.suffix.lower() == ".zarr":
        return _zarr
    if path.is_dir():
        return _mtx_folder
    name = path.name.lower().removesuffix(".gz")
    for suffix, reader in (
        (".h5ad", _h5ad),
        (".h5", _tenx_h5),
        (".csv", lambda file: _table(file, ",")),
        (".tsv", lambda file: _table(file, "\t")),
    ):
        if name.endswith(suffix):
            return reader
    return None


def _h5ad(path: Path) -> AnnData:
    if not h5py.is_hdf5(path):
        raise ValueError("it is no HDF5 file, or was cut short")
    return anndata.read_h5ad(path)


def _zarr(path: Path) -> AnnData:
    with store(path) as group:
        return anndata.read_zarr(group)


def _tenx_h5(path: Path) -> AnnData:
    import scanpy as sc  # takes a second, which other files need not wait for

    adata = sc.read_10x_h5(path)
    adata.var_names_make_unique()
    return adata


def _mtx_folder(path: Path) -> AnnData:
    import scanpy as sc

    adata = sc.read_10x_mtx(path)
    adata.var_names_make_unique()
    return adata


def _table(path: Path, separator: str) -> AnnData:
    blocks, names = [], []
    with pd.read_csv(path, sep=separator, index_col=0, chunksize=1024) as file:
        for block in file:
            blocks.append(as_csr(block.to_numpy(dtype="float32")))
            names.extend(block.index.astype(str))
            genes = block.columns.astype(str)
    if not blocks:
        raise ValueError("it holds no rows")
    return AnnData(
        sparse.vstack(blocks, format="csr"),
        obs=pd.DataFrame(index=pd.Index(names, dtype=object)),
        var=pd.DataFrame(index=pd.Index(genes, dtype=object)),
    )
