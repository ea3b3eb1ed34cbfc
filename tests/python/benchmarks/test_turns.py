"""A program of the benchmark waits when it should, and reports the time between."""

import importlib
import io
import json
import sys
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


def test_a_program_waits_after_the_first_epoch_and_after_each_turn(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    out, told = io.StringIO(), []
    waiting = SimpleNamespace(readline=lambda: told.append(len(out.getvalue().splitlines())))
    monkeypatch.setattr(sys, "stdin", waiting)
    seconds = count(1)
    monkeypatch.setattr(time, "perf_counter", lambda: next(seconds))
    clock = importlib.import_module("turns").Turns(epoch_steps=4, steps=10, out=out)
    assert clock.epochs(2) == 7
    for _ in range(7):
        clock.epoch_ended()
    assert told == [1, 2, 3]
    first, *turns = (json.loads(line)["ms"] for line in out.getvalue().splitlines())
    assert first is None
    # the clock, which goes on by a second whenever it is read: a second for twelve steps
    assert turns == pytest.approx([1000 / 12, 1000 / 12])
