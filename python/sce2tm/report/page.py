"""Sections into HTML: escaped, and shut off from the network."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from sce2tm.report.parts import Section


def render(title: str, subtitle: str, sections: Sequence[Section]) -> str:
    """Make the page.

    All text is escaped. Should any slip through, the policy of the page stops it: it allows this
    very script and style (by their hash), pictures within the page, and no address at all.

    Parameters
    ----------
    title, subtitle
        Head of the page.
    sections
        In their order.
    """
    import jinja2  # a part of this function alone

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script, style = _text("page.js"), _text("page.css")
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return environment.from_string(_text("page.html")).render(
        title=title,
        subtitle=subtitle,
        sections=sections,
        policy=policy,
        script=script,
        style=style,
    )


def _text(name: str) -> str:
    return (files("sce2tm.report") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
