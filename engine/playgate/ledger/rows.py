"""Rows of the ledger's tables, as values."""

from __future__ import annotations

from playgate.records import Record

__all__ = [
    "DealRow",
    "DecisionRow",
    "ExperimentRow",
    "MergeRow",
    "MigrationRow",
    "PlaybookRow",
    "RetractionRow",
    "StatementLineRow",
    "StatementRow",
    "TokenRow",
    "WaiverRequestRow",
]


class PlaybookRow(Record):
    """A playbook as it was when its first deal began."""

    sha256: str
    name: str
    version: str
    file: str
    content: bytes
    document: str


class DealRow(Record):
    """A deal: the playbook that judges it, when its first live decision was made, its last
    migration."""

    deal: str
    playbook: str
    first_decision_at: int | None
    migrated_at: int | None = None
    erased: int = 0


class MigrationRow(Record):
    """A deal that was carried over from one version of its playbook to another."""

    deal: str
    at: int
    actor: str
    from_playbook: str
    to_playbook: str
    from_stage: str
    to_stage: str
    policy: str


class ExperimentRow(Record):
    """What came of an experiment under a version of its playbook; `at` is when it was kept."""

    playbook: str
    version: str
    experiment: str
    measure: str
    outcome: str
    difference: float | None
    low: float | None
    high: float | None
    control: int
    """Deals in the arm without the change."""
    treated: int
    at: int


class DecisionRow(Record):
    """A decision as it was recorded; `findings`, `question` and `facts` are JSON.

    Decisions of older ledgers have no id. Of those that were asked for where the CRM keeps the
    record, `question` is what was said and `facts` are the facts that came with it, as evidence.
    Where the ledger keeps it, `question` says whether a deal was opened, and how many values of
    fields stand just before the move (`opens`, `brought`); `facts` are the values that came with a
    move which was refused, as they stand nowhere else.
    """

    deal: str
    at: int
    recorded_at: int
    actor: str
    from_stage: str
    to_stage: str
    allowed: int
    playbook: str
    event_id: str
    findings: str
    decision_id: str = ""
    shadow: int = 0
    governed: int = 1
    note: str = ""
    question: str = ""
    facts: str = ""


class RetractionRow(Record):
    """An event that never happened: who said so, when, and why."""

    deal: str
    event_id: str
    at: int
    actor: str
    reason: str


class MergeRow(Record):
    """A deal that is one with another, by whose id it is known since."""

    deal: str
    into_deal: str
    at: int
    actor: str
    reason: str


class WaiverRequestRow(Record):
    """A waiver that was asked for; `answer` is empty until it is `approved` or `declined`."""

    id: int
    deal: str
    rule: str
    reason: str
    expires: str
    at: int
    actor: str
    answer: str = ""
    answered_at: int | None = None
    answered_by: str = ""
    answer_reason: str = ""
    origin: str = ""
    """From where it was asked for, such as `agent`; empty where that is not told."""


class StatementRow(Record):
    """What a rep was paid in a period, as it was kept: at first, or what was corrected later."""

    id: int
    kept_at: int
    playbook: str
    """Its id, whatever the version."""
    sha256: str
    plan_sha256: str
    starts: int
    ends: int
    """The first instant after the period."""
    as_of: int
    """What was known as of then."""
    currency: str
    rep: str
    kept_by: str


class StatementLineRow(Record):
    """A line of a statement; amounts are exact, as texts, and `place` and `rules` are JSON.

    Where it `corrects`, it is what a line of this kind, part and deal came to later, less what was
    kept of it before.
    """

    at: int
    kind: str
    part: str
    corrects: int
    amount: str
    withheld: str
    place: str
    deal: str
    event_id: str
    said: str
    rules: str


class TokenRow(Record):
    """A token by which somebody asks a server; only the hash of its secret is kept.

    `scopes` are separated by spaces; `actor` is who acts by it, empty where each request says so.
    """

    id: str
    at: int
    hash: str
    scopes: str
    expires_at: int | None
    actor: str
    told_by: str
    name: str
    revoked_at: int | None = None
    revoked_by: str = ""
    used_at: int | None = None
