"""`playgate allowed`: for every stage, whether a move would be let through."""

from __future__ import annotations

from typing import Any

from playgate.cli.answer import answer_asked
from playgate.cli.options import live_command

__all__ = ["command"]


@live_command("allowed")
def command(**asked: Any) -> int:
    """Say of every stage whether DEAL would be let in now, and what is missing.

    What a card in a CRM shows, in one call; nothing is recorded.

    \b
    playgate allowed D-1042
    playgate allowed D-1042 --by ann --format json
    """
    return answer_asked("allowed", asked)
