"""The ratios and exponents of the engine's tables, from rows with known answers."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("engine")


@pytest.fixture
def engine_quality(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("engine_quality")


def cells_of(line):
    return [cell.strip() for cell in line[1:-1].split("|")]


def lines_of(text, method):
    return [cells_of(line) for line in text.splitlines() if f"| {method} |" in line]


def test_ratios_of_a_step_are_taken_within_a_turn(engine):
    # the machine is ten times slower in the second turn, for all alike
    row = {"set": "toy", "start": 0}
    for method in engine.STEP_METHODS:
        slow = {"published": 60.0, "published, gathered": 40.0, "paper": 20.0}.get(method, 5.0)
        row[method] = {"ms": [slow, 10 * slow, slow], "cells": 90}
        if not method.startswith("published"):
            row[method] |= {"gflop": 2.0, "mbyte": 30.0, "floor_ms": 1.0}
    (paper,) = lines_of(engine.step_table([row]), "paper")
    assert paper == [
        "toy", "paper", "90", "2.00", "30", "1.0", "20.0", "3.0 (3.0 to 3.0)", "2.0 (2.0 to 2.0)"
    ]  # fmt: skip


def test_whole_ratios_take_preparation_in(engine):
    rows = [
        {"set": "toy", "cells": 90, "method": method, "prepare_s": prepare, "train_s": train}
        | {"peak_mb": peak, "S": quality}
        for method, prepare, train, peak, quality in [
            ("published", 20.0, 80.0, 1000.0, 0.7),
            ("default", 1.0, 3.0, 250.0, 0.8),
        ]
    ]
    (default,) = lines_of(engine.whole_table(rows), "default")
    assert default[5] == "25.0"
    assert default[7:9] == ["0.25", "0.800"]
    assert engine.METHODS[0] == "published"


def test_exponents_are_those_of_a_power(engine):
    rows = [
        {"method": method, "cells": n, "round": 0, "prepare_s": n / 1e3, "train_s": 0.0}
        | {"peak_mb": float(n) ** 0.5}
        for method in engine.GROWN
        for n in (100, 1000, 100_000)
    ]
    for method in engine.GROWN:
        lines = lines_of(engine.growth_table(rows), method)
        assert [line[5] for line in lines] == ["", "1.00", "1.00", "1.00"]
        assert [line[7] for line in lines] == ["", "0.50", "0.50", "0.50"]


def test_a_growth_that_has_begun_has_a_table(engine):
    row = {"method": "default", "cells": 100, "round": 0}
    text = engine.growth_table([row | {"prepare_s": 1.0, "train_s": 2.0, "peak_mb": 5.0}])
    assert lines_of(text, "default") == [["default", "100", "1.0", "2.0", "3.0", "", "5", ""]]


def test_differences_are_paired_by_seed(engine_quality):
    # seeds differ by much, and methods by the same within each
    rows = [
        {"set": "toy", "method": method, "seed": seed}
        | dict.fromkeys(("S", "L", "kNN", "IP", "TD", "TC"), seed / 10 + more)
        for method, more in [("published", 0.0), ("default", 0.05)]
        for seed in (1, 5, 9)
    ]
    text = engine_quality.table(rows)
    (default,) = lines_of(text, "default")
    assert default[2:4] == ["3", f"0.550 ± {0.4:.3f}"]
    (difference,) = lines_of(text, "default - published")
    assert difference[1:3] == ["3", "+0.050 ± 0.000"]


def test_differences_over_sets_take_each_set_once(engine_quality):
    # three seeds of the one set, where the methods differ by 0.1; one of the other, by 0.3
    rows = [
        {"set": name, "method": method, "seed": seed}
        | dict.fromkeys(("S", "L", "kNN", "IP", "TD", "TC"), 0.4 + share * more)
        for method, share in [("published", 0), ("default", 1)]
        for name, seeds, more in [("toy", (0, 1, 2), 0.1), ("toy x 9", (0,), 0.3)]
        for seed in seeds
    ]
    by_seed, by_set = lines_of(engine_quality.table(rows), "default - published")
    assert by_seed[1:3] == ["3", "+0.100 ± 0.000"]
    assert by_set[1:3] == ["2", "+0.200 ± 0.100"]
