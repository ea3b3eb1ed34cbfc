"""The published way: gseapy's prerank on raw weights, a topic at a time."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from sce2tm.tl._enrichment.members import Members


def prerank(
    members: Members, weights: pd.DataFrame, seed: int, n_jobs: int, progress: bool
) -> Iterator[pd.DataFrame]:
    """One table a topic, sets in their order; FDR q in `padj`.

    Genes and sets go in under numbers of their own: gseapy would turn names to upper case where
    most of them are, and join the leading edge by semicolons.
    """
    import gseapy

    genes = np.array([f"g{i}" for i in range(len(weights))], dtype=object)
    starts = members.sets.indptr
    sets = {
        str(i): list(genes[members.sets.indices[starts[i] : starts[i + 1]]])
        for i in range(len(members.names))
    }
    for topic in tqdm(weights.columns, desc="gseapy", unit="topic", disable=not progress):
        found = gseapy.prerank(
            pd.Series(weights[topic].to_numpy(), index=genes),
            sets,
            min_size=1,
            max_size=len(weights),
            permutation_num=1000,
            threads=n_jobs,
            seed=seed,
            no_plot=True,
        ).res2d
        found = found.assign(number=found["Term"].astype(int)).sort_values("number")
        yield pd.DataFrame(
            {
                "number": found["number"].to_numpy(),
                "topic": topic,
                "pval": found["NOM p-val"].to_numpy(dtype=float),
                "padj": found["FDR q-val"].to_numpy(dtype=float),
                "ES": found["ES"].to_numpy(dtype=float),
                "NES": found["NES"].to_numpy(dtype=float),
                "leadingEdge": [_names(text, weights.index) for text in found["Lead_genes"]],
            }
        )


def _names(text: str, names: pd.Index) -> list[str]:
    return [str(names[int(code[1:])]) for code in text.split(";") if code]
