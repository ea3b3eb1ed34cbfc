"""The published model, by its own code: engine_published.py METHOD step INPUTS TURNS STEPS, or
engine_published.py METHOD whole INPUTS SEED EPOCHS OUT.

Runs in an environment with torch, pandas, scikit-learn, umap-learn and the published package.
"step" times TURNS turns of about STEPS steps each, when it is asked to: METHOD "published" by its
own trainer and loader, "published, gathered" on batches gathered by index, which is cheaper.
"whole" runs its own data handler, loader and trainer from its files for EPOCHS epochs, and writes
the result to OUT. What breaks on current libraries is replaced at run time: imports that only its
evaluation needs, that evaluation, and an argument that torch's scheduler dropped.
"""

import json
import sys
import time
import types
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import torch

from peak import peak_mb
from turns import Turns, tell

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


def step(method: str, path: Path, turns: int, steps: int, out: TextIO) -> dict[str, float]:
    """Train in turns; cells of a step."""
    arrays = np.load(path / "arrays.npz")
    n_cells, n_genes = (int(side) for side in arrays["shape"])
    dense = np.zeros((n_cells, n_genes), dtype="float32")
    cells = np.repeat(np.arange(n_cells), np.diff(arrays["indptr"]))
    dense[cells, arrays["indices"]] = arrays["data"]
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - the package reads the global generator
    args = settings(n_cells, n_genes, 0)
    clock = Turns(-(-n_cells // args.batch_size), steps, out)
    # the trainer's last epoch would have no next one to end it
    args.epochs = clock.epochs(turns) + 1
    rng = np.random.default_rng(0)
    args.gene_embeddings = rng.normal(scale=0.02, size=(n_genes, 200)).astype("float32")
    run = gathered if "gathered" in method else trained
    run(dense, arrays, args, clock)
    return {"cells": min(n_cells, args.batch_size)}


def trained(
    dense: np.ndarray, arrays: Mapping[str, np.ndarray], args: types.SimpleNamespace, clock: Turns
) -> None:
    """Train by the package's own trainer and loader."""
    from scE2TM.utils.data.SingleCellDataHandler import ExpressionEmbeddingNeighborDataset
    from torch.utils.data import DataLoader

    neighbours = (arrays["near_cells"], arrays["near_external"])
    dataset = ExpressionEmbeddingNeighborDataset(
        dense, torch.from_numpy(arrays["external"]), *neighbours
    )
    loader = DataLoader(dataset, batch_size=args.batch_size, shuffle=True, drop_last=False)
    trainer, begun = runner(args), count()

    def begin(*_: object) -> None:
        batch = next(begun)
        if batch and batch % len(loader) == 0:
            clock.epoch_ended()

    type(trainer).evaluate = lambda *_: None  # after every hundred epochs, with files of its own
    trainer.model.register_forward_pre_hook(begin)
    trainer.train(loader, None, None, 10, None)


def gathered(
    dense: np.ndarray, arrays: Mapping[str, np.ndarray], args: types.SimpleNamespace, clock: Turns
) -> None:
    """Train on batches gathered by index, without the package's loader."""
    model = runner(args).model
    expression, external = torch.from_numpy(dense), torch.from_numpy(arrays["external"])
    rng = np.random.default_rng(0)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=args.learning_rate)
    model.train()
    near = {view: arrays[f"near_{view}"] for view in ("cells", "external")}
    counts = {view: arrays[f"n_near_{view}"] for view in ("cells", "external")}
    for _ in range(args.epochs - 1):
        order = rng.permutation(len(expression))
        for start in range(0, len(order), args.batch_size):
            batch = order[start : start + args.batch_size]
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
        clock.epoch_ended()


def whole(path: Path, seed: int, epochs: int, out: Path) -> dict[str, float]:
    """Seconds of preparation and of training from the package's input files, and the result."""
    from scE2TM.runners.Runner import Runner
    from scE2TM.utils.data.SingleCellDataHandler import SingleCellDataHandler

    def evaluate(self: Runner, loader: object, *_: object) -> None:
        self.topic_distribution = self.test(loader)

    Runner.evaluate = evaluate
    n_cells, n_genes = json.loads((path / "shape.json").read_text())
    args = settings(n_cells, n_genes, epochs)
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the package reads the global generator
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
    }


def main() -> None:
    """Measure and print one line of JSON."""
    method, measure, path, *rest = sys.argv[1:]
    # the package prints
    sys.stdout, out = sys.stderr, sys.stdout
    package()
    if measure == "step":
        turns, steps = map(int, rest)
        found = step(method, Path(path), turns, steps, out)
    else:
        found = whole(Path(path), int(rest[0]), int(rest[1]), Path(rest[2]))
    tell(out, found | {"peak_mb": peak_mb()})


if __name__ == "__main__":
    main()
