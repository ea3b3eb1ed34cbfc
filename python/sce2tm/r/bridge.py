"""The bridge to R: a request goes in, arrays and JSON come out.

R starts it in its session, by :mod:`sce2tm.r.job`, or beside it, by :mod:`sce2tm.r.worker`; both
call :func:`answer`, so both give the same numbers. A matrix of genes x cells in R's compressed
columns is, byte for byte, one of cells x genes in compressed rows: nothing is transposed.
Names, settings and messages travel as JSON, since the automatic conversions lose missing values.
"""

import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from numpy.typing import ArrayLike
from scipy import sparse

from sce2tm.data.matrix import listing
from sce2tm.errors import InputError

Array = npt.NDArray[Any]
Emit = Callable[[str], object]

# of interest to developers of Python packages, not to a user of R
_QUIET = (
    DeprecationWarning,
    FutureWarning,
    ImportWarning,
    PendingDeprecationWarning,
    ResourceWarning,
)


@dataclass(frozen=True)
class Answer:
    """What goes back to R.

    Attributes
    ----------
    arrays
        Numeric results by name.
    meta
        Everything else as one JSON object; ``error`` is null where all went well.
    """

    arrays: dict[str, Array]
    meta: str


class Source(Protocol):
    """Where the cells come from: `Cells`, or `sce2tm.r.stored.StoredCells`."""

    def matrix(self) -> Any:
        """Give cells x genes, in memory or backed by files."""


class Cells:
    """Cells x genes in memory, collected block by block.

    Parameters
    ----------
    n_genes
        Number of genes, the same for each block.

    Examples
    --------
    >>> cells = Cells(3)
    >>> cells.add([2.0, 1.0], [0, 2], [1, 1])
    >>> cells.matrix().toarray().tolist()
    [[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """

    def __init__(self, n_genes: int) -> None:
        self._n_genes = int(n_genes)
        self._values: list[Array] = []
        self._genes: list[Array] = []
        self._lengths: list[Array] = []

    def add(self, values: ArrayLike, genes: ArrayLike, lengths: ArrayLike) -> None:
        """Append a block: non-zero values, their gene (from 0), and how many each cell has."""
        self._values.append(np.asarray(values, dtype=np.float32))
        self._genes.append(np.asarray(genes, dtype=np.int32))
        self._lengths.append(np.asarray(lengths, dtype=np.int64))

    def matrix(self) -> sparse.csr_matrix:
        """Give one CSR float32 matrix and let go of the blocks (8 bytes a non-zero value)."""
        pointers = np.concatenate([[0], np.cumsum(_join(self._lengths))])
        shape = (len(pointers) - 1, self._n_genes)
        matrix = sparse.csr_matrix((_join(self._values), _join(self._genes), pointers), shape=shape)
        matrix.sort_indices()
        return matrix


def answer(request: str, cells: Source | None, external: Array | None, emit: Emit) -> Answer:
    """Do what R asks for; an error is part of the answer and never raised.

    Parameters
    ----------
    request
        JSON: ``task`` is ``"fit"`` or ``"example"``; see the R function ``call_python``.
    cells
        The cells to train on; None where the task needs none, or the request names a file.
    external
        External view, n x D in the order of the cells (where they are in a file: of the request's
        ``external_cells``), or None.
    emit
        Receives events, each one line of JSON: ``{"step", "total", "loss"}`` once a stretch,
        ``{"log"}`` for a line of the log.
    """
    handler = _LogToR(emit)
    logger = logging.getLogger("sce2tm")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    arrays: dict[str, Array] = {}
    meta: dict[str, Any] = {}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            arrays, meta = _run(json.loads(request), cells, external, emit)
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__[:-2]]
        meta = {"error": {"classes": kinds, "message": str(error)}}
    else:
        meta["error"] = None
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    meta["warnings"] = [str(w.message) for w in caught if not issubclass(w.category, _QUIET)]
    return Answer(arrays, json.dumps(meta, default=_plain))


def _run(
    request: dict[str, Any], cells: Source | None, external: Array | None, emit: Emit
) -> tuple[dict[str, Array], dict[str, Any]]:
    if request["task"] == "example":
        return _example()
    if request["path"] is not None:
        return _fit_file(request, external, emit)
    if cells is None:
        raise ValueError("cells is None: a fit needs cells, or the path of a file")
    adata = AnnData(
        X=cells.matrix(),
        obs=pd.DataFrame(index=pd.Index(request["cells"], dtype=object)),
        var=pd.DataFrame(index=pd.Index(request["genes"], dtype=object)),
    )
    if external is not None:
        adata.obsm[request["external"]] = np.asarray(external)
    return _fit(adata, request["external"], request, emit)


def _fit_file(
    request: dict[str, Any], external: Array | None, emit: Emit
) -> tuple[dict[str, Array], dict[str, Any]]:
    from sce2tm.data.readers import opened

    view = request["external"]
    if external is not None:
        view = pd.DataFrame(np.asarray(external), index=request["external_cells"])
    with opened(request["path"]) as adata:
        arrays, meta = _fit(adata, view, request, emit)
        return arrays, meta | {"cells": list(adata.obs_names)}


def _mark(adata: AnnData, features: list[str]) -> None:
    absent = [name for name in features if name not in adata.var_names]
    if absent:
        raise InputError(
            f"{len(absent)} of {len(features)} features are no genes of these cells: "
            f"{listing(absent)} (genes are named like {listing(adata.var_names, 2)}). Give names "
            "of genes that are there."
        )
    adata.var["highly_variable"] = adata.var_names.isin(features)


def _fit(
    adata: AnnData, view: Any, request: dict[str, Any], emit: Emit
) -> tuple[dict[str, Array], dict[str, Any]]:
    from sce2tm.model import SCE2TM

    if request["features"] is not None:
        _mark(adata, request["features"])

    def progress(step: int, total: int, losses: dict[str, float]) -> None:
        emit(json.dumps({"step": int(step), "total": int(total), "loss": float(losses["loss"])}))

    model = SCE2TM(external=view, progress=progress, **request["settings"])
    model.fit(adata, resume=request["resume"])
    model.annotate(adata)
    stored = adata.uns["sce2tm"]
    # a resumed run knows its terms in another order
    history = {"step": 0, "loss": 0} | dict(sorted(stored["history"].items()))
    arrays = {
        "latent": adata.obsm["X_sce2tm"],
        "theta": adata.obsm["sce2tm_theta"],
        "topic_genes": model.topic_genes,
        "gene_embedding": model.gene_embedding,
        "decoder": model.gene_scaling,
        "topic_embedding": model.topic_embedding,
        "history": np.column_stack(list(history.values())),
        "model": _bytes(model),
    }
    meta = {
        "genes": list(model.gene_names),
        "topics": list(model.topic_names),
        "terms": list(history),
        **{key: stored[key] for key in ("schema_version", "params", "external", "versions")},
    }
    return arrays, meta


def _example() -> tuple[dict[str, Array], dict[str, Any]]:
    from sce2tm.datasets import kang_ifnb

    adata = kang_ifnb()
    matrix = sparse.csr_matrix(adata.X)
    arrays = {"values": matrix.data, "genes": matrix.indices, "pointers": matrix.indptr}
    levels = {}
    for name, column in adata.obs.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            arrays[f"obs_{name}"] = column.cat.codes.to_numpy(dtype=np.int32)
            levels[name] = list(column.cat.categories)
        else:
            arrays[f"obs_{name}"] = column.to_numpy(dtype=np.float64)
    meta = {"genes": list(adata.var_names), "cells": list(adata.obs_names), "levels": levels}
    return arrays, meta


def _bytes(model: Any) -> Array:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)


def _join(parts: list[Array]) -> Array:
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
    parts.clear()
    return joined


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy as JSON knows them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot go back to R")


class _LogToR(logging.Handler):
    def __init__(self, emit: Emit) -> None:
        super().__init__()
        self._emit = emit

    def emit(self, record: logging.LogRecord) -> None:
        # R itself says how to go on
        if isinstance(sys.exception(), KeyboardInterrupt):
            return
        self._emit(json.dumps({"log": record.getMessage()}))
