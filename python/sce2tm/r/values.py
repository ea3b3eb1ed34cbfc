"""Dictionaries, single values and tables between Python and R, for `sce2tm.r.rpy2`.

anndata2ri ends at the first value it does not know and forgets which were single values; arrays
and data frames are left to it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

_LARGEST = 2**31 - 1


def to_r(value: Any) -> Any:
    """A value of ``uns`` as R knows it.

    Dictionaries become named lists, None NULL, single values vectors without dimensions; arrays
    keep theirs, so `from_r` can tell one value from an array of one.

    Raises
    ------
    NotImplementedError, ValueError, OverflowError
        R knows nothing like it.
    """
    import rpy2.robjects as ro

    if value is None:
        return ro.NULL
    if isinstance(value, Mapping):
        return ro.ListVector({str(key): to_r(part) for key, part in value.items()})
    if isinstance(value, list | tuple):
        value = np.asarray(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str | bool | int | float):
        return ro.r["c"](value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "OU":
        if not all(isinstance(part, str) for part in value.flat):
            raise ValueError("an array of objects that are no text")
        texts = ro.StrVector(value.ravel(order="F").tolist())
        return ro.r["array"](texts, ro.IntVector(value.shape))
    with rules() as conversion:
        return conversion.py2rpy(value)


def from_r(value: Any) -> Any:
    """What `to_r` made, or R itself: named lists become dictionaries, NULL None.

    Vectors of one value become that value, unless they have dimensions.

    Raises
    ------
    NotImplementedError
        Python knows nothing like it (functions, for one).
    """
    from rpy2 import rinterface as ri
    from rpy2.robjects import pandas2ri

    if isinstance(value, ri.NULLType):
        return None
    if "data.frame" in value.rclass:
        with rules():
            return pandas2ri.rpy2py(value)
    if isinstance(value, ri.ListSexpVector):
        parts = [from_r(part) for part in value]
        names = value.names
        if isinstance(names, ri.NULLType):
            return parts or {}
        return dict(zip(map(str, names), parts, strict=True))
    if isinstance(value, ri.ByteSexpVector):
        return np.frombuffer(bytes(value), dtype=np.uint8)
    logical = isinstance(value, ri.BoolSexpVector)
    if logical:  # as numbers: a missing one is NaN, and true is not 1
        value = ri.baseenv["storage.mode<-"](value, value=ri.StrSexpVector(["double"]))
    with rules() as conversion:
        found = conversion.rpy2py(value)
    if isinstance(found, ri.Sexp):
        raise NotImplementedError(f"R's {value.rclass[0]} is nothing that Python knows")
    if not isinstance(found, np.ndarray):
        return found
    if logical and not np.isnan(found).any():
        found = found.astype(bool)
    if found.dtype.kind == "U":
        found = found.astype(object)
    single = len(value) == 1 and isinstance(ri.baseenv["dim"](value), ri.NULLType)
    return found.item() if single else found


def each(
    entries: Iterable[tuple[str, Any]], convert: Callable[[Any], Any]
) -> tuple[dict[str, Any], list[str]]:
    """Convert entry by entry; gives the names of those that cannot be converted as well."""
    known, unknown = {}, []
    for key, value in entries:
        try:
            known[key] = convert(value)
        except (NotImplementedError, ValueError, OverflowError):
            unknown.append(key)
    return known, unknown


def raw(values: npt.ArrayLike) -> Any:
    """Bytes as a raw vector of R; `from_r` gives an array of uint8 for one."""
    from rpy2 import rinterface as ri

    return ri.ByteSexpVector(np.asarray(values, dtype=np.uint8).tobytes())


def matrix(table: pd.DataFrame, *, columns: bool = True) -> Any:
    """A table of numbers as a matrix of R, with names of rows and, if asked for, of columns."""
    import rpy2.robjects as ro

    values = ro.FloatVector(table.to_numpy(dtype=np.float64).ravel(order="F"))
    names = ro.StrVector(list(table.columns)) if columns else ro.NULL
    dimnames = ro.r["list"](ro.StrVector(list(table.index)), names)
    return ro.r["matrix"](values, *table.shape, dimnames=dimnames)


def array(found: Any) -> npt.NDArray[np.float32]:
    """Numbers of a matrix of R, in the precision in which the model computed them."""
    return np.asarray(found, dtype=np.float32)


def frame(table: Mapping[str, npt.ArrayLike]) -> Any:
    """Columns of numbers as a data frame of R."""
    import rpy2.robjects as ro

    columns = {}
    for name, values in table.items():
        found = np.asarray(values)
        small = found.dtype.kind in "iu" and np.abs(found).max(initial=0) <= _LARGEST
        columns[name] = ro.IntVector(found.tolist()) if small else ro.FloatVector(found.tolist())
    return ro.DataFrame(columns)


def rules() -> Any:
    """A context in which anndata2ri converts."""
    import anndata2ri
    from rpy2.robjects import default_converter
    from rpy2.robjects.conversion import localconverter

    return localconverter(default_converter + anndata2ri.converter)
