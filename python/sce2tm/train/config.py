"""Every setting of a model, resolved: presets, checks, and the length of training."""

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from sce2tm.data.batches import batches_per_epoch, stretches
from sce2tm.errors import InputError

Preset = Literal["default", "paper"]

# of a training whose length is not given
_MOST_STEPS = 400


@dataclass(frozen=True)
class Config:
    """Settings of one model; the defaults are ours, ``PAPER`` holds the published ones.

    Attributes
    ----------
    n_topics
        K.
    epochs
        Passes over the cells. None: 100 epochs, but no less than 200 and no more than 400
        steps, because topics are made by steps and begin to empty beyond. Where these see a part
        of the cells, that part alone is held in memory; any number of epochs holds all.
    batch_size
        Cells in a step. None: all of them up to 512 cells, then `medium_batch`, and `large_batch`
        beyond 10,000 cells.
    medium_batch, large_batch
        256 both; in the published schedule 512 and 2,048.
    learning_rate
        Of RMSprop.
    halve_every
        Epochs after which the learning rate is halved; 0 keeps it.
    layer
        Layer that holds the expression; None is X.
    values
        "auto", "counts" or "lognorm", see `sce2tm.data.matrix.recognise`.
    n_genes
        Variable genes to model.
    target_sum
        Library size to normalise to; 0 leaves depth in.
    encoder_input
        "components" (cheap and steady) or "genes" (as published).
    n_components
        Principal components that the encoder reads and the distance loss keeps.
    n_hidden, n_dims
        Widths of the encoder's hidden layer and of the embedding space.
    tau
        Temperature of the gene-topic weights.
    ecr_weight
        Lambda of the transport cost. None: 100 for each 2,000 genes.
    distance_weight
        Weight of the distance loss.
    cross_view_weight
        Weight of the external view's terms.
    view_components
        Components of a wider external view that the cluster head reads; 0 for the view itself.
    n_neighbors
        Nearest neighbours in each view.
    early_stopping
        Hold out a tenth of the cells (at most 2,000), and end when their likelihood has not
        risen for 50 steps (two epochs at least, or up to 100 steps where those are longer).
    gene_levels
        Bring decoded expression to the mean of each gene after training. The published code does
        not, and topics and latent do not depend on it.
    precision
        Of the products: "float32" (on a GPU: TF32) or "bfloat16".
    seed
        Of every random choice.
    """

    n_topics: int = 100
    epochs: int | None = None
    batch_size: int | None = None
    medium_batch: int = 256
    large_batch: int = 256
    learning_rate: float = 1e-3
    halve_every: int = 0
    layer: str | None = None
    values: str = "auto"
    n_genes: int = 2000
    target_sum: float = 1e4
    encoder_input: str = "components"
    n_components: int = 50
    n_hidden: int = 200
    n_dims: int = 64
    tau: float = 1.0
    ecr_weight: float | None = None
    distance_weight: float = 300.0
    cross_view_weight: float = 1.0
    view_components: int = 128
    n_neighbors: int = 15
    early_stopping: bool = False
    gene_levels: bool = True
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("n_topics", "batch_size", "n_genes", "n_components", "n_neighbors"):
            least = 2 if name in ("n_topics", "batch_size", "n_genes") else 1
            _check_whole(name, getattr(self, name), least)
        _check_whole("epochs", self.epochs, 1)
        _check_whole("seed", self.seed, 0)
        for name in ("learning_rate", "tau"):
            _check_number(name, getattr(self, name), positive=True)
        for name in ("target_sum", "ecr_weight", "distance_weight", "cross_view_weight"):
            _check_number(name, getattr(self, name), positive=False)
        if self.encoder_input not in ("components", "genes"):
            raise InputError(
                f"encoder_input={self.encoder_input!r} is unknown. Say 'components' or 'genes'."
            )
        if self.precision not in ("float32", "bfloat16"):
            raise InputError(
                f"precision={self.precision!r} is unknown. Say 'float32' or 'bfloat16'."
            )
        if not isinstance(self.early_stopping, bool):
            raise InputError(f"early_stopping={self.early_stopping!r} must be True or False.")

    def lambda_for(self, n_genes: int) -> float:
        """Weight of the transport cost for this many modelled genes."""
        return 100.0 * n_genes / 2000 if self.ecr_weight is None else self.ecr_weight

    def batch_for(self, n_cells: int) -> int:
        """Cells in a step, for this many cells."""
        if self.batch_size is not None:
            return self.batch_size
        if n_cells <= 512:
            return 512
        return self.large_batch if n_cells > 10_000 else self.medium_batch

    def rate_at(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 0."""
        return self.learning_rate * 0.5 ** (epoch // self.halve_every if self.halve_every else 0)

    def steps_for(self, n_cells: int) -> int:
        """Steps of the whole training, for this many cells."""
        per_epoch = batches_per_epoch(n_cells, self.batch_for(n_cells))
        if self.epochs is not None:
            return self.epochs * per_epoch
        return min(max(100 * per_epoch, 200), _MOST_STEPS)

    def cells_for(self, n_cells: int) -> int:
        """How many of this many cells the whole training sees."""
        if self.epochs is not None:
            return n_cells
        return min(n_cells, _MOST_STEPS * self.batch_for(n_cells))

    def view_columns(self, width: int | None) -> int | None:
        """Columns that the cluster head reads of a view this wide; None without one."""
        return (
            width if width is None or not self.view_components else min(width, self.view_components)
        )

    def patience_for(self, n_cells: int) -> int:
        """Stretches to wait for a better held-out likelihood."""
        first_end = stretches(batches_per_epoch(n_cells, self.batch_for(n_cells)))[0]
        return max(2, -(-50 // first_end))

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary, for JSON."""
        return asdict(self)


PAPER: dict[str, Any] = {
    "epochs": 500,
    "medium_batch": 512,
    "large_batch": 2048,
    "n_dims": 200,
    "halve_every": 125,
    "n_genes": 5000,
    "target_sum": 0.0,
    "encoder_input": "genes",
    "tau": 0.2,
    "ecr_weight": 100.0,
    "distance_weight": 0.0,
    "view_components": 0,
    "gene_levels": False,
}


def configure(preset: str, **changes: Any) -> Config:
    """Settings of a preset with the changes that are not None.

    Parameters
    ----------
    preset
        "default", chosen by evidence, or "paper", the published model and schedule.
    **changes
        Any setting of `Config`.

    Examples
    --------
    >>> configure("paper", tau=None).tau
    0.2
    """
    if preset not in ("default", "paper"):
        raise InputError(f"preset={preset!r} is unknown. Say 'default' or 'paper'.")
    base = replace(Config(), **PAPER) if preset == "paper" else Config()
    return replace(base, **{name: value for name, value in changes.items() if value is not None})


def from_dict(settings: dict[str, Any]) -> Config:
    """Config from the dictionary of a saved model; names that it does not know are refused."""
    known = {field.name for field in fields(Config)}
    if set(settings) != known:
        raise InputError(f"settings differ from this version's: {sorted(set(settings) ^ known)!r}.")
    return Config(**settings)


def _check_whole(name: str, value: Any, least: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{name}={value!r} must be a whole number of at least {least}.")


def _check_number(name: str, value: Any, *, positive: bool) -> None:
    if value is None:
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0 or (positive and value == 0):
        kind = "a positive number" if positive else "zero or a positive number"
        raise InputError(f"{name}={value!r} must be {kind}.")
