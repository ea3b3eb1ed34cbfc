"""Is a topic found again from another seed, and is it there twice."""

from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from anndata import AnnData
from scipy.optimize import linear_sum_assignment

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl.profiles import topic_profiles

Floats = npt.NDArray[np.float64]
Run: TypeAlias = AnnData | pd.DataFrame


def match_topics(a: Run, b: Run) -> pd.DataFrame:
    """Pair the topics of two runs so that the pairs are as similar as can be, one to one.

    Parameters
    ----------
    a, b
        Cells with the results of a run, or its profiles (:func:`topic_profiles`). Genes are
        matched by name; genes of one run alone are left out.

    Returns
    -------
    pandas.DataFrame
        ``topic_a``, ``topic_b`` and ``similarity``, in the order of the topics of `a`: as many
        rows as the run with fewer topics has. The similarity is the cosine of the square roots of
        the profiles, each gene and each topic centred on its mean: about 0 for topics that have
        nothing to do with each other, 1 for the same.

    Raises
    ------
    InputError
        A run holds no result, or they share fewer than two genes.

    Notes
    -----
    Pairs by the Hungarian method (scipy). Cost: the profiles, see :func:`topic_profiles`.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> shares = {"topic_1": [0.9, 0.1, 0.0], "topic_2": [0.0, 0.2, 0.8]}
    >>> a = pd.DataFrame(shares, index=["CD3D", "CD3E", "MS4A1"])
    >>> b = a[["topic_2", "topic_1"]].set_axis(["topic_1", "topic_2"], axis=1)
    >>> sce2tm.tl.match_topics(a, b).round(2)
       topic_a  topic_b  similarity
    0  topic_1  topic_2         1.0
    1  topic_2  topic_1         1.0
    """
    return _matched(similarities(profiles_of(a), profiles_of(b)))


def stability(runs: Sequence[Run]) -> pd.DataFrame:
    """Match the topics of every pair of runs that differ in their seed.

    Parameters
    ----------
    runs
        Two or more runs with the same number of topics, as for :func:`match_topics`.

    Returns
    -------
    pandas.DataFrame
        ``run_a`` and ``run_b`` (positions in `runs`), then as :func:`match_topics`. The mean of
        ``similarity`` is the stability of the runs; its mean over the rows of one topic is that of
        the topic.

    Raises
    ------
    InputError
        Fewer than two runs, or different numbers of topics.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> shares = {"topic_1": [0.9, 0.1, 0.0], "topic_2": [0.0, 0.2, 0.8]}
    >>> run = pd.DataFrame(shares, index=["CD3D", "CD3E", "MS4A1"])
    >>> table = sce2tm.tl.stability([run, run, run])
    >>> len(table), float(table["similarity"].mean().round(3))
    (6, 1.0)
    """
    profiles = checked_runs(runs)
    tables = []
    for a, b in combinations(range(len(profiles)), 2):
        table = _matched(similarities(profiles[a], profiles[b]))
        table.insert(0, "run_a", a)
        table.insert(1, "run_b", b)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def duplicate_topics(adata: Run, threshold: float = 0.8) -> pd.DataFrame:
    """List the pairs of topics of one run that express nearly the same.

    Parameters
    ----------
    adata
        Cells with results, or profiles, as for :func:`match_topics`.
    threshold
        Least similarity of a pair, as in :func:`match_topics`.

    Returns
    -------
    pandas.DataFrame
        ``topic_a``, ``topic_b``, ``similarity``; the most similar pair first.

    Raises
    ------
    InputError
        `threshold` is not between 0 and 1, or there is no result.

    Examples
    --------
    >>> import pandas as pd, sce2tm
    >>> shares = {"a": [0.9, 0.1, 0.0], "b": [0.8, 0.2, 0.0], "c": [0.0, 0.1, 0.9]}
    >>> profiles = pd.DataFrame(shares, index=["CD3D", "CD3E", "MS4A1"])
    >>> sce2tm.tl.duplicate_topics(profiles)[["topic_a", "topic_b"]]
      topic_a topic_b
    0       a       b
    """
    if not 0 < threshold <= 1:
        raise InputError(f"threshold={threshold!r} is out of range. Give a cosine, such as 0.8.")
    profiles = profiles_of(adata)
    table = similarities(profiles, profiles)
    first, second = np.triu_indices(len(table), k=1)
    values = table.to_numpy()[first, second]
    found = np.flatnonzero(values >= threshold)
    found = found[np.argsort(-values[found], kind="stable")]
    return pd.DataFrame(
        {
            "topic_a": table.index.to_numpy()[first[found]],
            "topic_b": table.columns.to_numpy()[second[found]],
            "similarity": values[found],
        }
    )


def dead_topics(adata: AnnData) -> pd.DataFrame:
    """List the topics that are the largest of no cell.

    The history of the training counts them in the same way, with the noise of the training on
    the proportions.

    Parameters
    ----------
    adata
        Cells with the model's results.

    Returns
    -------
    pandas.DataFrame
        ``topic``, and its mean and its largest ``proportion`` in a cell (``mean``, ``max``). A
        topic can be dead and still be a small part of many cells.

    Raises
    ------
    InputError
        There is no result.

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((2, 3)))
    >>> adata.obsm["sce2tm_theta"] = np.array([[0.75, 0.25], [0.625, 0.375]])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> sce2tm.tl.dead_topics(adata)
         topic    mean    max
    0  topic_2  0.3125  0.375
    """
    theta = results.proportions(adata)
    led = np.bincount(theta.to_numpy().argmax(axis=1), minlength=theta.shape[1])
    dead = theta.loc[:, led == 0]
    return pd.DataFrame(
        {"topic": dead.columns, "mean": dead.mean().to_numpy(), "max": dead.max().to_numpy()}
    )


def profiles_of(run: Run) -> pd.DataFrame:
    """Profiles of a run, whichever way it was given."""
    if isinstance(run, AnnData):
        return topic_profiles(run)
    if isinstance(run, pd.DataFrame) and run.shape[1] >= 2:
        return run
    raise InputError(
        f"a run is {type(run).__name__}. Give cells that sce2tm.tl.sce2tm annotated, or the table "
        "of two or more topics that sce2tm.tl.topic_profiles returned."
    )


def checked_runs(runs: Sequence[Run]) -> list[pd.DataFrame]:
    """Profiles of two or more runs with the same number of topics."""
    if isinstance(runs, AnnData | pd.DataFrame) or len(runs) < 2:
        raise InputError("runs must be a list of two or more runs that differ in their seed.")
    profiles = [profiles_of(run) for run in runs]
    widths = [table.shape[1] for table in profiles]
    if len(set(widths)) > 1:
        raise InputError(f"runs have {widths} topics. Compare runs with the same number of topics.")
    return profiles


def similarities(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Cosine of every topic of `a` with every topic of `b`, over the genes of both."""
    genes = a.index.intersection(b.index)
    if len(genes) < 2:
        raise InputError(
            f"the runs share {len(genes)} genes. Compare runs on the same cells and genes."
        )
    left, right = _directions(a.loc[genes]), _directions(b.loc[genes])
    return pd.DataFrame(left.T @ right, index=a.columns, columns=b.columns)


def _directions(profiles: pd.DataFrame) -> Floats:
    """Unit vectors of what sets each topic apart from the run's other topics."""
    roots = np.sqrt(profiles.to_numpy(dtype=np.float64))  # else a few loud genes decide
    roots -= roots.mean(axis=1, keepdims=True)
    roots -= roots.mean(axis=0)
    lengths = np.linalg.norm(roots, axis=0)
    # a topic that is just like the mean points nowhere, and is similar to nothing
    return np.asarray(roots / np.where(lengths > 0, lengths, 1.0))


def _matched(table: pd.DataFrame) -> pd.DataFrame:
    rows, columns = linear_sum_assignment(table, maximize=True)
    return pd.DataFrame(
        {
            "topic_a": table.index[rows],
            "topic_b": table.columns[columns],
            "similarity": table.to_numpy()[rows, columns],
        }
    )
