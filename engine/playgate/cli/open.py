"""`playgate open`: a new deal, in the first stage or another."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli import completing
from playgate.cli.answer import answer_asked
from playgate.cli.options import FILE, live_command
from playgate.cli.requests import read_pairs

__all__ = ["command"]


@live_command("open")
@click.option(
    "--playbook",
    metavar="PLAYBOOK",
    type=FILE,
    help="The playbook that judges the deal (default: the published one that applies to it).",
)
@click.option(
    "--stage",
    metavar="STAGE",
    shell_complete=completing.stages,
    help="Where it begins (default: the first stage).",
)
def command(**asked: Any) -> int:
    """Open DEAL under a playbook, which the ledger keeps whole and judges it by from then on.

    Of several published playbooks it is the one whose `applies_to` holds for the fields given, in
    its latest version; where none or several do, name it with --playbook.

    Exit status: 0 opened, 1 the stage was refused, 2 wrong input.

    \b
    playgate open D-1042 --playbook bank-sales.yaml amount=12500
    playgate open D-1043 --stage assess-needs --by ann
    """
    asked["fields"] = read_pairs(asked["fields"], "open")
    return answer_asked("open", asked)
