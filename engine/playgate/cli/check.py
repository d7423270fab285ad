"""`playgate check`: what `move` would decide, changing nothing."""

from __future__ import annotations

from typing import Any

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command
from playgate.cli.requests import read_pairs

__all__ = ["command"]


@live_command("check")
def command(**asked: Any) -> int:
    """Say what moving DEAL into STAGE would be answered; nothing is recorded.

    Exit status: 0 would be allowed, 1 would be refused, 2 wrong input.

    \b
    playgate check D-1042 proposal
    playgate check D-1042 proposal amount=12500 --by ann --format json
    """
    asked["fields"] = read_pairs(asked["fields"], "check")
    return answer_asked("check", asked)
