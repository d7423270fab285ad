"""`playgate history`: the deal's events and decisions."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli import completing
from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command

__all__ = ["command"]


@live_command("history")
@click.option(
    "--by",
    "only",
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Only what this one did.",
)
@click.option("--at", metavar="T", help="Only what had happened by then.")
def command(**asked: Any) -> int:
    """Show DEAL's events, decisions, waivers and migrations in the order in which they happened.

    \b
    playgate history D-1042
    playgate history D-1042 --by ann --at 2026-03-31 --format json
    """
    return answer_asked("history", asked)
