"""`playgate merge`: two deals that are one."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command

__all__ = ["command"]


@live_command("merge")
@click.option("--reason", metavar="TEXT", help="Why: it is shown in the deal's history.")
def command(**asked: Any) -> int:
    """Make DEAL one with the deal INTO, by whose id it is known from now on.

    Events, decisions, waivers and what an import brings later of DEAL are then INTO's, and commands
    about DEAL are about INTO. Both must be under the same version of their playbook. Nothing takes
    it apart again.

    \b
    playgate merge D-1043 D-1042 --reason "opened twice"
    """
    return answer_asked("merge", asked)
