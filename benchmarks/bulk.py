"""Which way to score bulk samples for topics: pseudobulks whose cells are known.

    python benchmarks/bulk.py --data FOLDER --out benchmarks/ --seeds 0 1 2

FOLDER holds sets/*.h5ad. The model is trained on one half of the cells; sums over cells of the
other half are the samples, and the mean topic proportions of those cells are the answer. With a
"bias", each gene is multiplied by a factor of its own (log-normal), as another protocol would.
"""

import argparse
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse
from scipy.optimize import nnls
from scipy.special import log_softmax, softmax

import sce2tm
from report import write_block, write_json
from sce2tm.decoder import Decoder
from sce2tm.results import decoder

# cells in a sample: the mixtures are few, and each of them deep
SETS = {"Kang_ifnb2800": 100, "sc_mixology_RNAmix": 20}
BIASES = (0.0, 0.5, 1.0)
N_SAMPLES = 60
Array = np.ndarray


def pseudobulks(
    cells: AnnData, theta: Array, size: int, bias: float, rng: np.random.Generator
) -> tuple[AnnData, Array]:
    """Sums of cells drawn by type, types mixed by a Dirichlet(0.5); mean proportions of each."""
    codes, types = pd.factorize(cells.obs["cell_type"].astype(str))
    counts, truth = [], []
    for mixture in rng.dirichlet(np.full(len(types), 0.5), N_SAMPLES):
        drawn = np.concatenate(
            [
                rng.choice(np.flatnonzero(codes == code), number)
                for code, number in enumerate(rng.multinomial(size, mixture))
            ]
        )
        counts.append(np.asarray(cells.X[drawn].sum(axis=0)).ravel())
        truth.append(theta[drawn].mean(axis=0))
    biased = np.array(counts) * np.exp(rng.normal(0, bias, cells.n_vars))
    names = pd.DataFrame(index=[f"sample_{i}" for i in range(N_SAMPLES)])
    return AnnData(sparse.csr_matrix(biased, dtype=np.float32), names, cells.var[[]]), np.array(
        truth
    )


def by_profiles(shares: Array, of: Decoder) -> Array:
    """Non-negative least squares of a sample's shares on the decoded pure topics."""
    profiles = of.shares(np.eye(of.weights.shape[1])).T
    return np.array([nnls(profiles, sample)[0] for sample in shares])


def by_likelihood(shares: Array, of: Decoder, n_steps: int = 300) -> Array:
    """Proportions of largest multinomial likelihood under the decoder.

    Its logarithm is concave in them; exponentiated gradient with a step that falls.
    """
    slopes = of.slopes()
    scores = np.zeros((len(shares), slopes.shape[1]))
    best = np.full((len(shares), 1), -np.inf)
    theta = softmax(scores, axis=1)
    for step in 1 / np.sqrt(np.arange(1, n_steps + 1)):
        logs = log_softmax(softmax(scores, axis=1) @ slopes.T + of.shift, axis=1)
        value = (shares * logs).sum(axis=1, keepdims=True)
        theta = np.where(value > best, softmax(scores, axis=1), theta)
        best = np.maximum(best, value)
        gradient = (shares - np.exp(logs)) @ slopes
        scores += step * gradient / np.abs(gradient).max(axis=1, keepdims=True)
    return theta


def run(data: Path, name: str, seed: int) -> list[dict[str, Any]]:
    """One fit; each bias and each way to score."""
    cells = anndata.read_h5ad(data / "sets" / f"{name}.h5ad")
    rng = np.random.default_rng(seed)
    learned = rng.random(cells.n_obs) < 0.5
    known, held_out = cells[learned].copy(), cells[~learned].copy()
    model = sce2tm.SCE2TM(20, None, seed=seed, progress=False).fit(known)
    model.annotate(known)
    of, theta = decoder(known), model.transform(held_out).theta
    genes = held_out.var_names.get_indexer(of.weights.index)
    rows = []
    for bias in BIASES:
        samples, truth = pseudobulks(held_out, theta, SETS[name], bias, rng)
        linear = samples.X.toarray()
        logs = np.log1p(1e4 * linear / linear.sum(axis=1, keepdims=True))[:, genes]
        shares = logs / logs.sum(axis=1, keepdims=True)
        found = {
            "encoder": sce2tm.tl.bulk_scores(samples, model).to_numpy(),
            "decoder, least squares": by_profiles(shares, of),
            "decoder, likelihood": by_likelihood(shares, of),
        }
        rows += [
            {"set": name, "seed": seed, "method": how, "bias": bias} | agreement(scores, truth)
            for how, scores in found.items()
        ]
    return rows


def agreement(scores: Array, truth: Array) -> dict[str, float]:
    """How well scores follow the answer.

    r: across samples, Pearson's of each topic, the mean over topics that vary. off: within
    samples, half the summed difference of proportions, from 0 (the same) to 1.
    """
    varied = truth.std(axis=0) > 1e-3
    r = [
        np.corrcoef(one, other)[0, 1] if np.ptp(one) > 0 else 0.0
        for one, other in zip(scores.T[varied], truth.T[varied], strict=True)
    ]
    shares = scores / scores.sum(axis=1, keepdims=True)
    return {
        "r": round(float(np.mean(r)), 4),
        "off": round(float(np.abs(shares - truth).sum(axis=1).mean() / 2), 4),
    }


def table(rows: pd.DataFrame) -> str:
    """Mean over seeds."""
    means = rows.groupby(["set", "method", "bias"], sort=False)[["r", "off"]].mean()
    lines = [
        "| set | way | " + " | ".join(f"r, bias {bias:g}" for bias in BIASES)
        + " | " + " | ".join(f"off, bias {bias:g}" for bias in BIASES) + " |",
        "| " + " | ".join(["---"] * (2 + 2 * len(BIASES))) + " |",
    ]  # fmt: skip
    for (name, how), part in means.groupby(level=["set", "method"], sort=False):
        values = [f"{value:.2f}" for column in ("r", "off") for value in part[column]]
        lines.append(f"| {name} | {how} | {' | '.join(values)} |")
    return "\n".join(lines)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args()
    rows = [row for name in SETS for seed in asked.seeds for row in run(asked.data, name, seed)]
    write_json(asked.out / "results" / "bulk.json", rows)
    write_block(asked.out / "README.md", "bulk", table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
