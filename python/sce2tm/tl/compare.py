"""Compare embeddings of the same cells by how well they cluster and classify."""

import warnings
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from sce2tm.errors import InputError
from sce2tm.tl import clustering
from sce2tm.tl.clustering import Codes, Points

_SUBSAMPLES = 4
_SHARE = 0.85
_FOLDS = 5
_FEWEST_CELLS = 20  # 85 % and four folds of five must both hold more than 15 neighbours

Figure = tuple[str, str, str]
# what each clustering was told of the labels
_TOLD = {
    "kmeans": "k",
    "leiden_k": "k",
    "leiden_1": "nothing",
    "leiden_grid": "nothing",
    "oracle": "labels",
}


def compare_embeddings(
    embeddings: Mapping[str, npt.ArrayLike], labels: npt.ArrayLike
) -> pd.DataFrame:
    """Score embeddings of the same cells against known labels, all by one fixed protocol.

    Four subsamples of 85 % of the cells, the same for every embedding, because clusterings flip
    between solutions; each figure is the mean over them. k-means (10 restarts) at the true number
    of types k; a 15-nearest-neighbour graph with UMAP weights, and on it Leiden (modularity,
    weights, 4 iterations) at the resolution found by bisection that gives k clusters, at 1.0, and
    on a grid of 13 resolutions from 0.01 to 2. k-nearest-neighbour classification (15 neighbours,
    5 stratified folds) uses all cells.

    Parameters
    ----------
    embeddings
        Name -> array, cells x dimensions; the rows are the same cells in each.
    labels
        The known type of each cell; no missing values.

    Returns
    -------
    pandas.DataFrame
        Tidy: one row for each embedding and figure, with the columns ``embedding``, ``method``,
        ``metric``, ``told`` (what the method was told: ``"nothing"``, ``"k"`` or ``"labels"``),
        ``value`` (mean) and ``sd`` (over the subsamples; NaN where there is one value).

        ===============  ==========================================================================
        method           metrics
        ===============  ==========================================================================
        ``kmeans``       ``ari``, ``nmi``
        ``leiden_k``     ``ari``, ``nmi``, ``n_clusters`` (k, unless no resolution gives it)
        ``leiden_1``     ``ari``, ``nmi``, ``n_clusters``: resolution 1
        ``leiden_grid``  ``nmi``: mean over the grid
        ``oracle``       ``ari``, ``nmi``: the best on the grid. It looks at the labels
        ``summary``      ``S``: mean ARI and NMI of ``kmeans``, ``leiden_k`` and ``oracle``;
                         ``L``: mean of ``leiden_1`` ARI and NMI and ``leiden_grid`` NMI
        ``knn``          ``accuracy``, ``balanced_accuracy`` (mean over types of the recall)
        ===============  ==========================================================================

    Raises
    ------
    InputError
        Rows and labels do not fit, values are not finite, labels are missing, or there are fewer
        than 20 cells, fewer than 2 types or no type with 5 cells.

    Notes
    -----
    Cost: about 2 s for each embedding of 2,000 cells on one core (the first call also compiles
    umap's functions); neighbours are exact, so time
    grows with the square of the cells. Deterministic; no global random state is read or set.

    Examples
    --------
    >>> import numpy as np, sce2tm
    >>> labels = np.repeat(["B", "T"], 20)
    >>> rng = np.random.default_rng(0)
    >>> points = rng.normal(size=(40, 2)) + 20 * (labels == "T")[:, None]
    >>> table = sce2tm.tl.compare_embeddings({"good": points}, labels)
    >>> float(table.set_index(["method", "metric"]).loc[("kmeans", "ari"), "value"])
    1.0
    """
    codes = _checked_labels(labels)
    points = {name: _checked_points(name, value, codes) for name, value in embeddings.items()}
    rows = []
    for name, array in points.items():
        for (method, metric, told), values in _figures(array, codes).items():
            spread = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
            rows.append((name, method, metric, told, float(np.mean(values)), spread))
    return pd.DataFrame(rows, columns=["embedding", "method", "metric", "told", "value", "sd"])


def _figures(points: Points, labels: Codes) -> dict[Figure, list[float]]:
    """Every figure of one embedding, with its value in each subsample."""
    figures: dict[Figure, list[float]] = {}
    for number in range(_SUBSAMPLES):
        rng = np.random.default_rng(1000 + number)
        size = round(_SHARE * labels.size)
        cells = np.sort(rng.choice(labels.size, size=size, replace=False))
        k = int(labels.max()) + 1
        for figure, value in _cluster_figures(points[cells], labels[cells], k, number):
            figures.setdefault(figure, []).append(value)
    accuracy, balanced = _knn(points, labels)
    figures["knn", "accuracy", "labels"] = [accuracy]
    figures["knn", "balanced_accuracy", "labels"] = [balanced]
    return figures


def _cluster_figures(
    points: Points, labels: Codes, k: int, seed: int
) -> Iterator[tuple[Figure, float]]:
    """The figures of one subsample, one by one."""
    graph = clustering.neighbor_graph(points)
    found = {
        "kmeans": clustering.kmeans(points, k, seed),
        "leiden_k": clustering.leiden_at_k(graph, k, seed),
        "leiden_1": clustering.leiden(graph, 1.0, seed),
    }
    scores = {method: clustering.agreement(labels, codes) for method, codes in found.items()}
    grid = [
        clustering.agreement(labels, clustering.leiden(graph, resolution, seed))
        for resolution in clustering.GRID
    ]
    aris, nmis = zip(*grid, strict=True)
    scores["oracle"] = max(aris), max(nmis)
    for method, (ari, nmi) in scores.items():
        yield (method, "ari", _TOLD[method]), ari
        yield (method, "nmi", _TOLD[method]), nmi
    for method in ("leiden_k", "leiden_1"):
        yield (method, "n_clusters", _TOLD[method]), float(found[method].max() + 1)
    grid_nmi = float(np.mean(nmis))
    yield ("leiden_grid", "nmi", _TOLD["leiden_grid"]), grid_nmi
    informed = [*scores["kmeans"], *scores["leiden_k"], *scores["oracle"]]
    yield ("summary", "S", "labels"), float(np.mean(informed))
    yield ("summary", "L", "nothing"), float(np.mean([*scores["leiden_1"], grid_nmi]))


def _knn(points: Points, labels: Codes) -> tuple[float, float]:
    """Accuracy and balanced accuracy of the k-nearest-neighbour classifier on all cells."""
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    model = KNeighborsClassifier(clustering.N_NEIGHBORS)
    with warnings.catch_warnings():
        # a type with fewer cells than folds is missing from some: it counts all the same
        warnings.filterwarnings("ignore", message="The least populated class")
        predicted = cross_val_predict(model, points, labels, cv=folds)
    return (
        float(accuracy_score(labels, predicted)),
        float(balanced_accuracy_score(labels, predicted)),
    )


def _checked_labels(labels: npt.ArrayLike) -> Codes:
    """Labels as codes from 0."""
    codes, names = pd.factorize(np.asarray(labels, dtype=object))  # a missing label gets -1
    if (codes < 0).any():
        raise InputError(f"labels: {(codes < 0).sum()} values are missing. Leave those cells out.")
    if codes.size < _FEWEST_CELLS:
        raise InputError(f"labels has {codes.size} values. At least {_FEWEST_CELLS} are needed.")
    if len(names) < 2 or np.bincount(codes).max() < _FOLDS:
        raise InputError(
            f"labels has {len(names)} types, the largest of {np.bincount(codes).max()} cells. "
            f"Give two or more types, one of them with at least {_FOLDS} cells."
        )
    return np.asarray(codes, dtype=np.int64)


def _checked_points(name: str, value: npt.ArrayLike, labels: Codes) -> Points:
    """One embedding as a dense array of finite numbers."""
    points = np.asarray(value, dtype=np.float32)
    if points.ndim != 2 or len(points) != labels.size or points.shape[1] == 0:
        raise InputError(
            f"embeddings[{name!r}] has shape {points.shape!r}, but there are {labels.size} labels. "
            "Give an array of cells x dimensions with one row for each label."
        )
    if not np.isfinite(points).all():
        raise InputError(f"embeddings[{name!r}] holds NaN or Inf. Repair or leave out those cells.")
    return points
