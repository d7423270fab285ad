"""Facts, as the live commands record them: what was done, what is known, what is excused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from playgate.conditions.instants import day_end
from playgate.documents.document import nearest
from playgate.enforce.checks import check_name, check_value
from playgate.enforce.live import Live
from playgate.enforce.values import RecordedFact
from playgate.errors import InputError
from playgate.history.event import Event, event_id
from playgate.judge.judge import vocabulary
from playgate.model.playbook import Playbook
from playgate.rules.list import glob_matches

__all__ = ["KNOWN", "field_events", "log", "new_event", "set_fields", "waive"]

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
    playbook = live.playbook(live.row(deal).playbook)
    check_name("activity", activity, playbook.activities)
    event = new_event(live, deal, "activity", activity, outcome, at, actor, attrs, known_id)
    return _record(live, deal, [event])


def set_fields(
    live: Live, deal: str, fields: Mapping[str, str], *, at: int, actor: str, known_id: str = ""
) -> RecordedFact:
    """Records values of fields; an empty text clears one."""
    playbook = live.playbook(live.row(deal).playbook)
    return _record(live, deal, field_events(live, deal, playbook, fields, at, actor, known_id))


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
    readers = vocabulary(playbook).readers
    events = []
    for index, (name, value) in enumerate(fields.items()):
        check_name("field", name, playbook.fields)
        check_value(playbook, name, value, readers[name](value) is not None)
        own = known_id and (known_id if len(fields) == 1 else f"{known_id}-{index + 1}")
        events.append(new_event(live, deal, "field", name, value, at, actor, {}, own))
    return events


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
        raise InputError(f'"{rule}" is no rule of {playbook.name}', hint=nearest(rule, ids))
    if "*" in rule and not whole_glob:
        hint = "name one rule, or say --all to cover " + ", ".join(matched[:5])
        raise InputError(f"{rule} covers {len(matched)} rules", hint=hint)
    _check_waiver(live, playbook, reason, actor)
    if expires and day_end(expires.strip(), playbook.zone) is None:
        raise InputError(f'expires: "{expires}" is no date', hint="write it as 2026-03-31")
    attrs = {"expires": expires} if expires else {}
    event = new_event(live, deal, "waiver", rule, reason, at, actor, attrs, known_id)
    return _record(live, deal, [event])


def _check_waiver(live: Live, playbook: Playbook, reason: str, actor: str) -> None:
    trimmed = reason.strip()
    if not trimmed or trimmed.casefold() in playbook.reading.placeholders:
        raise InputError("a waiver needs a reason", hint="--reason TEXT, for those who audit")
    allowed = playbook.may_waive
    if allowed is None:
        return
    people = live.people()
    held = people.roles(actor, live.now) if people else frozenset()
    if held.isdisjoint(allowed):
        who = f"{actor} ({', '.join(sorted(held)) or 'no known role'})"
        hint = "playgate people FILE tells the ledger who holds which role"
        raise InputError(f"{who} may not waive: only {' or '.join(allowed)} may", hint=hint)


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
    text = _canonical(attrs) if attrs else ""
    event = Event(deal, at, kind, name, value, actor, live.now, known_id, text, 0, 0)
    return event._replace(event_id=event_id(event))


def _record(live: Live, deal: str, events: Sequence[Event]) -> RecordedFact:
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
        raise InputError("attributes that are no JSON, or nested too deep") from None
