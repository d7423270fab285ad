"""Facts that come with a question, where the CRM keeps the record: events of the history table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC

from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    OUT_OF_RANGE,
    instants_reader,
    read_instant,
    show_instant,
)
from playgate.conditions.values import Value
from playgate.documents.document import nearest
from playgate.enforce.checks import check_name, check_value, check_words
from playgate.enforce.facts import check_reason
from playgate.enforce.live import SKEW, Live
from playgate.errors import InputError
from playgate.history.event import KINDS, Event
from playgate.judge.vocabulary import vocabulary
from playgate.model.playbook import Playbook

__all__ = [
    "FactRow",
    "fact_rows",
    "new_facts",
    "passed_over",
    "read_facts",
    "same_content",
    "told_facts",
]

FactRow = Mapping[str, object]
"""A fact as it was said: the columns of the history table that it has."""

_REQUIRED = ("happened_at", "kind", "name")
_COLUMNS = ("deal", *_REQUIRED, "value", "actor", "recorded_at", "event_id", "attrs")
_INSTANT = instants_reader(UTC, first=EVENTS_FROM, last=EVENTS_UNTIL)


def read_facts(
    live: Live,
    deal: str,
    playbook: Playbook,
    rows: Sequence[FactRow],
    *,
    ignores_unknown: bool = False,
) -> tuple[list[Event], list[str]]:
    """Reads facts in the words of the playbook; raises `InputError` for the first that is none.

    With `ignores_unknown`, activities and fields that the playbook does not know are passed over;
    their names are returned, too.
    """
    events: list[Event] = []
    ignored: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            event = _event(row, deal, live.now, live.ledger.taken_back.known_as)
            if ignores_unknown and _is_unknown(playbook, event.kind, event.name):
                ignored.append(event.name)
                continue
            _check(live, playbook, event)
        except InputError as error:
            raise InputError(
                f"fact {number}: {error.message}", hint=error.hint, code=error.code
            ) from None
        events.append(event)
    return events, list(dict.fromkeys(ignored))


def passed_over(playbook: Playbook, rows: Iterable[FactRow]) -> tuple[str, ...]:
    """Returns the names in facts, which were read before, that the playbook does not know."""
    told = [(_text("kind", row.get("kind")), _text("name", row.get("name"))) for row in rows]
    return tuple(dict.fromkeys(name for kind, name in told if _is_unknown(playbook, kind, name)))


def _is_unknown(playbook: Playbook, kind: str, name: str) -> bool:
    """Whether a fact is of an activity or a field that the playbook does not know."""
    known = {"activity": playbook.activities, "field": playbook.fields}.get(kind)
    return known is not None and name not in known


def _event(row: FactRow, deal: str, now: int, known_as: Callable[[str], str]) -> Event:
    for column in row:
        if column not in _COLUMNS:
            hint = nearest(column, _COLUMNS) or f"known: {', '.join(_COLUMNS)}"
            raise InputError(f'there is no column "{column[:60]}"', hint=hint, code="unknown-key")
    cells = {column: _text(column, row.get(column)) for column in _COLUMNS if column != "attrs"}
    for column in _REQUIRED:
        if not cells[column].strip():
            raise InputError(f"{column} is missing", code="missing-key")
    if cells["deal"] and deal not in (cells["deal"], known_as(cells["deal"])):
        raise InputError(f"it is of deal {cells['deal']}, not of {deal}", code="wrong-value")
    at = _instant("happened_at", cells["happened_at"])
    if at > now + SKEW:
        hint = f"now is {show_instant(now)}; bring it when it has happened"
        raise InputError("happened_at lies in the future", hint=hint, code="in-the-future")
    recorded = cells["recorded_at"]
    return Event(
        deal,
        at,
        cells["kind"],
        cells["name"],
        cells["value"],
        cells["actor"],
        _instant("recorded_at", recorded) if recorded else at,
        cells["event_id"],
        _attrs(row.get("attrs")),
        0,
        0,
    )


def _text(column: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(getattr(value, "text", None) or json.dumps(value))
    raise InputError(f"{column} must be text, a number, true or false", code="wrong-type")


def _instant(column: str, text: str) -> int:
    found = _INSTANT([text])[0]
    if found is None:
        hint = "write RFC 3339, such as 2026-01-31T14:05:00+01:00"
        message = f'{column} "{text[:60]}" cannot be read as an instant'
        if read_instant(text, UTC) is not None:
            message, hint = f'{column} "{text[:60]}" {OUT_OF_RANGE}', "correct the year"
        raise InputError(message, hint=hint, code="wrong-value")
    return found


def _attrs(value: object) -> str:
    hint = 'write attrs such as {"with": ["decider"]}'
    if value is None or value == "":
        return ""
    try:
        data = json.loads(value) if isinstance(value, str) else value
        if not isinstance(data, dict):
            raise InputError("attrs must be an object", hint=hint, code="wrong-type")
        plain = json.dumps(
            data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (ValueError, RecursionError):
        raise InputError("attrs cannot be read as JSON", hint=hint, code="wrong-type") from None
    return plain if data else ""


def _check(live: Live, playbook: Playbook, event: Event) -> None:
    match event.kind:
        case "stage":
            check_name("stage", event.name, [stage.id for stage in playbook.stages])
        case "activity":
            check_name("activity", event.name, playbook.activities)
            check_words(playbook, event)
        case "field":
            check_name("field", event.name, playbook.fields)
            reads = vocabulary(playbook).readers[event.name](event.value) is not None
            check_value(playbook, event.name, event.value, reads)
        case "waiver":
            check_reason(live, playbook, event.value, event.actor, event.name)
        case kind:
            message = f'there is no kind "{kind[:60]}"'
            raise InputError(message, hint=nearest(kind[:60], KINDS), code="wrong-value")


def same_content(playbook: Playbook) -> Callable[[Event, Event], bool]:
    """Returns a function that tells whether two events say the same, whenever they happened: the
    kind, the name, and the value as its type reads; text is compared trimmed."""
    readers = vocabulary(playbook).readers

    def read(event: Event) -> Value | str | None:
        text = event.value.strip()
        reader = readers.get(event.name) if event.kind == "field" else None
        found = reader(text) if reader else None
        return text if found is None else found

    def same(one: Event, other: Event) -> bool:
        return one.kind == other.kind and one.name == other.name and read(one) == read(other)

    return same


def new_facts(playbook: Playbook, known: Sequence[Event], facts: Iterable[Event]) -> list[Event]:
    """Returns the facts that are not among the known events, each once; raises `InputError` where
    a fact has the id of another event.

    A fact is known where an event has its id, or where one says the same at the same instant and,
    as far as the fact tells them, has its actor and attributes.
    """
    same = same_content(playbook)
    found: list[Event] = []
    for fact in facts:
        known_here = [*known, *found]
        by_id = next((e for e in known_here if fact.event_id and e.event_id == fact.event_id), None)
        if by_id is not None:
            if not same(fact, by_id) or fact.happened_at != by_id.happened_at:
                raise InputError(
                    f"{fact.event_id} is the id of another event: {by_id.kind} {by_id.name},"
                    f" at {show_instant(by_id.happened_at)}",
                    hint="the first that came stays",
                    code="id-taken",
                )
        elif not any(_is(fact, each) and same(fact, each) for each in known_here):
            found.append(fact)
    return found


def _is(fact: Event, known: Event) -> bool:
    return (
        fact.happened_at == known.happened_at
        and fact.actor in ("", known.actor)
        and fact.attrs in ("", known.attrs)
    )


def fact_rows(facts: Iterable[Event]) -> str:
    """Returns facts as rows of the history table, in JSON, as a decision keeps them."""
    return json.dumps(
        [
            {
                "happened_at": show_instant(fact.happened_at),
                "kind": fact.kind,
                "name": fact.name,
                "value": fact.value,
                "actor": fact.actor,
                "recorded_at": show_instant(fact.recorded_at),
                "event_id": fact.event_id,
                "attrs": fact.attrs,
            }
            for fact in facts
        ],
        ensure_ascii=False,
    )


def told_facts(deal: str, rows: Iterable[Mapping[str, str]]) -> list[Event]:
    """Returns facts as events again, as a decision keeps them."""
    return [
        Event(
            deal,
            _instant("happened_at", row["happened_at"]),
            row["kind"],
            row["name"],
            row["value"],
            row["actor"],
            _instant("recorded_at", row["recorded_at"]),
            row["event_id"],
            row["attrs"],
            0,
            0,
        )
        for row in rows
    ]
