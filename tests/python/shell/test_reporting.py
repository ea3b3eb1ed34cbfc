"""Where `report` writes, and what it leaves alone."""

import pytest

from sce2tm.errors import InputError
from sce2tm.shell.reporting import report


def test_a_page_is_not_overwritten(toy_results, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("kept")
    with pytest.raises(InputError, match=r"page\.html.*--force"):
        report(toy_results, page)
    assert page.read_text() == "kept"
    report(toy_results, page, force=True, progress=False)
    assert "Topics of blood" in page.read_text()
