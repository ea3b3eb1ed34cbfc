"""One step of the published model and of `paper` from the same weights; engine_losses.py starts it.

    losses_published.py INPUTS

Runs in the environment of engine_published.py with this package's folder python/ on its path, since
the network needs torch alone. The published model is trained for some steps by its own losses; on
the way, its weights go into ours, both read the same cells and neighbours, without noise, and each
term of the loss and its gradient are compared. Prints one line of JSON for each term.
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse

from engine_published import package, runner, settings
from sce2tm.data.loader import encoder_rows, row_sums, sparse_rows
from sce2tm.nn import topic_model

CPU = torch.device("cpu")
STEPS = (0, 100, 300)
# ours by theirs; where there are two, the first lies above or beside the second
TERMS = {
    "reconstruction and KL": (("topic_model_loss",), ("reconstruction", "kl")),
    "ECR": (("ecr_loss",), ("ecr",)),
    "cross-view": (("cross_modal_loss",), ("consistency", "contrast", "balance")),
}
LAYERS = {
    "encoder.body.0": ("encoder.0",),
    "encoder.body.1": ("encoder.1",),
    "encoder.body.3": ("encoder.3",),
    "encoder.heads.0": ("encoder_mu", "encoder_logvar"),
    "encoder.heads.1": ("mean_bn", "logvar_bn"),
    "cluster_head.layers.0": ("cross_modal_cluster_head.cluster_head.0",),
    "cluster_head.layers.1": ("cross_modal_cluster_head.cluster_head.1",),
    "cluster_head.layers.3": ("cross_modal_cluster_head.cluster_head.3",),
    "decoder.norm": ("decoder_bn",),
}
NAMES = {
    f"{ours}.{kind}": tuple(f"{their}.{kind}" for their in theirs)
    for ours, theirs in LAYERS.items()
    for kind in ("weight", "bias")
} | {
    "decoder.gene_embedding": ("gene_embeddings",),
    "decoder.topic_embedding": ("topic_embeddings",),
}


def as_ours(name: str, theirs: dict[str, torch.Tensor]) -> torch.Tensor:
    """The published model's numbers in the shape that ours has."""
    joined = torch.cat([theirs[part] for part in NAMES[name]])
    # a layer on sparse rows lies the other way round
    return joined.T if name == "encoder.body.0.weight" else joined


def batches(arrays: Any) -> Iterator[tuple[Any, ...]]:
    """Cells of a step and a neighbour of each in both views, without end."""
    rng = np.random.default_rng(0)
    n_cells = len(arrays["external"])
    while True:
        rows = rng.permutation(n_cells)[:512]
        near = []
        for view in ("cells", "external"):
            picks = (rng.random(len(rows)) * arrays[f"n_near_{view}"][rows]).astype(int)
            near.append(arrays[f"near_{view}"][rows, picks])
        yield rows, *near


def gradients(model: torch.nn.Module, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    """Of every parameter; zero where the term does not reach it."""
    named = {name: value for name, value in model.named_parameters() if value.requires_grad}
    found = torch.autograd.grad(loss, list(named.values()), retain_graph=True, allow_unused=True)
    return {
        name: torch.zeros_like(value) if gradient is None else gradient
        for (name, value), gradient in zip(named.items(), found, strict=True)
    }


def compared(theirs: Any, ours: Any, matrix: Any, external: np.ndarray, step: tuple) -> Iterator:
    """Each term of both, and the distance of the gradients over the length of the published one."""
    rows, near, near_external = step
    dense = [torch.from_numpy(matrix[each].toarray()) for each in (rows, near)]
    views = [torch.from_numpy(external[each]) for each in (rows, near_external)]
    state = dict(theirs.named_parameters())
    with torch.no_grad():
        for name, value in ours.named_parameters():
            value.copy_(as_ours(name, state))
    torch.randn_like, randn_like = torch.zeros_like, torch.randn_like
    published = theirs(dense[0], views[0], dense[1], views[1], 0)
    torch.randn_like = randn_like
    target = sparse_rows(matrix[rows], row_sums(matrix[rows]), CPU)
    inputs = encoder_rows(
        sparse.vstack([matrix[rows], matrix[near]]).tocsr(), CPU, ThreadPoolExecutor(1)
    )
    batch = topic_model.Batch(inputs, target, external=torch.cat(views))
    found = ours(batch, torch.Generator())
    for term, (their_names, our_names) in TERMS.items():
        one = sum(published[name] for name in their_names)
        two = sum(found[name] for name in our_names)
        wanted, got = gradients(theirs, one), gradients(ours, two)
        one, two = one.item(), two.item()
        distance = length = 0.0
        for name, value in got.items():
            expected = as_ours(name, wanted)
            distance += float(((value - expected) ** 2).sum())
            length += float((expected**2).sum())
        yield {
            "term": term,
            "published": round(one, 4),
            "ours": round(two, 4),
            "loss": float(f"{abs(two / one - 1):.1e}"),
            "gradient": float(f"{(distance / length) ** 0.5:.1e}"),
        }


def main() -> None:
    """Train the published model, and compare on the way."""
    out = sys.stdout
    sys.stdout = sys.stderr  # the package prints
    package()
    arrays = np.load(Path(sys.argv[1]) / "arrays.npz")
    shape = tuple(int(side) for side in arrays["shape"])
    parts = (arrays["data"], arrays["indices"], arrays["indptr"])
    matrix, external = sparse.csr_matrix(parts, shape=shape), arrays["external"]
    # no noise, so that the terms can be compared to the last digits
    topic_model.sample = lambda mean, log_variance, generator: mean
    torch.manual_seed(0)
    args = settings(*shape, 0)
    rng = np.random.default_rng(0)
    args.gene_embeddings = rng.normal(scale=0.02, size=(shape[1], 200)).astype("float32")
    theirs = runner(args).model
    ours = topic_model.TopicModel(
        shape[1], shape[1], 100, reads_genes=True, n_hidden=200, n_dims=200, tau=0.2,
        weights=topic_model.Weights(100.0, 0.0, 1.0), n_external=external.shape[1],
        distance_scale=1.0, generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    optimizer = torch.optim.RMSprop(theirs.parameters(), lr=args.learning_rate)
    theirs.train(), ours.train()
    steps = batches(arrays)
    for number in range(STEPS[-1] + 1):
        step = next(steps)
        if number in STEPS:
            for balanced in (False, True):
                # as published, both plans stop at an error of 5e-3 and are no more alike than that
                theirs.ecr_loss.stopThr = 1e-6 if balanced else 5e-3
                theirs.ecr_loss.OT_max_iter = 20_000 if balanced else 1000
                ours.transport.tolerance = theirs.ecr_loss.stopThr
                ours.transport.max_iterations = theirs.ecr_loss.OT_max_iter
                ours.transport.dual.zero_()
                for row in compared(theirs, ours, matrix, external, step):
                    print(json.dumps({"steps": number, "balanced": balanced} | row), file=out)
            theirs.ecr_loss.stopThr, theirs.ecr_loss.OT_max_iter = 5e-3, 1000
        rows, near, near_external = step
        dense = [torch.from_numpy(matrix[each].toarray()) for each in (rows, near)]
        views = [torch.from_numpy(external[each]) for each in (rows, near_external)]
        optimizer.zero_grad()
        theirs(dense[0], views[0], dense[1], views[1], 0)["loss"].backward()
        optimizer.step()


if __name__ == "__main__":
    main()
