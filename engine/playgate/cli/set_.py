"""`playgate set`: something is known."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.answer import answer_asked
from playgate.cli.options import deal_argument, fields_argument, live_options
from playgate.cli.requests import read_pairs

__all__ = ["command"]


@click.command("set")
@deal_argument
@fields_argument
@live_options(records=True)
def command(**asked: Any) -> int:
    """Record values of DEAL's fields; FIELD= clears one.

    \b
    playgate set D-1042 amount=12500 budget_confirmed=yes
    playgate set D-1042 decision_maker=
    """
    asked["fields"] = read_pairs(asked["fields"], "set")
    return answer_asked("set", ("deal", "fields"), asked)
