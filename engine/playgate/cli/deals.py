"""`playgate deals`: the ledger's deals, where each stands, and what falls due when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches

import click

from playgate.cli import completing
from playgate.cli.door import tell
from playgate.cli.errors import CLEAN
from playgate.cli.options import db_option, output_option
from playgate.cli.output import colour_wanted, width, write
from playgate.cli.requests import db_name, now
from playgate.conditions.durations import read_duration
from playgate.conditions.instants import Zone, from_datetime, to_datetime
from playgate.documents.document import nearest
from playgate.enforce.deal_list import DealList, Wanted, list_deals
from playgate.enforce.live import Live
from playgate.enforce.when import instant
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook

__all__ = ["command"]

_SHOWN = 50
_DUE = ("overdue", "today", "this week")


@click.command("deals")
@click.option(
    "--rep",
    "reps",
    multiple=True,
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Only deals of this rep, by id or name.",
)
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="Only deals of this team.")
@click.option("--stage", "stages", multiple=True, metavar="STAGE", help="Only deals in this stage.")
@click.option(
    "--playbook",
    "playbooks",
    multiple=True,
    metavar="NAME",
    help="Only deals under this playbook; NAME@VERSION for one version.",
)
@click.option(
    "--due",
    metavar="WHEN",
    help='Only deals with something overdue, or due by then: "overdue", "today", "this week", or'
    ' a duration such as "3 days".',
)
@click.option("--open/--all", "open_only", default=True, help="Without deals that ended, or all.")
@click.option("--at", metavar="T", help="Where they stood then (default: now).")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=_SHOWN,
    show_default=True,
    metavar="N",
    help="Of text: show so many, and count the rest.",
)
@db_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="How to show the deals.",
)
@output_option
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    stages: tuple[str, ...],
    playbooks: tuple[str, ...],
    due: str | None,
    open_only: bool,
    at: str | None,
    limit: int,
    db: str | None,
    form: str,
    output: str | None,
) -> int:
    """List the deals of the ledger, those that need attention first.

    First comes what is overdue, then who has the most open findings at block, then at warn, then
    what falls due soonest.

    \b
    playgate deals
    playgate deals --rep ann --due "this week"
    playgate deals --team North --due overdue
    playgate deals --stage proposal --all --format csv -o deals.csv
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        live = Live(ledger, now=now())
        zone = _zone(live)
        when = instant(at, zone, live.now)
        wanted = Wanted(
            reps=frozenset(actor for rep in reps for actor in _called(live, rep)),
            teams=frozenset(_of_ledger("team", teams, _teams(live))),
            stages=frozenset(_of_ledger("stage", stages, _stages(live))),
            playbooks=frozenset(_of_ledger("playbook", playbooks, _names(live))),
            overdue=due is not None and due.strip().lower() == "overdue",
            due_by=_due_by(due, when),
            ended=not open_only,
        )
        found = list_deals(live, wanted, at=when)
    if ledger.note:
        tell(f"note: {ledger.note}")
    write(_render(found, form, output, zone=zone, limit=limit), output)
    return CLEAN


def _render(
    found: DealList, form: str, output: str | None, *, zone: Zone, limit: int
) -> Iterator[str]:
    from playgate.report import deal_list

    if form == "json":
        return deal_list.as_json(found)
    if form == "csv":
        return deal_list.as_csv(found)
    colour = colour_wanted(output)
    return deal_list.as_text(found, zone=zone, limit=limit, width=width(output), colour=colour)


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


def _zone(live: Live) -> Zone:
    """Returns the time zone of the ledger's playbooks; UTC where several differ."""
    playbooks = [live.playbook(row.sha256) for row in live.ledger.playbooks.all()]
    zones = {playbook.zone_name: playbook.zone for playbook in playbooks}
    return next(iter(zones.values())) if len(zones) == 1 else UTC


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


def _stages(live: Live) -> set[str]:
    playbooks = (live.playbook(row.sha256) for row in live.ledger.playbooks.all())
    return {stage.id for playbook in playbooks for stage in playbook.stages}


def _names(live: Live) -> set[str]:
    rows = live.ledger.playbooks.all()
    return {name for row in rows for name in (row.name, f"{row.name}@{row.version}")}
