"""The grid of the documentation runs as it is written, and gives what single fits give."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import sce2tm

ROOT = Path(__file__).resolve().parents[2]


def test_the_documented_grid_runs(tmp_path):
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "grids.md").read_text(), re.S)[1]
    assert "EPOCHS = None" in code
    assert "(10, 20, 40)" in code
    code = code.replace("EPOCHS = None", "EPOCHS = 1").replace("(10, 20, 40)", "(5,)")
    (tmp_path / "grid.py").write_text(code)
    environment = os.environ | {"PYTHONPATH": str(Path(sce2tm.__file__).parents[1])}
    run = subprocess.run(
        [sys.executable, "grid.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    table = pd.read_csv(tmp_path / "grid.csv")
    assert table[["n_topics", "seed"]].to_numpy().tolist() == [[5, 0], [5, 1]]
    assert table["diversity"].between(0, 1).all()
    model = sce2tm.SCE2TM.load(tmp_path / table["path"].iloc[1])
    settings = {"n_topics": 5, "epochs": 1, "seed": 1, "n_threads": 1, "progress": False}
    alone = sce2tm.SCE2TM(**settings).fit(tmp_path / "cells.h5ad")
    assert np.array_equal(model.topic_genes, alone.topic_genes)
