"""Time per step of ours: engine_ours.py INPUTS STEPS PRESET, both presets with the external view.

The cells lie beside the inputs as .h5ad; what is timed is the training loop itself.
"""

import json
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

import anndata
import numpy as np

import sce2tm


def main() -> None:
    """Train for some epochs and print one line of JSON."""
    path, steps, preset = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    adata = anndata.read_h5ad(path.with_suffix(".h5ad"))
    times: list[tuple[int, float]] = []

    def stamp(step: int, total: int, losses: dict[str, float]) -> None:
        times.append((step, time.perf_counter()))

    per_epoch = -(-adata.n_obs // 512)
    epochs = 2 + -(-steps // per_epoch)
    sce2tm.SCE2TM(100, "X_view", preset, epochs, progress=stamp).fit(adata)
    # the first epoch finds the first transport plan, and is left out
    ms = [
        1000 * (end - start) / (after - before)
        for (before, start), (after, end) in pairwise(times[1:])
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": float(np.median(ms)), "peak_mb": peak}))


if __name__ == "__main__":
    main()
