"""The pages of the documentation list all that users may call."""

import re
from pathlib import Path

import pytest

import sce2tm

API = Path(__file__).resolve().parents[2] / "docs" / "api"


@pytest.mark.parametrize("module", ["datasets", "pl", "pp", "report", "tl"])
def test_each_public_function_has_its_page(module):
    listed = re.findall(r"^   (?:\w+\.)*(\w+)$", (API / f"{module}.md").read_text(), re.M)
    assert set(getattr(sce2tm, module).__all__) <= set(listed)
    assert len(listed) == len(set(listed))


def test_the_exchange_with_r_has_its_page():
    from sce2tm.r import rpy2

    listed = re.findall(r"^   (\w+)$", (API / "r.md").read_text(), re.M)
    assert listed == [name for name in sorted(vars(rpy2)) if name.endswith("_sce")]


def test_the_model_and_the_errors_have_theirs():
    text = (API / "model.md").read_text()
    modules = {"__version__", "datasets", "pl", "pp", "report", "tl"}
    assert all(f"   {name}\n" in text for name in set(sce2tm.__all__) - modules)
