"""Moves of the CRM against decisions of the gate: what was gated, what went past it, what was
allowed and never made, and what was allowed on facts that never came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from playgate.conditions.durations import read_duration
from playgate.enforce.decide import decide
from playgate.enforce.given import same_content, told_facts
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import IMPORTED, Event, read_attrs
from playgate.ledger.head import Head
from playgate.ledger.matching import WINDOW, behind, counts, moves_of
from playgate.ledger.rows import DealRow, DecisionRow
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = ["Reconciled", "Reconciliation", "Result", "gated_events", "reconcile", "window_of"]

Result = Literal[
    "gated", "past-the-gate", "allowed-but-not-made", "allowed-on-facts-that-never-came"
]


class Reconciled(Record, kw_only=True):
    """One move of the CRM, one decision, or both where they belong together."""

    result: Result
    deal: str
    from_stage: str
    to_stage: str
    at: int
    """When the move was made; of a decision without one, when it was asked for."""
    actor: str
    event_id: str = ""
    origin: str = ""
    """How the CRM says that the move came about; empty where there is no move."""
    decision_id: str = ""
    decided_at: int | None = None
    asked_by: str = ""
    would_allow: bool | None = None
    """What the gate would have said to a move that went past it; `None` where it was asked."""
    governed: bool = True
    rules: tuple[str, ...] = ()
    """The rules that would have refused it."""
    facts: tuple[Event, ...] = ()
    """The facts that a decision rests on and that never came."""
    settled: bool = True
    """Whether an import came after the window had closed; until then the rest may still come."""


class Reconciliation(Record, kw_only=True):
    """All that was found."""

    window: int
    since: int | None
    at: int
    imported_at: int | None
    """When the last import ended; `None` where there was none."""
    deals: int
    """How many deals have met the gate."""
    items: tuple[Reconciled, ...]
    head: Head | None = None
    """The last entry of the ledger as of this."""

    def of(self, result: Result) -> tuple[Reconciled, ...]:
        """Returns what has this result."""
        return tuple(item for item in self.items if item.result == result)


def window_of(text: str) -> int:
    """Returns the microseconds of a window that is written as a duration; raises `InputError` where
    it is none that the clock alone tells."""
    duration = read_duration(text)
    elapsed = duration.elapsed if duration is not None else None
    if elapsed is None:
        hint = "write it as 15 minutes or 2 hours"
        raise InputError(f'window: "{text}" is no length', hint=hint, code="wrong-value")
    return elapsed


def gated_events(live: Live, deal: str) -> frozenset[str]:
    """Returns the ids of a deal's moves that a decision stands behind."""
    row = live.row(deal)
    moves = moves_of(live.ledger.events.of(deal), _stages(live, row))
    return frozenset(moves[each].event_id for each in behind(moves, live.ledger.decisions.of(deal)))


def reconcile(live: Live, *, window: int = WINDOW, since: int | None = None) -> Reconciliation:
    """Matches the moves of all deals that have met the gate with its decisions; `since` leaves out
    what was earlier."""
    first = live.ledger.deals.first_decisions()
    imported_at = live.ledger.settings.imported_at()
    items = [
        item
        for deal in first
        for item in _of_deal(live, live.row(deal), window, imported_at or 0)
        if since is None or item.at >= since
    ]
    return Reconciliation(
        window=window,
        since=since,
        at=live.now,
        imported_at=imported_at,
        deals=len(first),
        items=tuple(sorted(items, key=lambda each: (each.at, each.deal, each.result))),
        head=live.ledger.log.head(),
    )


def _of_deal(live: Live, row: DealRow, window: int, imported_at: int) -> Iterator[Reconciled]:
    events = live.ledger.events.of(row.deal)
    decisions = live.ledger.decisions.of(row.deal)
    moves = moves_of(events, _stages(live, row))
    matched = behind(moves, decisions, window=window)
    yield from _moves(live, row, moves, decisions, matched)
    with_move = frozenset(matched.values())
    recorded = {event.event_id for event in events if event.kind == "stage"}
    for place, decision in enumerate(decisions):
        if not counts(decision):
            continue
        settled = decision.at + window < imported_at
        if place not in with_move and decision.event_id not in recorded:
            yield _of_decision("allowed-but-not-made", decision, settled=settled)
        missing = _never_came(live, events, decision, window)
        if missing:
            yield _of_decision(
                "allowed-on-facts-that-never-came", decision, settled=settled, facts=missing
            )


def _moves(
    live: Live,
    row: DealRow,
    moves: Sequence[Event],
    decisions: Sequence[DecisionRow],
    matched: Mapping[int, int],
) -> Iterator[Reconciled]:
    """Yields the moves that the CRM made: gated, or past the gate since the deal met it."""
    first = row.first_decision_at or 0
    for number, move in enumerate(moves):
        if move.source != IMPORTED:
            continue
        before = moves[number - 1].name if number else ""
        if number in matched:
            yield _gated(move, before, decisions[matched[number]])
        elif move.happened_at >= first:
            yield _past_the_gate(live, row, move, before)


def _gated(move: Event, before: str, decision: DecisionRow) -> Reconciled:
    return Reconciled(
        result="gated",
        deal=move.deal,
        from_stage=before,
        to_stage=move.name,
        at=move.happened_at,
        actor=move.actor,
        event_id=move.event_id,
        origin=_origin(move),
        decision_id=decision.decision_id,
        decided_at=decision.at,
        asked_by=decision.actor,
    )


def _of_decision(
    result: Result, decision: DecisionRow, *, settled: bool, facts: tuple[Event, ...] = ()
) -> Reconciled:
    return Reconciled(
        result=result,
        deal=decision.deal,
        from_stage=decision.from_stage,
        to_stage=decision.to_stage,
        at=decision.at,
        actor=decision.actor,
        decision_id=decision.decision_id,
        decided_at=decision.at,
        asked_by=decision.actor,
        facts=facts,
        settled=settled,
    )


def _past_the_gate(live: Live, row: DealRow, move: Event, before: str) -> Reconciled:
    """Returns a move that no decision stands behind, with what the gate would have said then."""
    at = move.happened_at
    playbook, events = _as_of(live, row, at)
    judge = live.judge(playbook)
    place = next(i for i, event in enumerate(events) if event.event_id == move.event_id)
    known = [
        event
        for number, event in enumerate(events)
        if number < place or (event.kind != "stage" and event.happened_at <= at)
    ]
    ruling = decide(
        judge, live.reader(judge), known, events[place], since=row.first_decision_at, now=at
    )
    return Reconciled(
        result="past-the-gate",
        deal=row.deal,
        from_stage=before,
        to_stage=move.name,
        at=at,
        actor=move.actor,
        event_id=move.event_id,
        origin=_origin(move),
        would_allow=ruling.allowed,
        governed=ruling.governed,
        rules=tuple(each.rule.rule.info.id for each in ruling.answers if each.refuses),
    )


def _as_of(live: Live, row: DealRow, at: int) -> tuple[Playbook, list[Event]]:
    """Returns the version that judged a deal at an instant, and its events in order, in the words
    of that version."""
    events = live.ledger.events.of(row.deal)
    if row.migrated_at is None:
        playbook = live.playbook(row.playbook)
    else:
        carried = live.carried(row.deal)
        then = next((each for each in carried.until if at < each.at), carried)
        playbook, events = then.playbook, [*then.translate(events)]
    return playbook, sorted(events, key=lambda event: event.happened_at)


def _never_came(
    live: Live, events: Sequence[Event], decision: DecisionRow, window: int
) -> tuple[Event, ...]:
    """Returns the facts of a decision that no event of the ledger equals.

    An event equals a fact where it says the same, and has its id or lies within the window of it;
    a value also came where the field holds it already.
    """
    if not decision.facts:
        return ()
    same = same_content(live.playbook(decision.playbook))

    def came(fact: Event) -> bool:
        return any(
            same(fact, event)
            and (
                fact.event_id == event.event_id
                or abs(fact.happened_at - event.happened_at) <= window
            )
            for event in [*events, *_value_at(events, fact)]
        )

    facts = told_facts(decision.deal, json.loads(decision.facts))
    return tuple(fact for fact in facts if not came(fact))


def _value_at(events: Sequence[Event], fact: Event) -> Iterator[Event]:
    """Yields the last event by a fact's instant of the field that it gives a value."""
    values = [
        event
        for event in events
        if event.kind == fact.kind == "field"
        and event.name == fact.name
        and event.happened_at <= fact.happened_at
    ]
    if values:
        last = max(values, key=lambda event: event.happened_at)
        yield last._replace(happened_at=fact.happened_at)


def _stages(live: Live, row: DealRow) -> frozenset[str]:
    """Returns the stages of all versions that have judged a deal."""
    versions = {row.playbook}
    if row.migrated_at is not None:
        versions.update(each.from_playbook for each in live.ledger.migrations.of(row.deal))
    return frozenset(stage.id for sha256 in versions for stage in live.playbook(sha256).stages)


def _origin(move: Event) -> str:
    origin = read_attrs(move).get("origin")
    return origin if isinstance(origin, str) and origin else "import"
