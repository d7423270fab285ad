"""The words for what was found: levels, verdicts, findings."""

from __future__ import annotations

from typing import Literal, NamedTuple

from playgate.errors import Place
from playgate.records import Record

__all__ = ["LEVELS", "Cause", "Finding", "Level", "RuleInfo", "State", "Witness"]

Level = Literal["block", "warn", "observe"]
LEVELS: tuple[Level, ...] = ("block", "warn", "observe")
"""The levels, from the gravest to the lightest."""

Cause = Literal["logged-late", "late", "missing"]
State = Literal["open", "made-good", "waived"]


class RuleInfo(Record):
    """What people see of a rule; `stage` is empty for rules of the whole deal."""

    id: str
    family: str
    stage: str
    level: Level
    title: str
    place: Place
    why: str = ""
    ask: str = ""
    tools: tuple[str, ...] = ()
    playbook: str = ""
    """The name of the playbook that it stands in."""

    @property
    def key(self) -> tuple[str, str]:
        """The playbook's name and the id: the same rule in every version of its playbook."""
        return self.playbook, self.id


class Witness(NamedTuple):
    """An event that a finding rests on."""

    event_id: str
    kind: str
    name: str
    value: str
    actor: str
    happened_at: int


class Finding(NamedTuple):
    """An unmet or waived verdict on one deal; its instants are microseconds since 1970 in UTC."""

    rule: RuleInfo
    deal: str
    actor: str
    """Who is charged; empty where the history names nobody."""
    due_at: int
    from_stage: str
    to_stage: str
    """Where the deal was moving; empty where the rule was not due at a move."""
    state: State
    cause: Cause | None
    made_good_at: int | None
    message: str
    evidence: tuple[Witness, ...]
    waived_by: str = ""
    waiver_reason: str = ""
    version: str = ""
    """The version of the playbook that judged."""
