"""`sce2tm fit` and `sce2tm transform`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sce2tm.cli.options import Force, option, watched


class Preset(StrEnum):
    """Sets of settings."""

    default = "default"
    paper = "paper"


class Values(StrEnum):
    """Kinds of expression values."""

    auto = "auto"
    counts = "counts"
    lognorm = "lognorm"


class EncoderInput(StrEnum):
    """What the encoder reads."""

    components = "components"
    genes = "genes"


class Precision(StrEnum):
    """Precision of the products in training."""

    float32 = "float32"
    bfloat16 = "bfloat16"


_DATA = "Data"
_TRAINING = "Training"
_LONG = "Long runs"
_EXPERT = "Model (the preset chooses what you leave out)"


def fit(
    data: Annotated[
        Path,
        typer.Argument(
            help="Your cells: .h5ad, .zarr, 10x .h5, a folder with matrix.mtx, .csv or .tsv."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder for the results; made if absent.")],
    n_topics: Annotated[
        int, option("How many topics: 20 are easy to read, 100 are fine-grained.", min=2)
    ] = 100,
    external: Annotated[
        str,
        option(
            "A second view of the same cells, such as scGPT's embedding: a name in obsm, or a "
            ".csv/.tsv with cell names first. Without it the model sees expression alone. "
            "'none' ignores one that is there."
        ),
    ] = "X_scGPT",
    preset: Annotated[
        Preset,
        option("'default' was chosen on real data; 'paper' is as published, many times slower."),
    ] = Preset.default,
    force: Force = False,
    layer: Annotated[
        str | None, option("Layer that holds the expression, if not X.", _DATA)
    ] = None,
    values: Annotated[
        Values,
        option("Raw counts or log-normalised values? 'auto' recognises them.", _DATA),
    ] = Values.auto,
    n_genes: Annotated[
        int | None,
        option(
            "Variable genes to use (2000). Time grows with it. "
            "A column highly_variable in var comes first.",
            _DATA,
            min=2,
        ),
    ] = None,
    target_sum: Annotated[
        float | None,
        option("Scale each cell to this total before the log (10000); 0 does not.", _DATA, min=0),
    ] = None,
    epochs: Annotated[
        int | None,
        option("Passes over the cells (100, within 200 to 400 steps).", _TRAINING, min=1),
    ] = None,
    seed: Annotated[
        int, option("The same seed on the same machine gives the same result.", _TRAINING, min=0)
    ] = 0,
    device: Annotated[
        str, option("auto (a GPU if there is one), cpu, cuda, cuda:1 or mps.", _TRAINING)
    ] = "auto",
    n_threads: Annotated[int | None, option("CPU threads (all).", _TRAINING, min=1)] = None,
    batch_size: Annotated[
        int | None, option("Cells in a step (256; all of them up to 512 cells).", _TRAINING, min=2)
    ] = None,
    learning_rate: Annotated[float | None, option("Of RMSprop (0.001).", _TRAINING)] = None,
    early_stopping: Annotated[
        bool,
        typer.Option(
            "--early-stopping",
            help="Hold out a tenth of the cells and end when their likelihood rises no more.",
            rich_help_panel=_TRAINING,
        ),
    ] = False,
    precision: Annotated[
        Precision,
        option("bfloat16 is faster on recent GPUs and some processors.", _TRAINING),
    ] = Precision.float32,
    checkpoint: Annotated[
        Path | None,
        option("File to save the training in, so that it can go on after a stop.", _LONG),
    ] = None,
    checkpoint_minutes: Annotated[
        float,
        option(
            "Least minutes between two savings; 0: after every epoch, or 50 steps.", _LONG, min=0
        ),
    ] = 5.0,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on from the checkpoint, if there is one: the result is that of a run that "
            "was never stopped.",
            rich_help_panel=_LONG,
        ),
    ] = False,
    encoder_input: Annotated[
        EncoderInput | None,
        option("Read principal components (fast) or all genes (components).", _EXPERT),
    ] = None,
    n_components: Annotated[
        int | None, option("Number of these components (50).", _EXPERT, min=1)
    ] = None,
    tau: Annotated[
        float | None, option("Smaller makes genes belong to fewer topics (1).", _EXPERT)
    ] = None,
    ecr_weight: Annotated[
        float | None,
        option("More: topics more distinct; less: more coherent (100).", _EXPERT, min=0),
    ] = None,
    distance_weight: Annotated[
        float | None, option("How much to keep distances between cells (300).", _EXPERT, min=0)
    ] = None,
    cross_view_weight: Annotated[
        float | None, option("How much the external view counts (1).", _EXPERT, min=0)
    ] = None,
    n_neighbors: Annotated[
        int | None, option("Neighbours in each view, with an external view (15).", _EXPERT, min=1)
    ] = None,
) -> None:
    """Train on your cells and write the results into a folder.

    Values in (brackets) are those of the default preset. 3,000 cells take about a minute.

    An .h5ad or .zarr may be larger than memory.

    The folder will hold the cells with their topics (.h5ad or .zarr), model.safetensors,
    top_genes.tsv, topic_proportions.tsv.gz and figures/history.png.

    Example: sce2tm fit pbmc.h5ad results/ --n-topics 50
    """
    if resume and checkpoint is None:
        raise typer.BadParameter("--resume needs --checkpoint FILE, the file of the run.")
    from sce2tm.shell import training

    training.fit(
        data,
        out,
        force=force,
        resume=resume,
        progress=watched(),
        n_topics=n_topics,
        external=None if external == "none" else external,
        preset=preset.value,
        layer=layer,
        values=values.value,
        n_genes=n_genes,
        target_sum=target_sum,
        epochs=epochs,
        seed=seed,
        device=device,
        n_threads=n_threads,
        batch_size=batch_size,
        learning_rate=learning_rate,
        early_stopping=early_stopping,
        precision=precision.value,
        encoder_input=None if encoder_input is None else encoder_input.value,
        n_components=n_components,
        tau=tau,
        ecr_weight=ecr_weight,
        distance_weight=distance_weight,
        cross_view_weight=cross_view_weight,
        n_neighbors=n_neighbors,
        checkpoint=checkpoint,
        checkpoint_minutes=checkpoint_minutes,
    )


def transform(
    model: Annotated[Path, typer.Argument(help="model.safetensors of an earlier 'sce2tm fit'.")],
    data: Annotated[Path, typer.Argument(help="New cells, in any form that 'fit' reads.")],
    out: Annotated[
        Path, typer.Argument(help="The .h5ad (.zarr) to write: the new cells, annotated.")
    ],
    force: Force = False,
) -> None:
    """Put new cells into the topics of a trained model; takes seconds.

    Example: sce2tm transform results/model.safetensors new.h5ad new_topics.h5ad
    """
    from sce2tm.shell import training

    training.transform(model, data, out, force=force)
