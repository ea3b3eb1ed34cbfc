"""Topics of several seeds as one result: what the seeds agree on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy.optimize import linear_sum_assignment

from sce2tm import results
from sce2tm.container import GENE_EMBEDDING, LATENT, THETA, TOPIC_GENES, UNS
from sce2tm.errors import InputError
from sce2tm.tl.stability import checked_runs, similarities

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


def consensus_topics(runs: Sequence[AnnData]) -> AnnData:
    """Average the matched topics of runs that differ in their seed.

    The run that resembles the others most gives the topics their names and order; the topics of
    each other run are matched to it one to one (:func:`match_topics`), and proportions, latent
    and gene-to-topic weights are averaged over the matched topics. No topic is left out, so that
    proportions still sum to 1: the table says which of them to trust.

    Parameters
    ----------
    runs
        The same cells with the results of two or more runs of the same number of topics.

    Returns
    -------
    anndata.AnnData
        A copy of the cells with the averaged results in the places where a run has its own
        (``obsm["X_sce2tm"]``, ``obsm["sce2tm_theta"]``, ``varm["sce2tm_topic_genes"]``), so that
        all that reads a run reads it. ``uns["sce2tm"]["reproducibility"]`` holds for each topic
        the mean similarity of its copies, over all pairs of runs. Gene and topic embeddings are
        absent: each run has axes of its own.

    Raises
    ------
    InputError
        Fewer than two runs, other cells or genes, or different numbers of topics.

    Notes
    -----
    Cost: one copy of the cells, and the profiles of each run (:func:`topic_profiles`). cNMF
    clusters the components of all runs and drops outliers; matching keeps one copy of a topic
    from each run, so a run in which a topic is absent lowers its reproducibility.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> options = {"n_topics": 3, "epochs": 1, "progress": False, "copy": True}
    >>> runs = [sce2tm.tl.sce2tm(adata, seed=seed, **options) for seed in (0, 1)]
    >>> consensus = sce2tm.tl.consensus_topics(runs)
    >>> consensus.uns["sce2tm"]["reproducibility"].shape
    (3,)
    """
    profiles = checked_runs(runs)
    for number, run in enumerate(runs):
        if not isinstance(run, AnnData):
            raise InputError(f"runs[{number}] is {type(run).__name__}. Give annotated cells.")
        for axis in ("obs_names", "var_names"):
            if not getattr(run, axis).equals(getattr(runs[0], axis)):
                raise InputError(
                    f"runs[{number}].{axis} differ from those of runs[0]. Average runs on the "
                    "same cells and genes."
                )
    medoid, orders = aligned(profiles)
    merged = runs[medoid].copy()
    for slot, key in (("obsm", LATENT), ("obsm", THETA), ("varm", TOPIC_GENES)):
        arrays = [
            np.asarray(getattr(run, slot)[key], dtype=np.float64)[:, order]
            for run, order in zip(runs, orders, strict=True)
        ]
        getattr(merged, slot)[key] = np.mean(arrays, axis=0).astype(np.float32)
    merged.varm.pop(GENE_EMBEDDING, None)
    own = runs[medoid].uns[UNS]
    merged.uns[UNS] = {key: own[key] for key in ("schema_version", "params") if key in own} | {
        "topic_names": np.array(results.names(merged), dtype=object),
        "n_runs": len(runs),
        "reproducibility": np.diagonal(mean_similarity(profiles, orders)).copy(),
    }
    return merged


def aligned(profiles: Sequence[pd.DataFrame]) -> tuple[int, list[Indices]]:
    """The most typical run, and for each run the order that puts its topics beside that run's."""
    n_runs = len(profiles)
    orders = np.empty((n_runs, n_runs), dtype=object)
    scores = np.zeros((n_runs, n_runs))
    for a in range(n_runs):
        for b in range(n_runs):
            table = similarities(profiles[a], profiles[b]).to_numpy()
            rows, orders[a, b] = linear_sum_assignment(table, maximize=True)
            scores[a, b] = table[rows, orders[a, b]].mean()
    medoid = int(scores.sum(axis=1).argmax())
    return medoid, list(orders[medoid])


def mean_similarity(profiles: Sequence[pd.DataFrame], orders: Sequence[Indices]) -> Floats:
    """Similarity of topics of different runs, K x K, averaged over all ordered pairs of runs."""
    ordered = [table.iloc[:, order] for table, order in zip(profiles, orders, strict=True)]
    pairs = [
        similarities(a, b).to_numpy()
        for i, a in enumerate(ordered)
        for j, b in enumerate(ordered)
        if i != j
    ]
    return np.asarray(np.mean(pairs, axis=0))
