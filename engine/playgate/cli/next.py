"""`playgate next`: where the deal stands, what is missing, the shortest way on."""

from __future__ import annotations

from typing import Any

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command

__all__ = ["command"]


@live_command("next")
def command(**asked: Any) -> int:
    """Show where DEAL stands, what is open, what falls due when, and the shortest way on.

    \b
    playgate next D-1042
    playgate next D-1042 --format json
    """
    return answer_asked("next", asked)
