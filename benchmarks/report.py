"""Raw rows of the quality benchmark to JSON, and to tables between markers in README.md."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Row = dict[str, Any]

CLUSTERING = {
    "S": "summary.S",
    "L": "summary.L",
    "k-means ARI": "kmeans.ari",
    "k-means NMI": "kmeans.nmi",
    "Leiden k ARI": "leiden_k.ari",
    "Leiden k NMI": "leiden_k.nmi",
    "oracle ARI": "oracle.ari",
    "oracle NMI": "oracle.nmi",
    "Leiden 1.0 ARI": "leiden_1.ari",
    "kNN": "knn.accuracy",
    "kNN balanced": "knn.balanced_accuracy",
}
TOPICS = {
    "IP": "IP",
    "random": "IP.random",
    "TD": "TD",
    "TC": "TC",
    "topics used": "topics.used",
    "epochs": "epochs",
    "time (s)": "seconds",
    "peak (MB)": "peak_mb",
}
DIFFERENCES = {
    "S": "summary.S",
    "L": "summary.L",
    "Leiden 1.0 ARI": "leiden_1.ari",
    "kNN": "knn.accuracy",
    "IP": "IP",
    "TD": "TD",
    "TC": "TC",
}
MIXTURES = {
    "readout r": "readout.r",
    "readout RMSE": "readout.rmse",
    "theta readout r": "theta.readout.r",
    "theta readout RMSE": "theta.readout.rmse",
    "unseen mixture r": "unseen.r",
    "unseen mixture RMSE": "unseen.rmse",
    "theta unseen mixture r": "theta.unseen.r",
    "theta unseen mixture RMSE": "theta.unseen.rmse",
    "best single topic r": "topic.r",
    "theta itself r": "direct.r",
    "theta itself RMSE": "direct.rmse",
}
_WHOLE = {"topics.used", "epochs", "peak_mb"}


def write_json(path: Path, rows: Sequence[Row]) -> None:
    """Rows in a fixed order, one a line; the old file stays until the new one is whole."""
    ordered = sorted(rows, key=lambda row: (row["set"], row["method"], row["seed"]))
    text = "[\n" + ",\n".join(json.dumps(row) for row in ordered) + "\n]\n"
    temporary = path.with_suffix(".part")
    temporary.write_text(text)
    os.replace(temporary, path)  # noqa: PTH105


def write_tables(path: Path, rows: Sequence[Row]) -> None:
    """Replace the tables of the quality benchmark in `path`."""
    write_block(path, "quality", tables(pd.DataFrame(list(rows))))


def write_block(path: Path, name: str, block: str) -> None:
    """Replace what stands between the markers of this name in `path`."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    before, rest = path.read_text().split(start)
    _, after = rest.split(end)
    path.write_text(f"{before}{start}\n{block}\n{end}{after}")


def tables(rows: pd.DataFrame) -> str:
    """All tables as markdown."""
    keys = [*CLUSTERING.values(), *TOPICS.values(), *MIXTURES.values()]
    rows = rows.reindex(columns=[*rows.columns, *(key for key in keys if key not in rows)])
    rows = rows.sort_values(["set", "method", "seed"])
    quality = rows[rows["summary.S"].notna()]
    mixture = rows[rows["readout.r"].notna()]
    parts = [
        "### Clustering\n",
        _table(quality, CLUSTERING),
        "\n### Topics and cost\n",
        _table(quality, TOPICS),
        "\n### Paired differences\n",
        differences(quality, DIFFERENCES, (("ours", "PCA"), ("paper", "PCA"), ("ours", "paper"))),
    ]
    if len(mixture):
        parts += ["\n### Known proportions (sc_mixology_RNAmix)\n", _table(mixture, MIXTURES)]
    return "\n".join(parts)


def _table(rows: pd.DataFrame, columns: dict[str, str]) -> str:
    """One line for each set and method: over seeds the mean, ± standard deviation for S and L."""
    lines = [_line(["set", "method", *columns]), _line(["---"] * (len(columns) + 2))]
    for (name, method), group in rows.groupby(["set", "method"], sort=False):
        cells = [_cell(group[key], key) for key in columns.values()]
        lines.append(_line([name, method, *cells]))
    return "\n".join(lines)


def _cell(values: pd.Series, key: str) -> str:
    """Mean over seeds (time: the fastest), as many digits as the figure is worth."""
    values = values.dropna()
    if values.empty:
        return ""
    if key in _WHOLE:
        return f"{values.mean():.0f}"
    if key == "seconds":  # other work shares the machine: the least disturbed run
        return f"{values.min():.1f}"
    text = f"{values.mean():.3f}"
    return f"{text} ± {values.std():.3f}" if key.startswith("summary") and len(values) > 1 else text


def differences(
    rows: pd.DataFrame, columns: dict[str, str], pairs: Sequence[tuple[str, str]]
) -> str:
    """Mean over the sets of one method's figures less another's, with its standard error."""
    # with a view, or grown from other cells, it is the same cells again: they would count twice
    rows = rows[~rows["set"].str.contains(r"\+| x ")]
    means = rows.groupby(["set", "method"])[list(columns.values())].mean()
    lines = [_line(["difference", "sets", *columns]), _line(["---"] * (len(columns) + 2))]
    for first, second in pairs:
        methods = means.index.unique("method")
        if first not in methods or second not in methods:
            continue
        both = means.xs(first, level="method") - means.xs(second, level="method")
        cells = [_difference(both[key].dropna()) for key in columns.values()]
        lines.append(_line([f"{first} - {second}", len(both.dropna(how="all")), *cells]))
    return "\n".join(lines)


def _difference(values: pd.Series) -> str:
    if len(values) < 2:
        return ""
    return f"{values.mean():+.3f} ± {values.std() / np.sqrt(len(values)):.3f}"


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).strip() for cell in cells) + " |"
