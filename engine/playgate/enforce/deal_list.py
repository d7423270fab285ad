"""The deals of a ledger as a list: where each stands, what is open, what falls due when."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playgate.conditions.facts import DueAt
from playgate.enforce.decide import deal_as_of
from playgate.enforce.gate import not_governed
from playgate.enforce.live import Live, last_move
from playgate.enforce.standing import deadlines_ahead
from playgate.enforce.values import Ahead
from playgate.findings import Finding
from playgate.history.deal import Deal
from playgate.history.event import Event
from playgate.judge.after_verdict import charged_to
from playgate.judge.deadlines import gaps
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.ledger.head import Head
from playgate.ledger.rows import DealRow
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.asks import Left, Resumed
from playgate.rules.due import AtDeadline, patterns_of

__all__ = ["DealLine", "DealList", "Wanted", "list_deals"]


class Wanted(Record, kw_only=True):
    """Which deals are listed; an empty part wants all."""

    reps: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    playbooks: frozenset[str] = frozenset()
    """Names, or `NAME@VERSION`."""
    deals: frozenset[str] = frozenset()
    """By their ids."""
    overdue: bool = False
    """Only deals with a deadline that was missed and is still to be made good."""
    due_by: Callable[[Playbook], int] | None = None
    """Tells the instant until which something must fall due; for each playbook, as its calendar
    has it."""
    ended: bool = False
    """Deals that ended, too."""


class DealLine(Record, kw_only=True):
    """Where one deal stands."""

    deal: str
    playbook: str
    version: str
    stage: str
    """Empty where it has not entered any."""
    stage_title: str
    ends: str
    """`won` or `lost`; empty while the deal is open."""
    governed: bool
    note: str
    """Why its playbook does not govern it; else empty."""
    rep: str
    """Who would be charged with a deadline that is missed now."""
    rep_name: str
    team: str
    since: int | None
    """Since when it has been in its stage."""
    last_at: int | None
    """When something last happened to it."""
    open_findings: tuple[Finding, ...]
    """Those that are unmet and not made good, at `block` and `warn`."""
    overdue: tuple[Finding, ...]
    """Those of them whose deadline was missed."""
    ahead: tuple[Ahead, ...]
    stuck_since: int | None
    """Since when it has been in its stage for longer than the playbook gives."""
    idle_since: int | None
    """Since when it has been silent for longer than the playbook gives."""

    def attention(self) -> tuple[object, ...]:
        """Returns what sorts deals by how much they need attention, the neediest first."""
        counts = [sum(f.rule.level == level for f in self.open_findings) for level in _ACTED_ON]
        due = self.ahead[0].due_at if self.ahead else None
        return (
            bool(self.ends),
            not self.overdue,
            *(-count for count in counts),
            due is None,
            due,
            self.since is None,
            self.since,
            self.deal,
        )


class DealList(Record, kw_only=True):
    """The deals that were wanted, the neediest first."""

    at: int
    deals: tuple[DealLine, ...]
    head: Head | None = None
    """The last entry of the ledger as of this."""


_ACTED_ON = ("block", "warn")


def list_deals(live: Live, wanted: Wanted, *, at: int) -> DealList:
    """Returns the deals of the ledger as of an instant."""
    found = [line for row in _rows(live, wanted) for line in _line(live, row, wanted, at)]
    lines = tuple(sorted(found, key=DealLine.attention))
    return DealList(at=at, deals=lines, head=live.ledger.log.head())


def _rows(live: Live, wanted: Wanted) -> Iterator[DealRow]:
    if wanted.deals:
        yield from map(live.row, sorted(wanted.deals))
        return
    for row in live.ledger.playbooks.all():
        names = {row.name, f"{row.name}@{row.version}"}
        if not wanted.playbooks or not names.isdisjoint(wanted.playbooks):
            yield from live.ledger.deals.under(row.sha256)


def _line(live: Live, row: DealRow, wanted: Wanted, at: int) -> Iterator[DealLine]:
    """Yields the deal where it is wanted; what is cheap to tell is asked first."""
    playbook = live.pinned(row)
    events = live.events(row)
    last_at = max((e.happened_at for e in events if e.happened_at <= at), default=None)
    if last_at is None:
        return
    stage, since, _ = last_move(playbook, events, until=at)
    ends = (playbook.stage(stage).ends or "") if stage else ""
    if (ends and not wanted.ended) or (wanted.stages and stage not in wanted.stages):
        return
    judge = live.judge(playbook)
    seen = deal_as_of(live.reader(judge), row.deal, events, at=at, now=live.now)
    rep = charged_to(seen, DueAt(at, -1, seen.instant_moment(at)))
    people = live.people()
    person = people.person(rep) if people else None
    team = person.team if person else ""
    if (wanted.reps and rep not in wanted.reps) or (wanted.teams and team not in wanted.teams):
        return
    governed = judge.governs(seen)
    unmet = _unmet(judge, seen) if governed else []
    found = [] if not governed else _open(live, judge, seen, unmet)
    line = DealLine(
        deal=row.deal,
        playbook=playbook.name,
        version=str(playbook.version),
        stage=stage,
        stage_title=playbook.stage(stage).title if stage else "",
        ends=ends,
        governed=governed,
        note="" if governed else not_governed(playbook),
        rep=rep,
        rep_name=person.name if person else "",
        team=team,
        since=since,
        last_at=last_at,
        open_findings=tuple(finding for _, finding in found),
        overdue=tuple(f for rule, f in found if isinstance(rule.rule.due, AtDeadline)),
        ahead=_ahead(live, judge, seen, events, at) if governed else (),
        stuck_since=None if ends else _overrun(judge, unmet, Left, stage, since, at),
        idle_since=_overrun(judge, unmet, Resumed, stage, _silent_since(seen), at),
    )
    if _is_due(line, playbook, wanted):
        yield line


def _is_due(line: DealLine, playbook: Playbook, wanted: Wanted) -> bool:
    if wanted.overdue:
        return bool(line.overdue)
    if wanted.due_by is None:
        return True
    until = wanted.due_by(playbook)
    return any(each.due_at <= until for each in line.ahead)


_Unmet = list[tuple[CompiledRule, Verdict]]


def _unmet(judge: Judge, seen: Deal) -> _Unmet:
    return [
        (rule, verdict)
        for rule, verdict in zip(judge.rules, judge.judge(seen), strict=True)
        if verdict is not None and verdict.verdict == "unmet"
    ]


def _open(
    live: Live, judge: Judge, seen: Deal, unmet: _Unmet
) -> list[tuple[CompiledRule, Finding]]:
    """Returns what is not made good, and still work for somebody."""
    explainer = live.explainer(judge)
    found = [
        (rule, explainer.finding(rule, seen, verdict))
        for rule, verdict in unmet
        if rule.rule.row.is_work and rule.rule.info.level in _ACTED_ON
    ]
    return [each for each in found if each[1].state == "open"]


def _ahead(live: Live, judge: Judge, seen: Deal, events: list[Event], at: int) -> tuple[Ahead, ...]:
    return deadlines_ahead(judge, live.reader(judge), seen.id, events, at=at, now=live.now)


def _silent_since(seen: Deal) -> int | None:
    """Returns when the last step was taken that leaves the deal open, `None` where it is ended."""
    return next((gap.at for gap in gaps(seen) if gap.following is None), None)


def _overrun(
    judge: Judge, unmet: _Unmet, ask: type[Left | Resumed], stage: str, since: int | None, at: int
) -> int | None:
    """Returns since when a deal has been where it is, or silent, for longer than its rules give.

    Where only some activities are waited for, others may have come: that is no silence.
    """
    if since is None:
        return None
    dues = [
        rule.rule.due.length.after(judge.playbook.calendar)(since)
        for rule, _ in unmet
        if isinstance(rule.rule.ask, ask)
        and isinstance(rule.rule.due, AtDeadline)
        and rule.rule.due.length is not None
        and rule.rule.info.stage in ("", stage)
        and not patterns_of(rule.rule.due)
    ]
    return min((due for due in dues if due <= at), default=None)
