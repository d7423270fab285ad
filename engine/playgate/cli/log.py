"""`playgate log`: something was done."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command
from playgate.cli.requests import read_attrs

__all__ = ["command"]


@live_command("log")
@click.option(
    "--with",
    "with",
    multiple=True,
    metavar="PART",
    help="A part that a participant on the customer's side plays (may be repeated).",
)
@click.option("--attr", "attrs", multiple=True, metavar="NAME=VALUE", help="Anything else.")
def command(**asked: Any) -> int:
    """Record that ACTIVITY was done on DEAL, with its OUTCOME.

    \b
    playgate log D-1042 needs_interview completed --with decider
    playgate log D-1042 first_call reached --by ann --at 2026-03-02T09:30:00+01:00
    """
    asked["attrs"] = read_attrs(asked["attrs"])
    asked["with"] = [*asked["with"]] or None
    return answer_asked("log", asked)
