"""`playgate retract`: an event that never happened."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command

__all__ = ["command"]


@live_command("retract")
@click.option("--reason", metavar="TEXT", help="Why: it is shown in the deal's history.")
def command(**asked: Any) -> int:
    """Say of an EVENT of DEAL, by its id, that it never happened.

    Nothing is judged by it from now on: no move, no audit, no number. `history` shows both. Its id
    stays taken, so an import that brings it again does not revive it; what did happen after all is
    recorded anew, with an --id of its own.

    \b
    playgate history D-1042
    playgate retract D-1042 e-8d3f0a61c2b94e57 --reason "logged on the wrong deal"
    """
    return answer_asked("retract", asked)
