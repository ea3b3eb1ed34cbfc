"""The benchmark's own arithmetic, on planted answers; the fits themselves are not run here."""

import importlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """Import a file of the benchmark folder, which is no package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture
def mixtures(rng):
    kinds = np.vstack([np.eye(3), 0.5 * np.eye(3) + 1 / 6, np.full((1, 3), 1 / 3)])
    truth = np.repeat(kinds, 20, axis=0)
    names = np.repeat([f"mix {number}" for number in range(7)], 20)
    columns = ["H2228_prop", "H1975_prop", "HCC827_prop"]
    return pd.DataFrame(truth, columns=columns).assign(cell_type=names), truth


def test_proportions_found_exactly(bench, mixtures):
    obs, truth = mixtures
    found = bench("proportions").recovery(
        obs, {"embedding": 10 * truth, "theta": truth[:, [2, 0, 1]]}
    )
    assert found["direct.r"] == pytest.approx(1)
    assert found["direct.rmse"] == pytest.approx(0)
    assert found["topic.r"] == pytest.approx(1)
    assert found["readout.r"] == pytest.approx(1)
    assert found["theta.unseen.r"] == pytest.approx(1)
    assert found["unseen.rmse"] < 0.01


def test_noise_recovers_nothing(bench, mixtures, rng):
    obs, _ = mixtures
    noise = {"embedding": rng.normal(size=(140, 5)), "theta": rng.dirichlet(np.ones(8), size=140)}
    found = bench("proportions").recovery(obs, noise)
    assert abs(found["readout.r"]) < 0.3
    assert abs(found["topic.r"]) < 0.3
    assert "direct.r" not in found  # eight topics are no three proportions


def test_names_of_mixtures_are_not_proportions(bench, mixtures):
    """A code that tells the seven mixtures apart reads out perfectly, but not on an unseen one."""
    obs, _ = mixtures
    found = bench("proportions").recovery(obs, {"embedding": np.repeat(np.eye(7), 20, axis=0)})
    assert found["readout.r"] > 0.99
    assert found["unseen.r"] < 0.5


def test_tables_stand_between_the_markers(bench, tmp_path):
    report = bench("report")
    keys = {*report.CLUSTERING.values(), "seconds", "peak_mb"}
    rows = [
        {"set": name, "method": method, "seed": seed} | dict.fromkeys(keys, base + seed / 10)
        for name in ("one", "two")
        for method, base in (("PCA", 0.5), ("ours", 0.6))
        for seed in (0, 1)
    ]
    for row in rows:
        row |= {key: 0.25 for key in report.TOPICS.values() if row["method"] == "ours"}
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- quality: start -->\nold\n<!-- quality: end -->\nafter\n")
    report.write_tables(page, rows)
    text = page.read_text()
    report.write_tables(page, rows[::-1])
    assert page.read_text() == text  # again, in another order
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("### Clustering") == 1
    assert "| one | ours | 0.650 ± 0.071 |" in text
    assert "| ours - PCA | 2 | +0.100 ± 0.000 |" in text


def test_cells_that_were_counted_are_not_counted_again(bench):
    rows = pd.DataFrame(
        [
            {"set": name, "method": method, "value": value}
            for name, values in {
                "one": (1.0, 3.0), "two": (2.0, 6.0), "one + view": (0, 9), "two x 900": (0, 9),
            }.items()
            for method, value in zip("ab", values, strict=True)
        ]
    )  # fmt: skip
    table = bench("report").differences(rows, {"v": "value"}, [("b", "a"), ("c", "a")])
    assert table.splitlines()[2:] == ["| b - a | 2 | +3.000 ± 1.000 |"]


def test_rows_are_kept_in_order(bench, tmp_path):
    path = tmp_path / "rows.json"
    rows = [{"set": "b", "method": "x", "seed": 0}, {"set": "a", "method": "x", "seed": 1}]
    bench("report").write_json(path, rows)
    assert json.loads(path.read_text()) == rows[::-1]
    assert [file.name for file in tmp_path.iterdir()] == ["rows.json"]
