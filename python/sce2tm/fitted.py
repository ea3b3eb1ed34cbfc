"""What a trained model consists of, and its way into a file and back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sce2tm.data.components import Components
from sce2tm.data.genes import GeneSpace
from sce2tm.errors import ModelFileError
from sce2tm.nn.topic_model import TopicModel, Weights
from sce2tm.train import checkpoint
from sce2tm.train.config import Config, from_dict
from sce2tm.train.run import History


@dataclass(frozen=True)
class Fitted:
    """A trained module with all that is needed to use it.

    Attributes
    ----------
    config
        Every setting.
    genes
        The modelled genes, and how cells are brought to them.
    module
        The network.
    history
        Course of the losses.
    external
        Provenance of the external view: name and width.
    versions
        Of the libraries that trained it.
    """

    config: Config
    genes: GeneSpace
    module: TopicModel
    history: History
    external: dict[str, Any]
    versions: dict[str, str]


def build_module(
    config: Config,
    genes: GeneSpace,
    n_external: int | None,
    distance_scale: float,
    generator: torch.Generator,
) -> TopicModel:
    """Make the untrained network for these settings and genes."""
    n_genes = len(genes.gene_names)
    reads_components = config.encoder_input == "components" and genes.components is not None
    return TopicModel(
        genes.components.axes.shape[1] if reads_components and genes.components else n_genes,
        n_genes,
        config.n_topics,
        reads_genes=not reads_components,
        n_hidden=config.n_hidden,
        n_dims=config.n_dims,
        tau=config.tau,
        weights=Weights(
            ecr=config.lambda_for(n_genes),
            distance=config.distance_weight,
            cross_view=config.cross_view_weight,
        ),
        n_external=n_external,
        distance_scale=distance_scale,
        generator=generator,
        low_precision=config.precision == "bfloat16",
    )


def save(fitted: Fitted, path: Path) -> None:
    """Write one safetensors file, atomically.

    Raises
    ------
    ModelFileError
        When the folder is absent or the disk full; an old file is then as it was.
    """
    arrays: dict[str, npt.NDArray[Any]] = {
        f"module.{name}": tensor.detach().cpu().numpy()
        for name, tensor in fitted.module.state_dict().items()
    }
    arrays |= {f"history.{name}": values for name, values in fitted.history.items()}
    genes, axes = fitted.genes, fitted.genes.components
    if axes is not None:
        arrays |= {"components.mean": axes.mean, "components.axes": axes.axes}
    metadata = {
        "config": fitted.config.to_dict(),
        "gene_names": genes.gene_names,
        "values": genes.values,
        "scale": None if axes is None else axes.scale,
        "distance_scale": fitted.module.distance_scale,
        "external": fitted.external,
        "versions": fitted.versions,
    }
    try:
        checkpoint.write(path, arrays, metadata)
    except OSError as error:
        raise ModelFileError(
            f"path={str(path)!r} cannot be written ({error.strerror or error}). Make room, or "
            "choose a folder that exists and is yours; an old file is as it was."
        ) from error


def load(path: Path) -> Fitted:
    """Read what `save` wrote, onto the CPU.

    Raises
    ------
    ModelFileError
        When the file is damaged, of another version, or its parts do not belong together.
    """
    arrays, metadata = checkpoint.read(path)
    try:
        config = from_dict(metadata["config"])
        axes = None
        if "components.mean" in arrays:
            axes = Components(
                arrays["components.mean"], arrays["components.axes"], float(metadata["scale"])
            )
        genes = GeneSpace(
            tuple(metadata["gene_names"]), metadata["values"], config.target_sum, axes
        )
        external = metadata["external"]
        module = build_module(
            config,
            genes,
            config.view_columns(external.get("width")),
            metadata["distance_scale"],
            torch.Generator(),
        )
        module.load_state_dict(
            {
                name.removeprefix("module."): torch.from_numpy(np.array(array))
                for name, array in arrays.items()
                if name.startswith("module.")
            }
        )
        history = {
            name.removeprefix("history."): array
            for name, array in arrays.items()
            if name.startswith("history.")
        }
        module.eval()
        return Fitted(config, genes, module, history, external, metadata["versions"])
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise ModelFileError(
            f"path={str(path)!r} does not hold a whole model: {error}. Save the model again."
        ) from error
