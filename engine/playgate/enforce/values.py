"""What the live commands answer with."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.enforce.remedy import Remedy
from playgate.errors import InputError
from playgate.findings import Finding
from playgate.history.event import Event
from playgate.ledger.head import Head
from playgate.ledger.rows import WaiverRequestRow
from playgate.ledger.settings import RecordKeeper
from playgate.records import Record

__all__ = [
    "Ahead",
    "Allowed",
    "Course",
    "CourseEntry",
    "Decision",
    "Decisions",
    "LiveResult",
    "Merged",
    "NotDecided",
    "OneResult",
    "RecordedFact",
    "Retracted",
    "StageAnswer",
    "Standing",
    "UnmetRule",
    "WaiverRequest",
    "WaiverRequests",
    "id_of",
    "nothing_known",
]


class UnmetRule(Record):
    """A rule that the attempt does not meet, and what to do about it."""

    finding: Finding
    refuses: bool
    remedies: tuple[Remedy, ...]
    waivable_by: tuple[str, ...] | None
    """Roles that may waive it; `None`: anybody may."""
    asker_may_waive: bool = True
    """Whether who asked may waive it at once."""


class Decision(Record, kw_only=True):
    """The answer to an attempted move, or to the question whether one may be made."""

    deal: str
    playbook: str
    version: str
    sha256: str
    at: int
    actor: str
    from_stage: str
    to_stage: str
    allowed: bool
    recorded: bool
    """Whether the ledger has it; `check` records nothing."""
    event_id: str
    demands: tuple[UnmetRule, ...] = ()
    note: str = ""
    """Why nothing was judged: the deal is there already, was moved meanwhile, or is not governed.
    Or why a move that the judge lets pass is refused all the same."""
    governed: bool | None = None
    """Whether the playbook governs the deal as of the move; `None` where that was not asked."""
    shadow: bool = False
    """Whether the ledger only shadows, so that the move is let through whatever the judge says."""
    would_refuse: bool = False
    """Whether the move would be refused if the ledger did not only shadow."""
    decision_id: str = ""
    """The id of the decision; empty where none is recorded."""
    is_question: bool = False
    """Whether only the decision is recorded, as the CRM keeps the record and makes the move."""
    ignored: tuple[str, ...] = ()
    """Fields that the playbook does not know, and that were to be passed over."""
    fields: tuple[str, ...] = ()
    """The fields whose values were asked about; empty where a move was."""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class NotDecided(Record):
    """A deal of several that could not be asked about."""

    deal: str
    error: InputError


class Decisions(Record):
    """The answers to one request about several deals, in its order."""

    each: tuple[Decision | NotDecided, ...]
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class RecordedFact(Record):
    """A fact that was recorded, or was known already."""

    deal: str
    events: tuple[Event, ...]
    added: int
    note: str = ""
    ignored: tuple[str, ...] = ()
    """Fields that the playbook does not know, and that were to be passed over."""
    demands: tuple[UnmetRule, ...] = ()
    """The rules that values of fields do not meet, and that do not refuse them."""
    would_refuse: bool = False
    """Whether they would be refused if the ledger did not only shadow."""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


def nothing_known(deal: str, ignored: Sequence[str]) -> RecordedFact:
    """Returns what is answered where all fields that were given are passed over."""
    note = "the playbook knows none of these fields: nothing was recorded"
    return RecordedFact(deal, (), 0, note, tuple(ignored))


class Ahead(Record):
    """A deadline that is still ahead."""

    rule: str
    title: str
    due_at: int


class Standing(Record, kw_only=True):
    """Where a deal stands."""

    deal: str
    playbook: str
    version: str
    at: int
    stage: str
    stage_title: str
    since: int | None
    open_findings: tuple[Finding, ...]
    ahead: tuple[Ahead, ...]
    next_stage: str
    decision: Decision | None
    """What a move into the next stage would be answered now."""
    governed: bool
    """Whether the playbook governs the deal, so that a move is judged."""
    note: str
    """Why it does not; else empty."""
    record: RecordKeeper
    next_title: str = ""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class StageAnswer(Record):
    """What a move into one stage would be answered."""

    stage: str
    title: str
    ends: str
    """`won` or `lost`; empty where the stage does not end the deal."""
    decision: Decision


class Allowed(Record, kw_only=True):
    """What moves of a deal would be let through now, and what is missing for the others."""

    deal: str
    playbook: str
    version: str
    at: int
    actor: str
    stage: str
    governed: bool
    record: RecordKeeper
    stages: tuple[StageAnswer, ...]
    """Every stage of the playbook, in its order."""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class CourseEntry(Record, kw_only=True):
    """One line of a deal's history: an event, a decision, a migration, what was taken back, or a
    waiver that was asked for."""

    at: int
    recorded_at: int
    kind: str
    name: str
    value: str
    actor: str
    event_id: str
    live: bool
    allowed: bool | None = None
    """Whether a decision allowed the move; `None` where the entry is no decision."""
    rules: tuple[str, ...] = ()
    """The rules that refused a decision."""
    from_stage: str = ""
    """The stage that a migrated deal was in, by its name until then."""
    to_stage: str = ""
    policy: str = ""
    decision_id: str = ""
    shadow: bool = False
    would_refuse: bool = False
    """Whether a decision in shadow let through what would have been refused."""
    note: str = ""
    """Of a decision: why no rule was asked, or why it refused all the same."""
    retracted: bool = False
    """Whether an event never happened, as was said later."""


class Course(Record):
    """All that happened to a deal, in order."""

    deal: str
    entries: tuple[CourseEntry, ...]
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class Retracted(Record):
    """An event of a deal that never happened."""

    deal: str
    event: Event
    reason: str
    note: str = ""
    """Says that it was retracted before, and that nothing was changed."""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class Merged(Record, kw_only=True):
    """A deal whose events are another's now."""

    deal: str
    into: str
    events: int = 0
    """How many events came over."""
    doubles: int = 0
    """How many of them the other had already."""
    note: str = ""
    """Says that they were one before, and that nothing was changed."""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""


class WaiverRequest(Record):
    """A waiver that was asked for, and who may answer."""

    row: WaiverRequestRow
    may_answer: tuple[str, ...] | None
    """Roles that may; `None`: anybody but who asked."""
    note: str = ""
    head: Head | None = None
    """Of the ledger, as of the answer; `None` within another answer."""

    @property
    def id(self) -> str:
        """The id by which people speak of it."""
        return id_of(self.row)

    @property
    def deal(self) -> str:
        """The deal that it is about."""
        return self.row.deal


class WaiverRequests(Record):
    """Several of them."""

    each: tuple[WaiverRequest, ...]
    head: Head | None = None
    """Of the ledger, as of the answer."""


def id_of(row: WaiverRequestRow) -> str:
    """Returns the id by which people speak of a request."""
    return f"w-{row.id}"


OneResult = (
    Allowed | Decision | RecordedFact | Standing | Course | Retracted | Merged | WaiverRequest
)
"""What a live command answers about one deal."""
LiveResult = OneResult | Decisions
"""What a live command answers."""
