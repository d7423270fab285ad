"""What was kept of a statement, and the lines that correct it: what differs now, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from playgate.errors import InputError, Place
from playgate.language import say
from playgate.ledger.rows import StatementLineRow, StatementRow
from playgate.ledger.statements import Statements
from playgate.model.playbook import Playbook
from playgate.numbers.period import Period
from playgate.pay.model import PayPlan
from playgate.pay.money import EXACT, total
from playgate.pay.periods import pay_periods
from playgate.pay.result import Held, Line, LineKind, PayResult, Statement
from playgate.records import replace

__all__ = ["KeptPay", "as_kept", "check_whole", "keep"]

_Key = tuple[str, str, str]
"""The kind, part and deal of lines: what is paid for."""


class KeptPay:
    """What a ledger keeps of the pay by one playbook."""

    def __init__(self, room: Statements, plan: PayPlan, sha256: str) -> None:
        self._room = room
        self._plan = plan
        self._sha256 = sha256
        self._kept = _by_rep(room.of(plan.playbook))
        self._erased = room.erased()
        self._last_erased = room.last_erased() if self._kept else 0

    def reps(self) -> set[str]:
        """Returns everybody of whom a statement is kept."""
        return set(self._kept)

    def corrected(
        self, rep: str, lines: Sequence[Line], span: Period, as_of: int
    ) -> tuple[Line, ...]:
        """Returns a rep's lines as they are paid: in a period of which a statement was kept by an
        instant, the kept lines and what corrects them; else those of now.

        Raises `InputError` where it was kept in another currency.
        """
        found = list(lines)
        for (start, end), kept in self._periods(rep, span, as_of).items():
            now = [line for line in found if start <= line.at < end]
            found = [line for line in found if not start <= line.at < end]
            found += self._of_period(kept, now)
        return tuple(found)

    def kept_at(self, rep: str, span: Period, as_of: int) -> int | None:
        """Returns when a statement within a span was last kept, or `None` where none was."""
        last = [kept[-1] for kept in self._periods(rep, span, as_of).values()]
        return max((each.kept_at for each in last), default=None)

    def _periods(
        self, rep: str, span: Period, as_of: int
    ) -> Mapping[tuple[int, int], list[StatementRow]]:
        found: dict[tuple[int, int], list[StatementRow]] = {}
        for row in self._kept.get(rep, ()):
            is_whole = span.start <= row.starts and row.ends <= span.end
            if is_whole and row.as_of <= as_of:
                found.setdefault((row.starts, row.ends), []).append(row)
        return found

    def _of_period(self, kept: list[StatementRow], now: list[Line]) -> Iterator[Line]:
        rep, last = kept[0].rep, kept[-1]
        if last.currency != self._plan.currency:
            raise InputError(
                f"the statement of {rep} was kept in {last.currency or 'no currency'}, and the"
                f" plan pays in {self._plan.currency or 'none'}",
                hint="amounts of two currencies are not added up: name the plan of then (--plan)",
                code="wrong-value",
            )
        then = [_line(each, row) for each in kept for row in self._room.lines(each.id)]
        yield from then
        was, comes_to = _by_key(then), _by_key(now)
        for key in {**was, **comes_to}:
            old, new = was.get(key, []), comes_to.get(key, [])
            if not self._is_erased(key, kept) and _amount(new) != _amount(old):
                yield self._correction(last, old, new)

    def _is_erased(self, key: _Key, kept: list[StatementRow]) -> bool:
        """Whether what lines rest on was erased since they were kept: then they stay."""
        kind, _, deal = key
        if kind == "goal":
            return self._last_erased > kept[0].id
        return deal in self._erased

    def _correction(self, last: StatementRow, old: list[Line], new: list[Line]) -> Line:
        """Returns the line by which old lines come to what new ones do."""
        of = (new or old)[-1]
        now = say("now {said}", said=new[-1].said) if new else say("nothing now")
        before = next((line.said for line in old if not line.corrects), say("nothing"))
        said = say(
            "{now}, kept as {before}: {why}", now=now, before=before, why=self._why(last, of.deal)
        )
        return Line(
            rep=of.rep,
            at=of.at,
            kind=of.kind,
            part=of.part,
            deal=of.deal,
            event=of.event,
            amount=EXACT.subtract(_amount(new), _amount(old)),
            withheld=EXACT.subtract(_withheld(new), _withheld(old)),
            said=said,
            rules=tuple(held for line in new for held in line.rules),
            place=of.place,
            supposed=any(line.supposed for line in new),
            corrects=True,
        )

    def _why(self, last: StatementRow, deal: str) -> str:
        """Says what changed since a statement was kept, as far as that can be told."""
        since = self._room.since(last.id, deal) if deal else None
        said = []
        if since is not None and since.recorded:
            said.append(say("{events} recorded since", events=_events(since.recorded)))
        if since is not None and since.retracted:
            said.append(say("{events} retracted since", events=_events(since.retracted)))
        if last.plan_sha256 != self._plan.sha256:
            said.append(say("by another plan"))
        if last.sha256 != self._sha256:
            said.append(say("by another version of the playbook"))
        return ", ".join(said) or say("what it rests on is known otherwise")


_SHOWN = 3
"""How many events are named."""


def _events(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_SHOWN])
    if len(ids) > _SHOWN:
        shown = f"{shown} {say('and {n} more', n=len(ids) - _SHOWN)}"
    return say("events {ids}", ids=shown) if len(ids) > 1 else say("event {id}", id=shown)


def check_whole(result: PayResult, plan: PayPlan, playbook: Playbook) -> None:
    """Raises `InputError` where a result is not of one whole period of the pay that is over."""
    span = Period(result.period, result.start, result.end)
    period = next(pay_periods(span, plan, playbook), None)
    if period is None or (period.start, period.end) != (span.start, span.end):
        raise InputError(
            f"what is kept is one whole {plan.per} that is over",
            hint=f"such as --period 'last {plan.per}'; a later --as-of than its last event says"
            " that it is over",
            code="wrong-value",
        )


def as_kept(result: PayResult, at: int) -> PayResult:
    """Returns a result of which all that was not kept was, at an instant."""

    def kept(statement: Statement) -> Statement:
        lines = tuple(
            line if line.kept is not None else replace(line, kept=at) for line in statement.lines
        )
        is_new = statement.kept is None or lines != statement.lines
        return replace(statement, lines=lines, kept=at if is_new else statement.kept)

    return replace(result, statements=tuple(map(kept, result.statements)))


def keep(room: Statements, result: PayResult, *, at: int, actor: str) -> int:
    """Records the statements of a whole period: those of whom none was kept yet with all their
    lines, of others what corrects them; returns how many that were. Must be called inside a
    transaction.

    Raises `InputError` where somebody else kept one meanwhile, or one was kept as of later.
    """
    before = _by_rep(
        row
        for row in room.of(result.playbook)
        if (row.starts, row.ends) == (result.start, result.end)
    )
    count = 0
    for statement in result.statements:
        theirs = before.get(statement.rep, [])
        _check_untouched(statement, theirs, result.as_of)
        lines = [line for line in statement.lines if line.kept is None]
        if statement.rep and (lines or not theirs):
            room.add(_row(result, statement.rep, at, actor), [_line_row(line) for line in lines])
            count += 1
    return count


def _check_untouched(statement: Statement, theirs: list[StatementRow], as_of: int) -> None:
    if any(row.as_of > as_of for row in theirs):
        raise InputError(
            f"the statement of {statement.rep} was kept as of later",
            hint="a later --as-of corrects it",
            code="wrong-value",
        )
    if (theirs[-1].kept_at if theirs else None) != statement.kept:
        raise InputError(
            f"somebody kept the statement of {statement.rep} meanwhile",
            hint="try again",
            code="ledger-busy",
        )


def _by_rep(rows: Iterable[StatementRow]) -> dict[str, list[StatementRow]]:
    found: dict[str, list[StatementRow]] = {}
    for row in rows:
        found.setdefault(row.rep, []).append(row)
    return found


def _amount(lines: Iterable[Line]) -> Decimal:
    return total(line.amount for line in lines)


def _withheld(lines: Iterable[Line]) -> Decimal:
    return total(line.withheld for line in lines)


def _by_key(lines: Iterable[Line]) -> dict[_Key, list[Line]]:
    found: dict[_Key, list[Line]] = {}
    for line in lines:
        found.setdefault((line.kind, line.part, line.deal), []).append(line)
    return found


# Lines, and the rows that keep them


def _row(result: PayResult, rep: str, at: int, actor: str) -> StatementRow:
    return StatementRow(
        id=0,
        kept_at=at,
        playbook=result.playbook,
        sha256=result.sha256,
        plan_sha256=result.plan_sha256,
        starts=result.start,
        ends=result.end,
        as_of=result.as_of,
        currency=result.currency,
        rep=rep,
        kept_by=actor,
    )


def _line_row(line: Line) -> StatementLineRow:
    rules = [{**held.__dict__, "place": held.place._asdict()} for held in line.rules]
    return StatementLineRow(
        at=line.at,
        kind=line.kind,
        part=line.part,
        corrects=int(line.corrects),
        amount=f"{line.amount:f}",
        withheld=f"{line.withheld:f}",
        place=_json(line.place._asdict()),
        deal=line.deal,
        event_id=line.event,
        said=line.said,
        rules=_json(rules),
    )


def _line(statement: StatementRow, row: StatementLineRow) -> Line:
    return Line(
        rep=statement.rep,
        at=row.at,
        kind=cast(LineKind, row.kind),
        part=row.part,
        deal=row.deal,
        event=row.event_id,
        amount=Decimal(row.amount),
        withheld=Decimal(row.withheld),
        said=row.said,
        rules=tuple(
            Held(
                each["rule"],
                each["state"],
                each["message"],
                Place(**each["place"]),
                tuple(each["events"]),
            )
            for each in json.loads(row.rules)
        ),
        place=Place(**json.loads(row.place)),
        supposed=False,
        corrects=bool(row.corrects),
        kept=statement.kept_at,
    )


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
