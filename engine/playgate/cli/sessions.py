"""The file of sessions and lessons that were held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from playgate.cli.options import FILE
from playgate.errors import InputError

if TYPE_CHECKING:
    from playgate.numbers.sessions import Sessions
    from playgate.numbers.survey import Survey

__all__ = ["held_sessions", "sessions_option"]

sessions_option = click.option(
    "--sessions",
    metavar="FILE",
    type=FILE,
    help="Who was met when: a CSV with actor and date, and what for lessons of who is new.",
)


def held_sessions(path: str | None, survey: Survey) -> Sessions | None:
    """Returns what was held, where a file says so; raises `InputError` at its first problem."""
    if path is None:
        return None
    from playgate.numbers.sessions import read_sessions

    held, problems = read_sessions(path, survey)
    if problems:
        first = problems[0]
        raise InputError(
            f"{first.file}:{first.line}: {first.reason}", hint=first.hint, code="wrong-file"
        )
    return held
