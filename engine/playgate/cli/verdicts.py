"""`--verdicts`: every verdict of an audit as a row of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from playgate.audit.verdict_rows import VerdictSink
from playgate.cli.options import FILE

__all__ = ["verdicts_option", "verdicts_to"]

verdicts_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--verdicts",
    metavar="FILE",
    type=FILE,
    help="Write every verdict there, a row each; the name says how (.csv, .ndjson, .parquet).",
)


@contextmanager
def verdicts_to(path: str | None) -> Iterator[VerdictSink | None]:
    """Opens the file of verdicts, where there is to be one; it appears whole or not at all."""
    if path is None:
        yield None
        return
    from playgate.report.verdicts_file import open_verdicts

    with open_verdicts(path) as file:
        yield file
