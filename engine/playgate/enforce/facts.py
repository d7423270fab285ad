"""Facts, as the live commands record them: what was done, what is known, what is excused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from playgate.conditions.instants import day_end, show_instant
from playgate.documents.document import nearest
from playgate.enforce.checks import check_name, check_value, check_words
from playgate.enforce.live import Live
from playgate.enforce.values import RecordedFact
from playgate.errors import InputError
from playgate.history.event import Event, event_id
from playgate.judge.vocabulary import vocabulary
from playgate.model.playbook import Playbook
from playgate.rules.list import glob_matches
from playgate.rules.waiving import Roles

__all__ = [
    "KNOWN",
    "check_all_fields",
    "check_ids",
    "check_reason",
    "field_events",
    "keeps_record",
    "log",
    "may_waive",
    "new_event",
    "record",
    "waive",
]

KNOWN = "known already: nothing was changed"


def log(
    live: Live,
    deal: str,
    activity: str,
    outcome: str,
    *,
    at: int,
    actor: str,
    attrs: Mapping[str, object],
    known_id: str = "",
) -> RecordedFact:
    """Records that something was done."""
    keeps_record(live, "log", "the CRM keeps it, and an import or a question brings it here")
    playbook = live.playbook(live.row(deal).playbook)
    check_name("activity", activity, playbook.activities)
    event = new_event(live, deal, "activity", activity, outcome, at, actor, attrs, known_id)
    check_words(playbook, event)
    return record(live, deal, [event], known_id)


def field_events(
    live: Live,
    deal: str,
    playbook: Playbook,
    fields: Mapping[str, str],
    at: int,
    actor: str,
    known_id: str,
) -> list[Event]:
    """Returns the events that values of fields are; raises `InputError` for what does not fit the
    playbook."""
    if not fields:
        return []
    readers = vocabulary(playbook).readers
    events = []
    for (name, value), own in zip(fields.items(), _own_ids(known_id, len(fields)), strict=True):
        check_name("field", name, playbook.fields)
        check_value(playbook, name, value, readers[name](value) is not None)
        events.append(new_event(live, deal, "field", name, value, at, actor, {}, own))
    return events


def _own_ids(known_id: str, count: int) -> list[str]:
    """Returns the ids of so many values that share one: the only one has it itself."""
    if not known_id or count == 1:
        return [known_id] * count
    return [f"{known_id}-{number + 1}" for number in range(count)]


def check_ids(live: Live, events: Sequence[Event]) -> int:
    """Returns how many of the events, whose ids were given, the ledger has already; raises
    `InputError` where the deal has another event of such an id.

    Where nobody said when a fact happened, it may be told again at another instant.
    """
    known = 0
    for event in events:
        there = live.ledger.events.get(event.deal, event.event_id)
        if there is None:
            continue
        _check_not_retracted(live, there)
        if not _says_the_same(event, there, timed=event.happened_at != live.now):
            raise _taken(event.event_id, there)
        known += 1
    return known


def _says_the_same(event: Event, there: Event, *, timed: bool) -> bool:
    said = (event.kind, event.name, event.value, event.actor, event.attrs)
    same = said == (there.kind, there.name, there.value, there.actor, there.attrs)
    return same and (not timed or event.happened_at == there.happened_at)


def _check_not_retracted(live: Live, there: Event) -> None:
    """Raises `InputError` where an event that is told again never happened."""
    if live.ledger.taken_back.retraction(there.deal, there.event_id) is None:
        return
    raise InputError(
        f"{there.event_id} was retracted: it never happened",
        hint="where it did happen, record it anew, with an --id of its own",
        code="id-taken",
    )


def check_all_fields(live: Live, deal: str, known_id: str, events: Sequence[Event]) -> None:
    """Raises `InputError` where values that share an id were told with more or fewer others."""
    if not known_id:
        return
    count = len(events)
    others = {0: ("", "-1"), 1: ("-1",)}.get(count, ("", f"-{count + 1}"))
    for other in others:
        there = live.ledger.events.get(deal, known_id + other)
        if there is not None and there.kind == "field":
            raise _taken(known_id, there)


def _taken(known_id: str, there: Event) -> InputError:
    value = f" = {there.value}" if there.value else ""
    who = f" by {there.actor}" if there.actor else ""
    return InputError(
        f"{known_id} is the id of another event: {there.kind} {there.name}{value}{who},"
        f" at {show_instant(there.happened_at)}",
        hint="the same id is for the same event, told again; give another one an id of its own",
        code="id-taken",
    )


def keeps_record(live: Live, command: str, instead: str) -> None:
    """Raises `InputError` where the CRM keeps the record, so that a command may not."""
    if live.record == "crm":
        raise InputError(
            f"{command} records nothing in this ledger: the record is the CRM's",
            hint=instead,
            code="wrong-record",
        )


def waive(
    live: Live,
    deal: str,
    rule: str,
    reason: str,
    *,
    at: int,
    actor: str,
    expires: str = "",
    whole_glob: bool = False,
    known_id: str = "",
) -> RecordedFact:
    """Records an exception for one rule, or with `whole_glob` for all that a glob matches."""
    playbook = live.pinned(live.row(deal))
    judge = live.judge(playbook)
    ids = [each.rule.info.id for each in judge.rules]
    matched = [each for each in ids if glob_matches(rule, each)]
    if not matched:
        message = f'"{rule}" is no rule of {playbook.name}'
        raise InputError(message, hint=nearest(rule, ids), code="unknown-name")
    if "*" in rule and not whole_glob:
        hint = "name one rule, or say --all to cover " + ", ".join(matched[:5])
        raise InputError(f"{rule} covers {len(matched)} rules", hint=hint, code="several-rules")
    check_reason(live, playbook, reason, actor, rule)
    if expires and day_end(expires.strip(), playbook.zone) is None:
        message = f'expires: "{expires}" is no date'
        raise InputError(message, hint="write it as 2026-03-31", code="wrong-value")
    attrs = {"expires": expires} if expires else {}
    event = new_event(live, deal, "waiver", rule, reason, at, actor, attrs, known_id)
    return record(live, deal, [event], known_id)


def check_reason(
    live: Live, playbook: Playbook, reason: str, actor: str, rule: str, *, approves: bool = True
) -> None:
    """Raises `InputError` where a waiver of a rule, or of those that a glob matches, lacks a reason
    or, where it is given and not only asked for, an approver who may waive one of them."""
    trimmed = reason.strip()
    if not trimmed or trimmed.casefold() in playbook.reading.placeholders:
        hint = "--reason TEXT, for those who audit"
        raise InputError("a waiver needs a reason", hint=hint, code="wrong-value")
    may = live.judge(playbook).may_waive.of(rule)
    if approves and not any(may_waive(live, roles, actor) for roles in may):
        raise _may_not(live, actor, rule, sorted({each for one in may for each in one or ()}))


def _may_not(live: Live, actor: str, rule: str, roles: list[str]) -> InputError:
    """Returns the error that an actor may not waive: only these roles may."""
    people = live.people()
    held = people.roles(actor, live.now) if people else frozenset()
    who = f"{actor} ({', '.join(sorted(held)) or 'no known role'})"
    known = "playgate people FILE tells the ledger who holds which role"
    allowed = f"only {' or '.join(roles)}" if roles else f"of {rule} nobody"
    return InputError(
        f"{who} may not waive: {allowed} may",
        hint=known if roles else "see may_waive",
        code="may-not",
    )


def may_waive(live: Live, roles: Roles, actor: str) -> bool:
    """Whether an actor holds one of the roles that may waive."""
    if roles is None:
        return True
    people = live.people()
    return people is not None and not people.roles(actor, live.now).isdisjoint(roles)


def new_event(
    live: Live,
    deal: str,
    kind: str,
    name: str,
    value: str,
    at: int,
    actor: str,
    attrs: Mapping[str, object],
    known_id: str,
) -> Event:
    """Returns an event that is recorded now, with the id that it is given, else one of its own."""
    if live.origin:
        attrs = {**attrs, "origin": live.origin}
    text = _canonical(attrs) if attrs else ""
    event = Event(deal, at, kind, name, value, actor, live.now, known_id, text, 0, 0)
    return event._replace(event_id=event_id(event))


def record(live: Live, deal: str, events: Sequence[Event], known_id: str) -> RecordedFact:
    """Records events of a deal that it has not yet; must be called inside a transaction."""
    if known_id:
        check_ids(live, events)
        if all(event.kind == "field" for event in events):
            check_all_fields(live, deal, known_id, events)
    added = live.ledger.events.add(events, live=True)
    known = len(events) - added
    note = f"{known} of {len(events)} known already" if known else ""
    return RecordedFact(deal, tuple(events), added, KNOWN if not added else note)


def _canonical(attrs: Mapping[str, object]) -> str:
    try:
        return json.dumps(
            attrs, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (ValueError, RecursionError):
        message = "attributes that are no JSON, or nested too deep"
        raise InputError(message, code="wrong-value") from None
