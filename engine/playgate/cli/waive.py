"""`playgate waive`: an exception for one rule."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command

__all__ = ["command"]


@live_command("waive")
@click.option("--reason", metavar="TEXT", help="Why: it is shown wherever the waiver counts.")
@click.option("--expires", metavar="DATE", help="The last day (or instant) on which it counts.")
@click.option("--all", is_flag=True, help="RULE is a glob and covers all that it matches.")
def command(**asked: Any) -> int:
    """Make an exception for one RULE on DEAL, with a reason.

    It is listed in every later decision and audit. Where the playbook names who may waive, --by
    must hold such a role, and nobody excuses their own move.

    \b
    playgate waive D-1042 proposal/entry/budget_known --reason "budget comes in May" --by bob
    playgate waive D-1042 "assess-needs/*" --all --reason "from Lyon" --expires 2026-06-30
    """
    return answer_asked("waive", asked)
