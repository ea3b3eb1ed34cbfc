"""R comes for the events, gets the answer of the bridge, and can stop the work at any time."""

import json
import time

import numpy as np
import pytest

from sce2tm.r.bridge import Cells, answer
from sce2tm.r.job import Job

SETTINGS = {"n_topics": 3, "epochs": 2, "n_threads": 1}


def cells(counts):
    made = Cells(counts.shape[1])
    made.add(counts[counts > 0], np.nonzero(counts)[1], (counts > 0).sum(axis=1))
    return made


def request(counts, **settings):
    return json.dumps(
        {
            "task": "fit",
            "settings": SETTINGS | settings,
            "genes": [f"g{j}" for j in range(counts.shape[1])],
            "cells": [f"c{i}" for i in range(counts.shape[0])],
            "resume": False,
            "path": None,
            "features": None,
            "external": None,
        }
    )


@pytest.fixture
def counts(rng):
    return rng.poisson(1.0, (30, 20))


def events_of(job):
    found = []
    while job.running():
        found += job.events(0.1)
    job.leave()
    return found


def test_events_and_answer_are_those_of_the_bridge(counts):
    job = Job(request(counts), cells(counts), None)
    events = events_of(job)
    said = []
    direct = answer(request(counts), cells(counts), None, said.append)
    assert events == said
    assert sum("step" in json.loads(event) for event in events) == 2
    assert job.answer().meta == direct.meta
    # the header of the model's file has no fixed order
    for name in direct.arrays.keys() - {"model"}:
        np.testing.assert_array_equal(job.answer().arrays[name], direct.arrays[name])


def test_waiting_for_an_event_has_an_end(counts):
    job = Job(request(counts), cells(counts), None)
    events_of(job)
    start = time.monotonic()
    assert job.events(0.05) == []
    assert time.monotonic() - start >= 0.04


def test_a_job_that_is_left_ends_with_its_checkpoint_and_no_answer(counts, tmp_path):
    saved = {"checkpoint": str(tmp_path / "run"), "checkpoint_minutes": 0}
    job = Job(request(counts, epochs=10**6, **saved), cells(counts), None)
    while not (tmp_path / "run").exists():
        job.events(0.1)
    job.leave()
    events_of(job)
    assert not job.running()
    with pytest.raises(RuntimeError, match="left before its end"):
        job.answer()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_error_is_an_answer(counts):
    job = Job(request(counts, n_topics=1), cells(counts), None)
    events_of(job)
    assert "n_topics=1" in json.loads(job.answer().meta)["error"]["message"]
