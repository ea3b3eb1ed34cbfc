"""Fitting never holds a dense cells x genes matrix: peak memory of a child process."""

import subprocess
import sys
import textwrap

CHILD = textwrap.dedent("""
    import resource
    import numpy as np
    from anndata import AnnData
    from scipy import sparse
    import sce2tm
    from sce2tm.model import SCE2TM

    def peak_mb():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def cells(n, genes, density):
        rng = np.random.default_rng(0)
        matrix = sparse.random(n, genes, density, format="csr", dtype="float32", rng=rng)
        matrix.data = np.ceil(matrix.data * 9).astype("float32")
        return AnnData(matrix)

    # libraries load and compile on the first, small fit
    small = cells(600, 300, 0.2)
    for preset in ("default", "paper"):
        SCE2TM(5, None, preset, epochs=1, progress=False).fit(small)
    adata = cells(20_000, 5_000, 0.02)
    for preset in ("default", "paper"):
        before = peak_mb()
        model = SCE2TM(
            20, None, preset, epochs=1, n_genes=5_000, batch_size=512, progress=False
        ).fit(adata)
        model.annotate(adata)
        print(preset, peak_mb() - before)
""")


def test_peak_memory_stays_far_below_a_dense_matrix():
    # dense float32 would be 381 MiB; the sparse matrix itself is 16 MiB
    run = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    grown = {name: float(mb) for name, mb in map(str.split, run.stdout.splitlines())}
    assert grown.keys() == {"default", "paper"}
    assert max(grown.values()) < 200, grown
