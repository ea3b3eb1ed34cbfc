"""How well clusters of cells agree with known types."""

import numpy.typing as npt
import pandas as pd

from sce2tm.errors import InputError
from sce2tm.tl.metrics.purity import contingency


def cluster_scores(labels: npt.ArrayLike, clusters: npt.ArrayLike) -> dict[str, float]:
    """Agreement of clusters with labels: ARI, NMI, AMI and purity.

    Parameters
    ----------
    labels
        The known type of each cell, n values.
    clusters
        The cluster of each cell, n values: any names or numbers.

    Returns
    -------
    dict
        ``"ARI"``: adjusted Rand index, 0 by chance. ``"NMI"``: mutual information over the mean of
        the two entropies; it grows with the number of clusters, which ``"AMI"`` is adjusted for.
        ``"purity"``: share of cells of the majority type of their cluster; it grows, too. All are 1
        where clusters and types are the same.

    Raises
    ------
    InputError
        The lengths differ, or values are missing.

    Examples
    --------
    >>> import sce2tm
    >>> scores = sce2tm.tl.cluster_scores(["T", "T", "B", "B"], [0, 0, 1, 2])
    >>> {name: round(value, 2) for name, value in scores.items()}
    {'ARI': 0.57, 'NMI': 0.8, 'AMI': 0.57, 'purity': 1.0}
    """
    # scikit-learn takes a second to load
    from sklearn.metrics import (
        adjusted_mutual_info_score,
        adjusted_rand_score,
        normalized_mutual_info_score,
    )

    types, _ = pd.factorize(pd.Series(labels, dtype=object))  # a missing value gets -1
    groups, _ = pd.factorize(pd.Series(clusters, dtype=object))
    if types.size != groups.size or types.size == 0:
        raise InputError(
            f"labels has {types.size} values and clusters has {groups.size}. "
            "Give one of each for every cell."
        )
    for name, codes in (("labels", types), ("clusters", groups)):
        if (codes < 0).any():
            raise InputError(
                f"{name}: {(codes < 0).sum()} values are missing. Leave those cells out."
            )
    return {
        "ARI": float(adjusted_rand_score(types, groups)),
        "NMI": float(normalized_mutual_info_score(types, groups)),
        "AMI": float(adjusted_mutual_info_score(types, groups)),
        "purity": float(contingency(groups, types).max(axis=1).sum() / types.size),
    }
