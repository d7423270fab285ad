"""`playgate history`: the deal's events and decisions."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli import completing
from playgate.cli.answer import answer_asked
from playgate.cli.options import batch_option, db_option, deal_argument, form_option

__all__ = ["command"]


@click.command("history")
@deal_argument
@click.option(
    "--by",
    "only",
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Only what this one did.",
)
@click.option("--at", metavar="T", help="Only what had happened by then.")
@db_option
@form_option
@batch_option
def command(**asked: Any) -> int:
    """Show DEAL's events, decisions, waivers and migrations in the order in which they happened.

    \b
    playgate history D-1042
    playgate history D-1042 --by ann --at 2026-03-31 --format json
    """
    return answer_asked("history", ("deal",), asked)
