"""Where the result comes from: cells, settings, versions."""

from collections.abc import Mapping
from typing import Any

from anndata import AnnData

from sce2tm import results
from sce2tm._version import __version__
from sce2tm.container import UNS
from sce2tm.report.parts import Section, Table


def provenance_section(
    adata: AnnData, title: str, made: str, choices: Mapping[str, Any]
) -> Section:
    """What went into the model and into this page.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    title
        Name of the data.
    made
        Date of the page.
    choices
        What the page was asked for; None is left out.
    """
    stored = adata.uns[UNS]
    settings = dict(stored.get("params", {}))
    facts = {
        "data": title,
        "cells": f"{adata.n_obs:,}",
        "genes": f"{adata.n_vars:,}, of which the model saw {len(results.topic_genes(adata)):,}",
        "topics": len(results.names(adata)),
        "seed of the model": settings.get("seed", "unknown"),
        "external view": _flat(stored.get("external", {"name": "unknown"})),
        "page made": f"{made}, by sce2tm {__version__}",
    } | {name: value for name, value in choices.items() if value is not None}
    parts = [
        _table("facts", "What this page shows.", "fact", facts),
        _table("settings", "Settings of the model.", "setting", settings),
        _table(
            "versions", "Versions of the libraries at training.", "library",
            stored.get("versions", {}),
        ),
    ]  # fmt: skip
    text = "What is needed to make this result again: the data, these settings, these versions."
    return Section("provenance", "Provenance", text, [part for part in parts if part.rows])


def _table(name: str, caption: str, first: str, facts: Mapping[str, Any]) -> Table:
    rows = [[str(key), str(value)] for key, value in facts.items()]
    return Table(f"{name}-table", caption, [first, "value"], rows, wide=("value",))


def _flat(facts: Any) -> str:
    """A dictionary of single values as one line; arrays are told by their shape."""
    if not isinstance(facts, Mapping):
        return str(facts)
    return ", ".join(
        f"{key}: {value if not getattr(value, 'ndim', 0) else f'array {value.shape}'}"
        for key, value in facts.items()
    )
