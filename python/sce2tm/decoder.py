"""From topic proportions to expected expression in NumPy, as the trained model does it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Decoder:
    """The decoder at rest (paper, Eq. 18), from what the container holds.

    Attributes
    ----------
    weights
        Gene-to-topic weights O, V genes x K topics, named.
    scale, shift
        Of each gene, V: the trained batch normalisation.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> weights = pd.DataFrame([[1.0, 0.0], [0.0, 1.0]], index=["CD3D", "MS4A1"])
    >>> decoder = Decoder(weights, np.ones(2, "float32"), np.zeros(2, "float32"))
    >>> decoder.shares(np.array([[0.5, 0.5]]))
    array([[0.5, 0.5]], dtype=float32)
    """

    weights: pd.DataFrame
    scale: FloatArray
    shift: FloatArray

    def slopes(self) -> FloatArray:
        """How much a proportion moves the logit of each gene, V x K."""
        slopes: FloatArray = self.weights.to_numpy(dtype=np.float32) * self.scale[:, None]
        return slopes

    def shares(self, theta: npt.ArrayLike) -> FloatArray:
        """Expected share of each gene in a cell's total log-normalised expression, B x V.

        Parameters
        ----------
        theta
            B x K topic proportions. The result is dense: give cells in blocks.
        """
        proportions = np.asarray(theta, dtype=np.float32)
        logits: FloatArray = proportions @ self.weights.to_numpy(dtype=np.float32).T
        logits *= self.scale
        logits += self.shift
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits
