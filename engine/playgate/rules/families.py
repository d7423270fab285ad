"""The families of rules: one row each, read by all code that needs to know a family.

A row says when its rules are due and what they ask, in words and as kinds, whether a finding can be
made good, how the live gate takes it, and whether it is work for today.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from playgate.findings import Level
from playgate.language import message
from playgate.records import Record
from playgate.rules import asks, due

__all__ = ["FAMILIES", "AtGate", "Family", "KeySection"]

AtGate = Literal["refuses", "refuses-values", "asks-again", "reports"]
"""What the live gate does with an unmet rule.

It refuses the move at which the rule falls due, or the values of fields at which it does, by
themselves or with a move; or it also refuses later moves until the finding is made good; or it only
reports.
"""


KeySection = Literal["", "fields", "stages", "activities", "sequence", "limits"]
"""The part of a playbook: its top, each field, each stage, each activity of a stage, each sequence,
the limits."""


class Family(Record, kw_only=True):
    """What all rules of one family have in common."""

    name: str
    """The family's name in contracts."""
    section: KeySection
    """The part of a playbook that holds the key that makes such rules."""
    key: str
    """The key that makes such rules; `""` where every playbook has them."""
    due: type[due.Due]
    ask: type[asks.Ask]
    heading: str
    """The heading over such rules where a playbook is shown."""
    unmet: str = message("{title}: {seen} {when}")
    """The message of a finding; `judge/wording.py` fills in the words in braces."""
    made_good: bool
    """Whether a finding can be made good."""
    live: AtGate
    is_work: bool
    """Whether somebody can still work on an open finding."""
    level: Level | None = None
    """The level where `rules` sets none; `None` leaves it to the item, the stage or the
    playbook."""

    @property
    def takes_length(self) -> bool:
        """Whether its key takes only the length of a deadline."""
        return self.due is due.AtDeadline and self.section != "sequence"

    @property
    def is_of_stage_itself(self) -> bool:
        """Whether the stage itself makes the rule, so that the rule moves with the stage."""
        return self.key == "stage"


def _table(*rows: Family) -> Mapping[str, Family]:
    return MappingProxyType({row.name: row for row in rows})


FAMILIES = _table(
    Family(
        name="entered",
        section="stages",
        key="stage",
        due=due.AtPassing,
        ask=asks.Holds,
        heading="not to skip",
        unmet=message("{stage} was not entered before {move}"),
        made_good=True,
        live="asks-again",
        is_work=True,
    ),
    Family(
        name="entry",
        section="stages",
        key="entry",
        due=due.AtEntry,
        ask=asks.Holds,
        heading="to come in",
        made_good=True,
        live="refuses",
        is_work=True,
    ),
    Family(
        name="by",
        section="stages",
        key="by",
        due=due.AtEntry,
        ask=asks.HasRole,
        heading="moved by",
        unmet=message("{title}: {move} is by {actor} ({roles})"),
        made_good=False,
        live="refuses",
        is_work=False,
    ),
    Family(
        name="activity",
        section="stages",
        key="activities",
        due=due.AtPassing,
        ask=asks.Done,
        heading="to do",
        made_good=True,
        live="asks-again",
        is_work=True,
    ),
    Family(
        name="within",
        section="activities",
        key="within",
        due=due.AtDeadline,
        ask=asks.Done,
        heading="in time",
        unmet=message("{title}: {seen} by {at}"),
        made_good=True,
        live="asks-again",
        is_work=True,
    ),
    Family(
        name="every",
        section="activities",
        key="every",
        due=due.AtDeadline,
        ask=asks.Resumed,
        heading="to repeat",
        unmet=message("{title}: nothing from the last one until {at}"),
        made_good=True,
        live="reports",
        is_work=True,
    ),
    Family(
        name="exit",
        section="stages",
        key="exit",
        due=due.AtPassing,
        ask=asks.Holds,
        heading="to leave",
        made_good=True,
        live="asks-again",
        is_work=True,
    ),
    Family(
        name="hold",
        section="stages",
        key="hold",
        due=due.WhileHeld,
        ask=asks.Holds,
        heading="to hold",
        made_good=True,
        live="refuses",
        is_work=True,
    ),
    Family(
        name="time",
        section="stages",
        key="time_limit",
        due=due.AtDeadline,
        ask=asks.Left,
        heading="at most",
        unmet=message("{title}: still in {stage} at {at}"),
        made_good=False,
        live="reports",
        is_work=False,
    ),
    Family(
        name="stage-idle",
        section="stages",
        key="idle",
        due=due.AtDeadline,
        ask=asks.Resumed,
        heading="not idle",
        unmet=message("{title}: nothing from the last one until {at}"),
        made_good=True,
        live="reports",
        is_work=True,
    ),
    Family(
        name="back",
        section="",
        key="",
        due=due.AtMoves,
        ask=asks.GoesOn,
        heading="order",
        unmet=message("back on the track: {move}"),
        level="observe",
        made_good=False,
        live="refuses",
        is_work=False,
    ),
    Family(
        name="reopened",
        section="",
        key="",
        due=due.AtMoves,
        ask=asks.StaysEnded,
        heading="order",
        unmet=message("out of a stage that had ended the deal: {move}"),
        level="observe",
        made_good=False,
        live="refuses",
        is_work=False,
    ),
    Family(
        name="set-by",
        section="fields",
        key="by",
        due=due.AtMatch,
        ask=asks.HasRole,
        heading="field",
        unmet=message("{title}: {actor} ({roles}) set it {when}"),
        made_good=False,
        live="refuses-values",
        is_work=False,
    ),
    Family(
        name="before",
        section="sequence",
        key="before",
        due=due.AtMatch,
        ask=asks.Holds,
        heading="sequence",
        made_good=True,
        live="refuses",
        is_work=True,
    ),
    Family(
        name="after",
        section="sequence",
        key="after",
        due=due.AtDeadline,
        ask=asks.Answered,
        heading="sequence",
        unmet=message("{title}: nothing by {at}{but}"),
        made_good=True,
        live="asks-again",
        is_work=True,
    ),
    Family(
        name="if",
        section="sequence",
        key="if",
        due=due.AsOf,
        ask=asks.Answered,
        heading="sequence",
        unmet=message("{title}: nothing {where}{but}"),
        made_good=False,
        live="reports",
        is_work=True,
    ),
    Family(
        name="until",
        section="sequence",
        key="until",
        due=due.AtDeadline,
        ask=asks.Holds,
        heading="sequence",
        made_good=False,
        live="reports",
        is_work=False,
    ),
    Family(
        name="idle",
        section="limits",
        key="idle",
        due=due.AtDeadline,
        ask=asks.Resumed,
        heading="limit",
        unmet=message("{title}: nothing from the last one until {at}"),
        made_good=True,
        live="reports",
        is_work=True,
    ),
    Family(
        name="age",
        section="limits",
        key="age",
        due=due.AtDeadline,
        ask=asks.Ended,
        heading="limit",
        unmet=message("{title}: still open at {at}"),
        made_good=True,
        live="reports",
        is_work=True,
    ),
    Family(
        name="fit",
        section="",
        key="profiles",
        due=due.AtPassing,
        ask=asks.Holds,
        heading="profile",
        made_good=True,
        live="refuses",
        is_work=True,
    ),
)
