"""`--lang`: the language of what people read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from playgate.language import ENGLISH, using
from playgate.report.catalogue import language_of

__all__ = ["lang_option"]

_FOR_PEOPLE = frozenset(("text", "markdown", "html", "pdf", "xlsx"))
"""The forms that people read; the others are the same in every language."""


def lang_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--lang` to a command that takes `--format`, and speaks that language while it runs."""

    @click.option(
        "--lang",
        metavar="LANGUAGE",
        default=ENGLISH.tag,
        envvar="PLAYGATE_LANG",
        help="The language of what people read, such as fr (default: PLAYGATE_LANG, else en).",
    )
    @wraps(command)
    def spoken(*, lang: str, form: str, **given: Any) -> Any:
        language = language_of(lang)
        with using(language if form in _FOR_PEOPLE else ENGLISH):
            return command(form=form, **given)

    return spoken
