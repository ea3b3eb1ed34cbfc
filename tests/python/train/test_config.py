import json

import pytest

from sce2tm.errors import InputError
from sce2tm.train.config import Config, configure, from_dict


def test_paper_is_the_published_model():
    paper = configure("paper", n_topics=20)
    assert (paper.epochs, paper.n_genes, paper.tau, paper.target_sum) == (500, 5000, 0.2, 0)
    assert (paper.encoder_input, paper.distance_weight, paper.lambda_for(5000)) == ("genes", 0, 100)
    assert (paper.batch_for(10_000), paper.batch_for(10_001)) == (512, 2048)
    assert (paper.n_dims, paper.view_columns(512)) == (200, 512)
    assert paper.n_topics == 20


@pytest.mark.parametrize(("n_cells", "cells"), [(90, 512), (512, 512), (513, 256), (10**6, 256)])
def test_default_takes_few_cells_whole_and_many_by_256(n_cells, cells):
    assert Config().batch_for(n_cells) == cells


@pytest.mark.parametrize(("width", "columns"), [(None, None), (20, 20), (512, 128)])
def test_default_reads_128_columns_of_a_view(width, columns):
    assert Config().view_columns(width) == columns


@pytest.mark.parametrize(
    ("n_cells", "steps"),
    [(90, 200), (331, 200), (512, 200), (513, 300), (1886, 400), (10**6, 400)],
)
def test_default_trains_200_to_400_steps(n_cells, steps):
    assert Config().steps_for(n_cells) == steps


def test_epochs_say_how_often_each_cell_is_seen():
    assert configure("default", epochs=3).steps_for(1025) == 15


@pytest.mark.parametrize(
    ("changes", "n_cells", "seen"),
    [
        ({}, 90, 90),
        ({}, 102_400, 102_400),
        ({}, 10**6, 102_400),
        ({"batch_size": 1000}, 10**6, 400_000),
        ({"epochs": 1}, 10**6, 10**6),
    ],
)
def test_training_sees_what_its_steps_can_hold(changes, n_cells, seen):
    assert configure("default", **changes).cells_for(n_cells) == seen


@pytest.mark.parametrize(("n_cells", "looks"), [(90, 50), (1025, 10), (12_800, 2), (100_000, 2)])
def test_patience_is_fifty_steps_but_two_looks(n_cells, looks):
    assert Config().patience_for(n_cells) == looks


def test_lambda_grows_with_the_genes_unless_given():
    assert Config().lambda_for(5000) == 250
    assert configure("default", ecr_weight=7.0).lambda_for(5000) == 7


def test_changes_win_over_the_preset_and_none_does_not():
    assert configure("paper", tau=0.5, target_sum=None).tau == 0.5
    assert configure("default", target_sum=0).target_sum == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_topics", 1), ("n_topics", 2.5), ("n_topics", True), ("epochs", 0), ("batch_size", 1),
     ("n_genes", 1), ("seed", -1), ("n_neighbors", 0), ("tau", 0), ("tau", float("nan")),
     ("learning_rate", -1), ("ecr_weight", -1), ("distance_weight", "much"),
     ("encoder_input", "pixels"), ("precision", "half"), ("early_stopping", 3)],
)  # fmt: skip
def test_wrong_settings_are_named_with_their_value(name, value):
    with pytest.raises(InputError, match=f"{name}={value!r}"):
        configure("default", **{name: value})


def test_unknown_preset_is_named():
    with pytest.raises(InputError, match="preset='fast' is unknown"):
        configure("fast")


def test_settings_survive_json():
    config = configure("paper", n_topics=7)
    assert from_dict(json.loads(json.dumps(config.to_dict()))) == config
    with pytest.raises(InputError, match="'speed'"):
        from_dict(config.to_dict() | {"speed": 1})
