"""Which deals are listed, as somebody names them: by rep, team, stage, playbook, what is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches

from playgate.conditions.durations import read_duration
from playgate.conditions.instants import Zone, from_datetime, to_datetime
from playgate.documents.document import nearest
from playgate.enforce.deal_list import Wanted
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = ["Named", "wanted", "zone_of_all"]

_DUE = ("overdue", "today", "this week")


class Named(Record, kw_only=True):
    """The deals that somebody wants, in their words; an empty part wants all."""

    reps: Sequence[str] = ()
    """By id or name."""
    teams: Sequence[str] = ()
    stages: Sequence[str] = ()
    playbooks: Sequence[str] = ()
    due: str | None = None
    """`overdue`, `today`, `this week`, or a duration."""
    ended: bool = False


def wanted(live: Live, named: Named, *, at: int) -> Wanted:
    """Returns the deals that are meant; raises `InputError` for names that the ledger does not
    know."""
    return Wanted(
        reps=frozenset(actor for rep in named.reps for actor in _called(live, rep)),
        teams=frozenset(_of_ledger("team", named.teams, _teams(live))),
        stages=frozenset(_of_ledger("stage", named.stages, _stages(live, named.playbooks))),
        playbooks=frozenset(_of_ledger("playbook", named.playbooks, _names(live))),
        overdue=named.due is not None and named.due.strip().lower() == "overdue",
        due_by=_due_by(named.due, at),
        ended=named.ended,
    )


def zone_of_all(live: Live) -> Zone:
    """Returns the time zone of the ledger's playbooks; UTC where several differ."""
    playbooks = [live.playbook(row.sha256) for row in live.ledger.playbooks.all()]
    zones = {playbook.zone_name: playbook.zone for playbook in playbooks}
    return next(iter(zones.values())) if len(zones) == 1 else UTC


def _due_by(due: str | None, at: int) -> Callable[[Playbook], int] | None:
    """Returns what tells, by a playbook's calendar, until when something must fall due."""
    said = " ".join(due.lower().split()) if due is not None else None
    if said is None or said == "overdue":
        return None
    if said in ("today", "this week"):
        return lambda playbook: _end(said, at, playbook.zone)
    length = read_duration(said)
    if length is None:
        near = get_close_matches(said, _DUE, n=1)
        known = f'{", ".join(_DUE)}, or a duration such as "3 days"'
        hint = f'did you mean "{near[0]}"?' if near else known
        raise InputError(f'--due: "{due}" is no span of time', hint=hint, code="wrong-value")
    return lambda playbook: length.after(playbook.calendar)(at)


def _end(said: str, at: int, zone: Zone) -> int:
    """Returns the last instant of the day, or of its week, which ends on Sunday."""
    day = to_datetime(at, zone).date()
    days = 7 - day.weekday() if said == "this week" else 1
    following = datetime.combine(day + timedelta(days=days), time(), zone)
    return from_datetime(following) - 1


def _called(live: Live, rep: str) -> tuple[str, ...]:
    people = live.people()
    return (people.called(rep) if people else ()) or (rep,)


def _of_ledger(what: str, names: Sequence[str], known: set[str]) -> Sequence[str]:
    """Returns the names; raises `InputError` for the first that nothing has."""
    for name in names:
        if name not in known:
            hint = nearest(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
            message = f'the ledger knows no {what} "{name}"'
            raise InputError(message, hint=hint, code="unknown-name")
    return names


def _teams(live: Live) -> set[str]:
    people = live.people()
    persons = [people.person(actor) for actor in people.actors()] if people else []
    return {person.team for person in persons if person and person.team}


def _stages(live: Live, names: Sequence[str]) -> set[str]:
    """Returns the stages of the playbooks that are meant, which are all where none is named."""
    playbooks = (
        live.playbook(row.sha256)
        for row in live.ledger.playbooks.all()
        if not names or {row.name, f"{row.name}@{row.version}"}.intersection(names)
    )
    return {stage.id for playbook in playbooks for stage in playbook.stages}


def _names(live: Live) -> set[str]:
    rows = live.ledger.playbooks.all()
    return {name for row in rows for name in (row.name, f"{row.name}@{row.version}")}
