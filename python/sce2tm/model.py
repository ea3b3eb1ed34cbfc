"""The estimator that people import: fit it on cells, read its topics, keep it."""

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from anndata import AnnData

from sce2tm import container, fitted, fitting, inference
from sce2tm.alignment import Alignment, align
from sce2tm.data.matrix import Values
from sce2tm.data.readers import Data, opened
from sce2tm.errors import InputError, NotFittedError
from sce2tm.external import resolve
from sce2tm.external.view import External
from sce2tm.fitted import Fitted
from sce2tm.inference import Embedding
from sce2tm.train.config import Config, configure
from sce2tm.train.device import find_device, threads
from sce2tm.train.progress import Progress
from sce2tm.train.run import History

FloatArray = npt.NDArray[np.float32]


class SCE2TM:
    """Interpretable embedding of single cells by topic modelling (scE2TM).

    Each cell becomes a mixture of `n_topics` topics, and each gene is softly assigned to topics,
    in one space where genes and topics are points. Raw counts just work: they are normalised by
    library size over all genes, logged, and cut to the variable genes; the same is done to new
    cells later. Nothing of cells x genes is ever dense, and the caller's matrix is not changed.

    Parameters
    ----------
    n_topics
        Number of topics K. Time and memory grow with it.
    external
        A second view of the same cells, such as an embedding from a foundation model: a key of
        ``obsm``, a matrix, a table or .csv/.tsv with cell names, or None. The default name is
        used where it is present; any other name must exist. Costs one nearest-neighbour search
        in each view, and a third to a half more time for each step (``benchmarks/README.md``).
    preset
        "default", chosen by evidence (see the guide), or "paper", the published model and
        schedule: 500 epochs, 5,000 genes, many times slower.
    epochs
        Passes over the cells. None lets the preset decide: for "default" 100, but 200 to 400
        steps in all; of more than 102,400 cells as many are drawn at random, and the others are
        never held in memory. Any number holds the modelled genes of all cells.
    seed
        Of every random choice. The same seed on the same machine gives the same arrays.
    device
        "auto" (a CUDA GPU if there is one), "cpu", "cuda", "cuda:1" or "mps". Started by torchrun
        in several processes, all train one model, each on the GPU of its own number.
    progress
        Show a bar; or a function called as ``progress(step, total_steps, losses)`` after each
        epoch, or every 50 steps or so of a longer one.
    layer
        Layer that holds the expression; None is X.
    values
        "auto" tells counts from log-normalised values; "counts" and "lognorm" say it.
    n_genes
        Variable genes to model (2,000; paper 5,000), unless ``var["highly_variable"]`` exists.
        More genes cost time in proportion. With 5,000 the types of thousands of cells were told
        apart better on some sets, not on all (``benchmarks/README.md``).
    target_sum
        Library size to normalise to (10,000). 0 turns normalisation off, as the paper does.
    encoder_input
        "components" reads 50 principal components; "genes" all genes, as the paper does.
    n_components
        Number of these components.
    tau
        Temperature of the gene-topic weights (1; paper 0.2). Smaller is sharper.
    ecr_weight
        Weight of the embedding clustering regularisation (100 for each 2,000 genes): more gives
        more distinct topics, less gives more coherent ones.
    distance_weight
        Weight of keeping distances between cells (300; paper 0).
    cross_view_weight
        Weight of the external view's losses (1).
    n_neighbors
        Neighbours in each view (15), with an external view.
    batch_size
        Cells in a step (all of them up to 512 cells, else 256; paper 512, and 2,048 beyond
        10,000 cells).
    learning_rate
        Of RMSprop (0.001).
    early_stopping
        Hold out a tenth of the cells (at most 2,000) and end when their likelihood has not risen
        for 50 steps (two epochs at least, or up to 100 steps where those are longer). They are
        embedded afterwards like all others. Made for long schedules of your own (`epochs`): the
        default's are short.
    precision
        "float32" (on a GPU with TF32 products), or "bfloat16": products in half the bytes. Faster
        where the processor has them (recent GPUs, AVX512-BF16), much slower where not.
    n_threads
        CPU threads while training; None leaves torch's own choice. Results are the same to the
        last bit for the same number of threads only.
    checkpoint
        File to save the training in on its way, so that it can go on after a crash or an
        interrupt: ``fit(data, resume=True)``. A few MB, written whole or not at all; a file that
        is there is never replaced by another run.
    checkpoint_minutes
        Least minutes between two savings (5); 0 saves after every epoch, or every 50 steps or so
        of a longer one.

    Raises
    ------
    InputError
        For an argument that cannot be; the message says what can.
    DeviceError
        When the device is absent.

    References
    ----------
    "scE2TM: Toward interpretable single-cell embedding via topic modeling", Eq. 8 to 20.

    Examples
    --------
    >>> import sce2tm
    >>> adata = sce2tm.datasets.kang_ifnb()
    >>> model = sce2tm.SCE2TM(n_topics=10, epochs=1, progress=False).fit(adata)
    >>> model.annotate(adata)
    >>> adata.obsm["sce2tm_theta"].shape
    (2800, 10)
    """

    def __init__(
        self,
        n_topics: int = 100,
        external: External = "X_scGPT",
        preset: str = "default",
        epochs: int | None = None,
        seed: int = 0,
        device: str = "auto",
        progress: Progress = True,
        *,
        layer: str | None = None,
        values: str = "auto",
        n_genes: int | None = None,
        target_sum: float | None = None,
        encoder_input: str | None = None,
        n_components: int | None = None,
        tau: float | None = None,
        ecr_weight: float | None = None,
        distance_weight: float | None = None,
        cross_view_weight: float | None = None,
        n_neighbors: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        early_stopping: bool = False,
        precision: str = "float32",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_minutes: float = 5.0,
    ) -> None:
        self.config: Config = configure(
            preset,
            n_topics=n_topics,
            epochs=epochs,
            seed=seed,
            layer=layer,
            values=values,
            n_genes=n_genes,
            target_sum=target_sum,
            encoder_input=encoder_input,
            n_components=n_components,
            tau=tau,
            ecr_weight=ecr_weight,
            distance_weight=distance_weight,
            cross_view_weight=cross_view_weight,
            n_neighbors=n_neighbors,
            batch_size=batch_size,
            learning_rate=learning_rate,
            early_stopping=early_stopping,
            precision=precision,
        )
        self.external = external
        self.device = find_device(device)
        self.progress = progress
        self.n_threads = n_threads
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        if not isinstance(checkpoint_minutes, int | float) or not checkpoint_minutes >= 0:
            raise InputError(
                f"checkpoint_minutes={checkpoint_minutes!r} must be zero or a positive number."
            )
        self.checkpoint_minutes = checkpoint_minutes
        self._fitted: Fitted | None = None

    def fit(self, data: Data, *, resume: bool = False) -> Self:
        """Train on cells.

        Parameters
        ----------
        data
            AnnData, or the path of a .h5ad, .zarr, 10x .h5, .mtx folder, .csv or .tsv. The
            expression of .h5ad and .zarr is read in blocks of rows and never held as a whole.
        resume
            Go on from the `checkpoint` file, where there is one: the result is that of a run
            that was never stopped, to the last bit on a CPU.

        Returns
        -------
        The model itself.

        Raises
        ------
        InputError
            When the cells cannot be used as they are, or the `checkpoint` is there and `resume`
            is False.
        ModelFileError
            When the `checkpoint` to go on from is damaged.
        """
        with opened(data) as adata, threads(self.n_threads):
            self._fitted = fitting.fit(
                adata,
                resolve(self.external, adata),
                self.config,
                self.device,
                self.progress,
                self.checkpoint,
                self.checkpoint_minutes,
                resume,
            )
        return self

    def transform(self, data: Data) -> Embedding:
        """Embed cells, seen or new, without their external view.

        New cells are treated as the training cells were: the same kind of values, the same
        genes, the same normalisation. Genes of the model that they lack are left out with a
        warning, and named in the result; `alignment` tells what their absence costs.

        Parameters
        ----------
        data
            AnnData or a path, as for `fit`.

        Returns
        -------
        Latent, topic proportions, and the genes that were missing.

        Raises
        ------
        InputError
            When most genes are missing, or counts meet a model of log-normalised values.
        """
        with opened(data) as adata, threads(self.n_threads):
            return inference.embed(self._state, adata, self.device)

    def alignment(self, data: Data) -> Alignment:
        """Say how well cells cover the model's genes, before or after `transform`.

        Parameters
        ----------
        data
            AnnData or a path, as for `fit`; only its gene names are looked at.

        Returns
        -------
        Printed, a report: genes found and missing, how much of each topic's weight the missing
        ones carry, and names that look like another spelling.

        Examples
        --------
        >>> import sce2tm
        >>> adata = sce2tm.datasets.kang_ifnb()
        >>> model = sce2tm.SCE2TM(10, epochs=1, progress=False).fit(adata)
        >>> model.alignment(adata)
        2000 of the model's 2000 genes found (100.0%)
        """
        weights = pd.DataFrame(self.topic_genes, self.gene_names, self.topic_names)
        with opened(data) as adata:
            return align(weights, adata.var_names)

    def annotate(self, adata: AnnData) -> None:
        """Write the model's view of these cells and genes into the AnnData.

        ``obsm["X_sce2tm"]`` (latent), ``obsm["sce2tm_theta"]`` (topic proportions),
        ``varm["sce2tm_topic_genes"]``, ``varm["sce2tm_gene_embedding"]`` and
        ``varm["sce2tm_decoder"]`` (`gene_scaling`; all three NaN for genes that the model did not
        see), ``uns["sce2tm"]`` (topic embeddings, names, settings, losses).

        Parameters
        ----------
        adata
            The training cells, or others with the model's genes.
        """
        embedding = self.transform(adata)
        container.write_results(
            adata,
            self._state,
            latent=embedding.latent,
            theta=embedding.theta,
            topic_genes=self.topic_genes,
            gene_embedding=self.gene_embedding,
            topic_embedding=self.topic_embedding,
            gene_scaling=self.gene_scaling,
        )

    def decode(
        self,
        theta: npt.ArrayLike | None = None,
        *,
        latent: npt.ArrayLike | None = None,
        genes: list[str] | None = None,
    ) -> FloatArray:
        """Expected expression for given topic proportions (paper, Eq. 18).

        Parameters
        ----------
        theta
            Cells x K topic proportions, rows summing to 1.
        latent
            Cells x K latent, in place of `theta`.
        genes
            Modelled genes to return; None returns all V, a dense cells x V matrix.

        Returns
        -------
        Cells x genes. Over all modelled genes each row sums to 1: shares of a cell's total
        log-normalised expression.

        Raises
        ------
        InputError
            When neither or both are given, the width is not K, or a gene is not modelled.
        """
        with threads(self.n_threads):
            return inference.decode(self._state, theta, latent, genes, self.device)

    def save(self, path: str | Path) -> None:
        """Write the model to one safetensors file: arrays and JSON, nothing that can run.

        The file appears whole or not at all; an old file stays until then.
        """
        fitted.save(self._state, Path(path))

    @classmethod
    def load(cls, path: str | Path, *, device: str = "auto") -> Self:
        """Read a model that `save` wrote.

        Parameters
        ----------
        path
            The file.
        device
            Where it will compute.

        Raises
        ------
        ModelFileError
            When the file is absent, damaged, or of another version.
        """
        state = fitted.load(Path(path))
        model = cls(device=device)
        model.config, model._fitted = state.config, state
        state.module.to(model.device)
        return model

    @property
    def _state(self) -> Fitted:
        if self._fitted is None:
            raise NotFittedError("this model is not fitted yet. Call fit(adata), or load a model.")
        return self._fitted

    @property
    def gene_names(self) -> list[str]:
        """The V modelled genes, in the order of `topic_genes`."""
        return list(self._state.genes.gene_names)

    @property
    def values(self) -> Values:
        """What the model was trained on: "counts" or "lognorm"."""
        return self._state.genes.values

    @property
    def topic_names(self) -> list[str]:
        """``topic_1`` ... ``topic_K``."""
        return container.topic_names(self._state.config.n_topics)

    @property
    def topic_genes(self) -> FloatArray:
        """Gene-to-topic weights O, V x K; each gene's weights sum to 1 over topics (Eq. 17)."""
        with torch.inference_mode():
            return _array(self._state.module.decoder.topic_genes())

    @property
    def gene_embedding(self) -> FloatArray:
        """Genes as points, V x d."""
        return _array(self._state.module.decoder.gene_embedding)

    @property
    def topic_embedding(self) -> FloatArray:
        """Topics as points of the same space, K x d."""
        return _array(self._state.module.decoder.topic_embedding)

    @property
    def gene_scaling(self) -> FloatArray:
        """Scale and shift of each gene in decoding, V x 2.

        The trained batch normalisation in two numbers: expected expression is the softmax over
        genes of ``scale * (O theta) + shift`` (Eq. 18).
        """
        return inference.gene_scaling(self._state)

    @property
    def history(self) -> History:
        """Course of the training, a value for each epoch or every 50 steps or so of a longer one.

        Means of the weighted losses and their sum "loss"; "step", "learning_rate", "dead_topics",
        "transported_mass", "transport_iterations"; "held_out" with early stopping.
        """
        return dict(self._state.history)


def _array(tensor: torch.Tensor) -> FloatArray:
    return np.array(tensor.detach().cpu().numpy(), dtype=np.float32)
