"""One browser for all tests of the page."""

import pytest

from browser import Page, find_browser


@pytest.fixture(scope="session")
def browser():
    """A tab of a headless Chromium."""
    page = Page(find_browser())
    yield page
    page.close()


@pytest.fixture
def page(browser):
    """The tab, with nothing noted yet."""
    browser.resize(1100)
    browser.forget()
    return browser
