"""Fit and transform one file: million_fit.py CELLS.h5ad FOUND.npz THREADS; prints JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np

import sce2tm
from peak import peak_mb
from started import listen

TOP = 10


def main() -> None:
    """Measure, then write what was found."""
    path, out, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    training = listen()
    start = time.perf_counter()
    model = sce2tm.SCE2TM(external=None, device="cpu", progress=False, n_threads=threads).fit(path)
    fitted, fit_peak = time.perf_counter(), peak_mb()
    found = model.transform(path)
    seconds = {
        "prepare": training.at - start,
        "train": fitted - training.at,
        "transform": time.perf_counter() - fitted,
    }
    peaks = {"fit_peak_mb": round(fit_peak), "peak_mb": round(peak_mb())}
    steps = {"steps": int(model.history["step"][-1])}
    print(json.dumps({"seconds": {k: round(s, 1) for k, s in seconds.items()}} | peaks | steps))
    best = np.argsort(-model.topic_genes, axis=0, kind="stable")[:TOP]
    names = np.array(model.gene_names)[best].T
    np.savez(out, latent=found.latent, theta=found.theta, top_genes=names)


if __name__ == "__main__":
    main()
