"""Which function of rank finds planted gene sets: Savage scores or normal scores.

python benchmarks/ranking.py

Both are tested at the same level: a set counts as found if it scores higher than all but one in a
thousand random sets of its size. Prints a markdown table; needs no data.
"""

import numpy as np
from scipy.special import ndtri

from sce2tm.tl._enrichment import sampling
from sce2tm.tl._enrichment.null import Draws
from sce2tm.tl._enrichment.ranks import rank_scores
from sce2tm.tl._enrichment.running import exact

N_GENES = 5000
SIZES = np.array([20, 50, 150])
N_NULL = 20_000
N_PLANTED = 2000
LEVEL = 0.001

# what is in a set: a share of its genes drawn from a share of the list, the rest from all of it
CORES = {
    "a tenth of the set in the top 1 %": (0.1, 0.01),
    "a fifth in the top 2 %": (0.2, 0.02),
    "a fifth in the top 5 %": (0.2, 0.05),
    "a third in the top 10 %": (0.33, 0.1),
    "half in the top 25 %": (0.5, 0.25),
}


def main() -> None:
    """Print the share of planted sets that each ranking finds."""
    place = np.arange(1, N_GENES + 1)
    vectors = {
        "normal": ndtri((N_GENES + 0.5 - place) / N_GENES),
        "Savage": rank_scores(N_GENES),
    }
    vectors = {name: exact(vector, int(SIZES[-1])) for name, vector in vectors.items()}
    null = Draws(N_GENES, int(SIZES[-1]), N_NULL, np.random.default_rng(0))
    fresh = Draws(N_GENES, int(SIZES[-1]), N_NULL, np.random.default_rng(1))
    cutoff, level = {}, {}
    for name, vector in vectors.items():
        cutoff[name] = np.quantile(null.scores(vector, SIZES, map)[0], 1 - LEVEL, axis=1)
        level[name] = (fresh.scores(vector, SIZES, map)[0] > cutoff[name][:, None]).mean(axis=1)

    print("| planted | genes | " + " | ".join(vectors) + " |")
    print("| --- | --- |" + " --- |" * len(vectors))
    for s, size in enumerate(SIZES):
        print(_line("nothing", size, [level[name][s] for name in vectors], digits=4))
    for what, core in CORES.items():
        for s, size in enumerate(SIZES):
            sets = planted(int(size), *core, np.random.default_rng([2, size]))
            found = [
                (sampling.score_rows(sets, vector)[0] > cutoff[name][s]).mean()
                for name, vector in vectors.items()
            ]
            print(_line(what, size, found, digits=2))


def planted(size: int, share: float, top: float, rng: np.random.Generator) -> np.ndarray:
    """Sets as sorted places in the list."""
    n_core, n_top = round(share * size), round(top * N_GENES)
    sets = []
    for _ in range(N_PLANTED):
        core = rng.choice(n_top, n_core, replace=False)
        rest = rng.permutation(np.setdiff1d(np.arange(N_GENES), core))[: size - n_core]
        sets.append(np.sort(np.concatenate([core, rest])))
    return np.array(sets)


def _line(what: str, size: int, found: list[float], digits: int) -> str:
    return f"| {what} | {size} | " + " | ".join(f"{x:.{digits}f}" for x in found) + " |"


if __name__ == "__main__":
    main()
