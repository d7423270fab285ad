"""Templates of pages: text of others is escaped, and has its control characters written out.

A page brings its style and its script, and a Content Security Policy names these alone by their
hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from playgate.language import say, speaking
from playgate.report.html_parts import View
from playgate.report.words import visible

__all__ = ["Templates", "environment", "inlined"]

Templates = Environment

_LONGEST = 1_000
_FOLDER = Path(__file__).parent / "templates"


def inlined(style: str, script: str = "", *, folder: Path = _FOLDER) -> View:
    """Returns the style and the script of a page, with what lets these alone run; in another
    `folder`, a style comes after that of the reports."""
    texts = [folder.joinpath(name).read_text("utf-8") if name else "" for name in (style, script)]
    if folder != _FOLDER:
        texts[0] = _FOLDER.joinpath("report.css").read_text("utf-8") + texts[0]
    return {
        "style": Markup(texts[0]),  # noqa: S704  (our own files)
        "script": Markup(texts[1]),  # noqa: S704
        "style_hash": _hash(texts[0]),
        "script_hash": _hash(texts[1]),
    }


@cache
def environment(folder: Path = _FOLDER) -> Environment:
    """Returns the templates: those of a folder, then those of the reports."""
    environment = Environment(
        loader=FileSystemLoader([folder, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals |= {"speaking": speaking, "say": say, "html": _html, **_MARKS}
    return environment


def _html(message: str, **words: Any) -> Markup:
    """Says a message with marks in it; what is filled in is escaped."""
    shown = {name: escape(_shown(each)) for name, each in words.items()}
    return Markup(say(message, **shown))  # noqa: S704  (our own messages, what is foreign escaped)


_MARKS: View = {
    "to_act_on": Markup('<a href="#state=todo&amp;at=deals">'),
    "end": Markup("</a>"),
    "dots": {
        "orange": Markup('<span class="dot orange"></span>'),
        "met": Markup('<span class="nowrap"><span class="mark met"></span>'),
        "missed": Markup('<span class="nowrap"><span class="mark missed"></span>'),
        "unsure": Markup('<span class="nowrap"><span class="mark unsure"></span>'),
        "end": Markup("</span>"),
    },
}
"""The marks that messages of the page may have within."""


def _shown(given: Any) -> Any:
    if isinstance(given, str) and not isinstance(given, Markup):
        return visible(given, limit=_LONGEST)
    return given


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
