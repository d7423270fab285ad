"""The live commands: whether each records, and where its answer stands.

Every start of the command line reads this table, so it holds names only: the one room that answers
is imported when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from playgate.records import Record

if TYPE_CHECKING:
    from types import ModuleType

    from playgate.enforce.live import Live
    from playgate.enforce.values import OneResult

__all__ = ["COMMANDS", "Answer", "Command", "Request", "answer_of"]

Request = Mapping[str, Any]
"""One thing to do: `command` and what it takes, as `schemas/request.schema.json` has it."""
Answer = Callable[["Live", Request], "OneResult"]
"""Answers a request about one deal; where it records, it must be called inside a transaction."""


class Command(Record, kw_only=True):
    """What a live command does."""

    answer: str
    """The room of `enforce/answers/` that answers it, and its function."""
    records: bool = False
    """Whether it writes into the ledger."""
    takes_back: bool = False
    """Whether it is about deals as they were called before any were merged."""


COMMANDS: Mapping[str, Command] = {
    "open": Command(answer="new_deals.open_deal", records=True),
    "log": Command(answer="facts.log", records=True),
    "set": Command(answer="set_fields.set_fields", records=True),
    "move": Command(answer="moves.move", records=True),
    "check": Command(answer="moves.check"),
    "ask": Command(answer="new_deals.ask", records=True),
    "allowed": Command(answer="allowed.allowed"),
    "waive": Command(answer="facts.waive", records=True),
    "waiver-request": Command(answer="asides.request_waiver", records=True),
    "waiver-approve": Command(answer="asides.approve_waiver", records=True),
    "waiver-decline": Command(answer="asides.decline_waiver", records=True),
    "retract": Command(answer="asides.retract", records=True, takes_back=True),
    "merge": Command(answer="asides.merge", records=True, takes_back=True),
    "next": Command(answer="standing.stands"),
    "history": Command(answer="standing.history"),
}
"""Every live command by its name."""


def answer_of(command: str) -> Answer:
    """Returns what answers a command."""
    room, _, name = COMMANDS[command].answer.partition(".")
    answer: Answer = getattr(_room(room), name)
    return answer


@cache
def _room(name: str) -> ModuleType:
    return import_module(f"playgate.enforce.answers.{name}")
