"""`playgate set`: something is known."""

from __future__ import annotations

from typing import Any

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command
from playgate.cli.requests import read_pairs

__all__ = ["command"]


@live_command("set")
def command(**asked: Any) -> int:
    """Record values of DEAL's fields; FIELD= clears one.

    \b
    playgate set D-1042 amount=12500 budget_confirmed=yes
    playgate set D-1042 decision_maker=
    """
    asked["fields"] = read_pairs(asked["fields"], "set")
    return answer_asked("set", asked)
