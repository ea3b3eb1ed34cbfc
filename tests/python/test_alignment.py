"""What the report on missing genes says."""

import numpy as np
import pandas as pd
import pytest

from sce2tm import SCE2TM, InputError
from sce2tm.alignment import align
from simulate import planted_topics

GENES = ["CD3D", "CD3E", "MS4A1", "ISG15"]


@pytest.fixture
def weights():
    values = [[0.8, 0.2], [0.6, 0.4], [0.1, 0.9], [0.5, 0.5]]
    return pd.DataFrame(values, index=GENES, columns=["topic_1", "topic_2"])


def test_missing_weight_is_the_share_of_each_topic(weights):
    found = align(weights, pd.Index(["CD3D", "CD3E", "ISG15", "MALAT1"]))
    assert (found.n_found, found.share, found.missing_genes) == (3, 0.75, ("MS4A1",))
    assert list(found.topics["topic"]) == ["topic_2", "topic_1"]
    np.testing.assert_allclose(found.topics["missing_weight"], [0.45, 0.05])
    assert list(found.topics["missing_top_genes"]) == ["MS4A1", "MS4A1"]
    assert repr(found).splitlines() == [
        "3 of the model's 4 genes found (75.0%)",
        "missing: 'MS4A1'",
        "topic_2 lacks 45.0% of its weight; of its top genes: MS4A1",
        "topic_1 lacks 5.0% of its weight; of its top genes: MS4A1",
    ]


def test_nothing_missing_is_one_line(weights):
    assert repr(align(weights, pd.Index(GENES))) == "4 of the model's 4 genes found (100.0%)"


def test_only_missing_top_genes_are_named():
    names = [f"g{i}" for i in range(60)]
    falling = pd.DataFrame({"topic_1": np.linspace(1, 0.1, 60)}, index=names)
    found = align(falling, pd.Index(names[:5] + names[6:50]))
    assert found.topics["missing_top_genes"][0] == "g5"
    assert len(found.missing_genes) == 11


def test_another_spelling_is_reported(weights):
    found = align(weights, pd.Index(["Cd3d", "Cd3e", "Ms4a1", "Isg15"]))
    assert "4 of them differ by upper and lower case" in repr(found)


def test_the_model_reports_and_refuses():
    cells = planted_topics(n_cells=60, n_groups=3, n_markers=10, n_genes=60).adata
    model = SCE2TM(4, None, epochs=1, progress=False).fit(cells)
    assert model.alignment(cells).share == 1
    part = cells[:, 5:].copy()
    assert model.alignment(part).missing_genes == tuple(cells.var_names[:5])
    with pytest.warns(UserWarning, match=r"5 of the model's 60 genes.*model\.alignment"):
        model.transform(part)
    cells.var_names = cells.var_names.str.upper()
    with pytest.raises(InputError, match=r"60 of the model's 60.*'G0' for 'g0'"):
        model.transform(cells)
