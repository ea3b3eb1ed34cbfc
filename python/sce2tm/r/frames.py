"""Tables of cells and of genes between pandas and R, for `sce2tm.r.rpy2`."""

from collections.abc import Iterable

import pandas as pd


def for_r(table: pd.DataFrame) -> pd.DataFrame:
    """The table with categories of text, the only ones that R has."""
    table = table.copy(deep=False)
    for name, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            table[name] = column.cat.rename_categories(column.cat.categories.astype(str))
    return table


def from_r(table: pd.DataFrame, kinds: Iterable[str]) -> pd.DataFrame:
    """What anndata2ri made of a DataFrame of R, with the types that pandas has for its columns.

    Parameters
    ----------
    table
        Logical columns as integers.
    kinds
        Class of each column in R.
    """
    table = table.set_axis(table.index.astype(str).astype(object))
    for name, kind in zip(table.columns, kinds, strict=True):
        column = table[name]
        if kind == "ordered":
            table[name] = column.cat.as_ordered()
        elif kind == "logical":
            table[name] = column.astype("boolean" if column.hasnans else bool)
        elif kind == "integer" and not column.hasnans:
            table[name] = column.astype("int64")
    return table
