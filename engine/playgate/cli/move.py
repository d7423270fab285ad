"""`playgate move`: ask the gate, and move."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli import completing
from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command
from playgate.cli.requests import read_pairs

__all__ = ["command"]


@live_command("move")
@click.option(
    "--from",
    "from",
    metavar="STAGE",
    shell_complete=completing.stages,
    help="Only if the deal is in this stage now.",
)
def command(**asked: Any) -> int:
    """Move DEAL into STAGE, if the playbook lets it.

    What is known besides is recorded with the move, or not at all. Exit status: 0 moved, 1 refused
    (every unmet rule is shown), 2 wrong input.

    \b
    playgate move D-1042 proposal
    playgate move D-1042 proposal amount=12500 budget_confirmed=yes
    playgate move D-1042 proposal --by ann --at 2026-03-05T10:00:00+01:00 --format json
    """
    asked["fields"] = read_pairs(asked["fields"], "move")
    return answer_asked("move", asked)
