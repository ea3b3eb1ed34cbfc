"""How sphinx builds these pages: ``make docs``. Nothing is fetched from a network."""

import numpy.typing


class ArrayLike:
    """Shown in place of numpy's union of a dozen types, which annotations hold."""


numpy.typing.ArrayLike = ArrayLike

from sce2tm import __version__  # noqa: E402  its annotations are read from here on

project = "sce2tm"
author = "the sce2tm developers"
copyright = "the sce2tm developers; MIT licence"
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

html_theme = "sphinx_book_theme"
html_title = f"sce2tm {version}"
html_theme_options = {"show_toc_level": 2, "show_navbar_depth": 1}

myst_heading_anchors = 3
# the tutorial runs at each build, from a fresh kernel, and an error in it fails the build
nb_execution_mode = "force"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_output_stderr = "remove"  # matplotlib says there that it looks for fonts

autosummary_generate = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88
napoleon_google_docstring = False
default_role = "literal"

# a link to a function of ours that is not there fails the build; the rest has no pages here
nitpicky = True
nitpick_ignore_regex = [(r"py:(?!func).*", r".*")]
