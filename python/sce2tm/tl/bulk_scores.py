"""Topics of bulk samples, through the encoder that was trained on cells."""

from typing import Literal, Protocol

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from sce2tm.data.blocks import blocks, summarise
from sce2tm.data.matrix import LARGEST_LOG
from sce2tm.data.normalise import Normalisation
from sce2tm.errors import InputError

_TARGET = 1e4


class _Model(Protocol):
    # an SCE2TM; named by what is used of it, so that torch is not needed here
    @property
    def topic_names(self) -> list[str]: ...
    @property
    def values(self) -> str: ...
    def transform(self, data: AnnData) -> "_Embedding": ...


class _Embedding(Protocol):
    @property
    def theta(self) -> "np.typing.NDArray[np.float32]": ...


def bulk_scores(
    bulk: AnnData,
    model: _Model,
    values: Literal["linear", "log2", "log1p"] = "linear",
    *,
    layer: str | None = None,
) -> pd.DataFrame:
    """Score bulk samples for the topics of a model of single cells.

    The samples are normalised as cells and put through the encoder. On pseudobulks of held-out
    cells whose answer is known, this followed the mean proportions of a sample's cells better than
    fits of the decoder to the samples (``benchmarks/README.md``), also where each gene had a bias
    of its own, as between protocols. Compare samples by one topic at a time: the
    mixture of topics within one sample is only roughly that of its cells.

    Parameters
    ----------
    bulk
        Samples x genes, named as the model's.
    model
        A fitted or loaded `SCE2TM`.
    values
        ``"linear"``: counts, TPM, RPKM. ``"log2"`` or ``"log1p"``: log2(x + 1) or ln(x + 1) of
        these, which is undone first; the two cannot be told apart by looking.
    layer
        Layer that holds them; None is X.

    Returns
    -------
    pandas.DataFrame
        Samples x K topics, rows summing to 1.

    Raises
    ------
    InputError
        The values cannot be what was said, or most of the model's genes are missing.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> model = sce2tm.SCE2TM(10, epochs=1, progress=False).fit(adata)
    >>> sce2tm.tl.bulk_scores(adata[:4].copy(), model).shape  # your samples in their place
    (4, 10)
    """
    if values not in ("linear", "log2", "log1p"):
        raise InputError(f"values={values!r} is unknown. Use 'linear', 'log2' or 'log1p'.")
    expression = blocks(bulk, layer)
    linear = sparse.vstack([rows for _, rows in expression], format="csr")
    summary = summarise(expression)
    if values == "linear" and not summary.whole and summary.largest <= LARGEST_LOG:
        raise InputError(
            f"values='linear', but the largest of these values is {summary.largest:.4g}: they "
            "look log-transformed. Say values='log2' or values='log1p'."
        )
    if values != "linear":
        if summary.largest > LARGEST_LOG:
            raise InputError(
                f"values={values!r}, but the largest value is {summary.largest:.4g}, which no "
                "logarithm of expression reaches. Say values='linear'."
            )
        linear = linear.copy()
        linear.data = np.exp2(linear.data) - 1 if values == "log2" else np.expm1(linear.data)
    if model.values == "lognorm":
        totals = np.asarray(linear.sum(axis=1, dtype=np.float64)).ravel()
        linear = Normalisation("counts", totals, _TARGET).logs(linear, slice(0, bulk.n_obs))
    samples = AnnData(linear, bulk.obs[[]], bulk.var[[]])
    return pd.DataFrame(model.transform(samples).theta, bulk.obs_names, model.topic_names)
