"""The published model, by its own code: engine_published.py step|whole INPUTS NUMBER OUT.

Runs in an environment with torch, pandas, scikit-learn, umap-learn and the published package.
"step" times about NUMBER steps of its own trainer and loader, and beside them NUMBER on batches
gathered by index, which is cheaper. "whole" runs its own data handler, loader and trainer from its
files for NUMBER epochs, and writes the result to OUT. What breaks on current libraries is replaced
at run time: imports that only its evaluation needs, that evaluation, and an argument that torch's
scheduler dropped.
"""

import json
import sys
import time
import types
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from peak import peak_mb

BATCH = 512
LARGE_BATCH = 2048  # of the paper, beyond 10,000 cells


def package() -> None:
    """Make the package's modules importable without its __init__, which no longer runs."""
    folder = next(iter(find_spec("scE2TM").submodule_search_locations))
    for name in ("scE2TM", "scE2TM.models", "scE2TM.utils", "scE2TM.utils.data", "scE2TM.runners"):
        module = types.ModuleType(name)
        module.__path__ = [str(Path(folder, *name.split(".")[1:]))]
        sys.modules[name] = module
    for name in ("faiss", "gseapy", "scanpy"):
        sys.modules[name] = types.ModuleType(name)


def runner(args: types.SimpleNamespace) -> Any:
    """The package's trainer, with a scheduler that today's torch makes."""
    from scE2TM.runners.Runner import Runner

    Runner.make_lr_scheduler = lambda self, optimizer: torch.optim.lr_scheduler.StepLR(
        optimizer, self.args.lr_step_size, gamma=0.5
    )
    return Runner(args)


def settings(n_cells: int, n_genes: int, epochs: int) -> types.SimpleNamespace:
    """The published values."""
    return types.SimpleNamespace(
        device=torch.device("cpu"),
        beta_temp=0.2,
        num_topics=100,
        vocab_size=n_genes,
        en1_units=200,
        dropout=0.0,
        weight_loss_ECR=100.0,
        learning_rate=0.001,
        lr_scheduler=True,
        lr_step_size=125,
        epochs=epochs,
        batch_size=LARGE_BATCH if n_cells > 10_000 else BATCH,
    )


def step(path: Path, steps: int) -> dict[str, float]:
    """Median milliseconds of a step, the first ones left out."""
    from scE2TM.utils.data.SingleCellDataHandler import ExpressionEmbeddingNeighborDataset
    from torch.utils.data import DataLoader

    arrays = np.load(path / "arrays.npz")
    n_cells, n_genes = (int(side) for side in arrays["shape"])
    dense = np.zeros((n_cells, n_genes), dtype="float32")
    cells = np.repeat(np.arange(n_cells), np.diff(arrays["indptr"]))
    dense[cells, arrays["indices"]] = arrays["data"]
    expression, external = torch.from_numpy(dense), torch.from_numpy(arrays["external"])
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - the package reads the global generator
    rng = np.random.default_rng(0)
    args = settings(n_cells, n_genes, 0)
    args.epochs = 2 + -(-steps // -(-n_cells // args.batch_size))
    args.gene_embeddings = rng.normal(scale=0.02, size=(n_genes, 200)).astype("float32")
    trainer = runner(args)
    found = {"gathered_ms": gathered(trainer.model, expression, external, arrays, args, steps)}
    neighbours = (arrays["near_cells"], arrays["near_external"])
    dataset = ExpressionEmbeddingNeighborDataset(dense, external, *neighbours)
    loader = DataLoader(dataset, batch_size=args.batch_size, shuffle=True, drop_last=False)
    starts = []
    trainer.model.register_forward_pre_hook(lambda *_: starts.append(time.perf_counter()))
    trainer.train(loader, None, None, 10, None)
    # by epochs, as ours, whose last batch may be smaller in the package; the first is left out
    epochs = np.diff(starts[:: len(loader)])[1:]
    found["ms"] = 1000 * float(np.median(epochs)) / len(loader)
    return found | {"cells": min(n_cells, args.batch_size), "peak_mb": peak_mb()}


def gathered(
    model: torch.nn.Module,
    expression: torch.Tensor,
    external: torch.Tensor,
    arrays: Mapping[str, np.ndarray],
    args: types.SimpleNamespace,
    steps: int,
) -> float:
    """Median milliseconds of a step on batches gathered by index, without the package's loader."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=args.learning_rate)
    model.train()
    near = {view: arrays[f"near_{view}"] for view in ("cells", "external")}
    counts = {view: arrays[f"n_near_{view}"] for view in ("cells", "external")}
    times = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        batch = rng.permutation(len(expression))[: args.batch_size]
        drawn = {
            view: table[batch, (rng.random(len(batch)) * counts[view][batch]).astype(int)]
            for view, table in near.items()
        }
        losses = model(
            expression[batch],
            external[batch],
            expression[drawn["cells"]],
            external[drawn["external"]],
            0,
        )
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times[3:]))


def whole(path: Path, epochs: int, out: Path) -> dict[str, float]:
    """Seconds of preparation and of training from the package's input files, and the result."""
    from scE2TM.runners.Runner import Runner
    from scE2TM.utils.data.SingleCellDataHandler import SingleCellDataHandler

    def evaluate(self: Runner, loader: object, *_: object) -> None:
        self.topic_distribution = self.test(loader)

    Runner.evaluate = evaluate
    n_cells, n_genes = json.loads((path / "shape.json").read_text())
    args = settings(n_cells, n_genes, epochs)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - the package reads the global generator
    start = time.perf_counter()
    handler = SingleCellDataHandler("cells", args.batch_size, 15, data_dir=str(path))
    prepared = time.perf_counter()
    args.gene_embeddings = handler.gene_embeddings
    trainer = runner(args)
    weights = trainer.train(handler.train_loader, handler.test_loader, handler.gene_vocab, 10, None)
    trained = time.perf_counter()
    latent = np.asarray(trainer.test(handler.test_loader))
    seconds = time.perf_counter() - trained
    # its topic-gene matrix is topics x genes, its "topic distribution" the latent before softmax
    top = np.asarray(handler.gene_vocab)[np.argsort(-weights, axis=1)[:, :10]]
    np.savez(out, latent=latent, top=top.astype(str))
    return {
        "prepare_s": prepared - start + seconds,
        "train_s": trained - prepared,
        "peak_mb": peak_mb(),
    }


def main() -> None:
    """Measure and print one line of JSON."""
    measure, path, number, out = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    sys.stdout, stdout = sys.stderr, sys.stdout
    package()
    found = step(path, number) if measure == "step" else whole(path, number, Path(out))
    stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
