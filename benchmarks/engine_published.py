"""Time per step of the published model: engine_published.py INPUTS STEPS METHOD.

Runs in an environment with torch, NumPy and the published package. Rows are gathered by index,
which is cheaper than the package's own loader, a Python call for each cell.
"""

import json
import resource
import sys
import time
import types
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch


def model_class() -> type:
    """The package's module, without its __init__: what that imports no longer installs."""
    folder = next(iter(find_spec("scE2TM").submodule_search_locations))
    for name in ("scE2TM", "scE2TM.models"):
        package = types.ModuleType(name)
        package.__path__ = [str(Path(folder, *name.split(".")[1:]))]
        sys.modules[name] = package
    from scE2TM.models.scE2TM import scE2TM

    return scE2TM


def main() -> None:
    """Train for some steps and print one line of JSON."""
    arrays = np.load(sys.argv[1])
    steps = int(sys.argv[2])
    n_cells, n_genes = arrays["shape"]
    dense = np.zeros((n_cells, n_genes), dtype="float32")
    cells = np.repeat(np.arange(n_cells), np.diff(arrays["indptr"]))
    dense[cells, arrays["indices"]] = arrays["data"]
    expression, external = torch.from_numpy(dense), torch.from_numpy(arrays["external"])
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    args = types.SimpleNamespace(
        device=torch.device("cpu"),
        beta_temp=0.2,
        num_topics=100,
        vocab_size=int(n_genes),
        en1_units=200,
        dropout=0.0,
        weight_loss_ECR=100.0,
        gene_embeddings=rng.normal(scale=0.02, size=(n_genes, 200)).astype("float32"),
    )
    model = model_class()(args)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    model.train()
    times = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        batch = rng.permutation(n_cells)[:512]
        near = {
            view: arrays[f"near_{view}"][
                batch, (rng.random(len(batch)) * arrays[f"n_near_{view}"][batch]).astype(int)
            ]
            for view in ("cells", "external")
        }
        losses = model(
            expression[batch],
            external[batch],
            expression[near["cells"]],
            external[near["external"]],
            0,
        )
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": 1000 * float(np.median(times[3:])), "peak_mb": peak}))


if __name__ == "__main__":
    main()
