"""Cells with what a model found in them: written to disk and read back, without expression."""

import secrets
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anndata import AnnData
from anndata.io import read_elem, write_elem

from sce2tm import container, outputs, results
from sce2tm.data import readers
from sce2tm.data.stored import is_stored, store
from sce2tm.errors import InputError
from sce2tm.train.checkpoint import atomically

_KEPT = ("obs", "var", "obsm", "varm", "uns")
_ARRAYS = {
    "obsm": (container.LATENT, container.THETA),
    "varm": (container.TOPIC_GENES, container.GENE_EMBEDDING, container.DECODER),
}


def suffix_for(data: Path) -> str:
    """``.zarr`` for cells from a zarr store, ``.h5ad`` for all others.

    Examples
    --------
    >>> suffix_for(Path("counts.csv"))
    '.h5ad'
    """
    return ".zarr" if data.suffix.lower() == ".zarr" else ".h5ad"


def find(path: Path) -> Path:
    """The annotated cells in a folder that ``sce2tm fit`` or ``sce2tm demo`` filled.

    Parameters
    ----------
    path
        That folder; or the .h5ad or .zarr itself, which is handed back.

    Raises
    ------
    InputError
        It does not exist, or holds no such file or several.
    """
    if not path.exists():
        raise InputError(f"{str(path)!r} does not exist. Check the name and the folder.")
    if is_stored(path):
        return path
    found = sorted(file for file in path.glob("[!.]*") if is_stored(file))
    if len(found) != 1:
        names = ", ".join(file.name for file in found) or "none"
        raise InputError(
            f"{str(path)!r} should be a folder with one .h5ad or .zarr of annotated cells, as "
            f"'sce2tm fit' writes it; found: {names}. Name the file itself."
        )
    return found[0]


def folder(path: Path) -> Path:
    """Where results lie: the folder itself, or that of the annotated cells."""
    return path.parent if is_stored(path) else path


def read(path: Path, *, expression: bool = False) -> AnnData:
    """Read annotated cells back.

    Parameters
    ----------
    path
        As for `find`.
    expression
        Read X and layers, too; without them a file of any size takes little memory.

    Raises
    ------
    InputError
        There is no such file, or it holds no results.
    """
    file = find(path)
    if expression:
        adata = readers.read(file)
    else:
        with store(file) as group:
            adata = AnnData(**{part: read_elem(group[part]) for part in _KEPT if part in group})
    if container.UNS not in adata.uns:
        raise InputError(
            f"{str(file)!r} holds no results of sce2tm. Make some: sce2tm fit, or sce2tm transform "
            "with a model."
        )
    results.names(adata)
    return adata


def write(adata: AnnData, data: Path, path: Path) -> None:
    """Write cells with all annotations; the file appears whole or not at all.

    An .h5ad or .zarr is copied as it is, and the results are written into the copy: its
    expression, however large, is not read. Cells from any other file are written compressed.

    Parameters
    ----------
    adata
        Cells that `SCE2TM.annotate` wrote its results into.
    data
        Where they were read from; it is not changed, unless it is `path` itself.
    path
        Ends as `suffix_for` says.
    """
    if not is_stored(data):
        outputs.write_h5ad(adata, path)
    elif data.is_dir():
        _folder(path, lambda temporary: _into_copy(adata, shutil.copytree(data, temporary)))
    else:
        atomically(path, lambda temporary: _into_copy(adata, shutil.copyfile(data, temporary)))


def _into_copy(adata: AnnData, copy: Any) -> None:
    """Replace the results in a copy; all else stays."""
    with store(Path(copy), "r+") as group, warnings.catch_warnings():
        # anndata announces another layout of chunks, which is nothing to this copy
        warnings.filterwarnings("ignore", "zarr v3 autosharding", UserWarning)
        for part, keys in _ARRAYS.items():
            for key in keys:
                write_elem(_part(group, part), key, getattr(adata, part)[key])
        write_elem(_part(group, "uns"), container.UNS, adata.uns[container.UNS])


def _part(group: Any, name: str) -> Any:
    if name not in group:
        write_elem(group, name, {})
    return group[name]


def _folder(path: Path, write_to: Callable[[Path], None]) -> None:
    """Fill a temporary folder beside `path`, then move it there."""
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        write_to(temporary)
        old = temporary.with_name(f"{temporary.name}.old")
        if path.exists():  # a folder cannot be replaced in one step: the old one is kept until then
            path.rename(old)
        temporary.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
