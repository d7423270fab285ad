"""`playgate case`: make a case of a real deal."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import click

from playgate.auditing.select import check_deals
from playgate.cases.model import Attempt
from playgate.cases.record import record
from playgate.cli.clock import horizon
from playgate.cli.door import tell
from playgate.cli.errors import CLEAN
from playgate.cli.load import playbook_from
from playgate.cli.options import (
    FILE,
    as_of_option,
    db_option,
    map_option,
    output_option,
    people_option,
)
from playgate.cli.output import write_exactly
from playgate.cli.requests import db_path
from playgate.cli.when import instant_of
from playgate.documents.document import nearest
from playgate.enforce.given import new_facts, told_facts
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import Event, Problem
from playgate.history.people import People, read_people
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.beside import CASES, kind_of

__all__ = ["command"]


class _Deal(NamedTuple):
    """A deal as it stands somewhere, its events in order."""

    playbook: Playbook
    events: list[Event]
    people: People | None
    since: int | None = None
    """When it first met the gate."""
    tried: dict[str, tuple[int, int, str]] | None = None
    """By stage, the last decision about it: when, when it was recorded, and who asked."""
    brought: Mapping[str, Sequence[Event]] = MappingProxyType({})
    """By stage, the facts that came with the last question about it."""


@click.command("case")
@click.argument("deal")
@click.argument("history", nargs=-1, metavar="[HISTORY…]", type=FILE)
@click.option(
    "--playbook",
    metavar="PLAYBOOK",
    type=FILE,
    help="What judges the deal (of a ledger's: its own version).",
)
@map_option
@people_option
@db_option
@click.option(
    "--move",
    "stage",
    metavar="STAGE",
    help="Ask the gate for the deal's last move into this stage, or for one now (default: audit).",
)
@as_of_option
@click.option("--name", metavar="TEXT", help="What the case is called.")
@output_option
def command(
    deal: str,
    history: tuple[str, ...],
    playbook: str | None,
    mapping: str | None,
    people_file: str | None,
    db: str | None,
    stage: str | None,
    as_of: str | None,
    name: str | None,
    output: str | None,
) -> int:
    """Write a case from DEAL, so that a dispute becomes a test.

    The deal is one of the ledger, or of HISTORY files. People and texts are
    replaced, fields that no rule reads are left out, and what the playbook
    says to the deal stands as what is expected: change that to what it should
    say. Put the file beside the playbook as NAME.cases.yaml.

    \b
    playgate case D-1042 -o d-1042.cases.yaml
    playgate case D-1042 --move proposal
    playgate case BK-1001 history.csv --playbook bank-sales.yaml --people people.csv
    """
    if history and playbook is None:
        raise InputError(
            "a case from a history needs --playbook", hint="--playbook PLAYBOOK", code="usage"
        )
    if stage is not None and as_of is not None:
        raise InputError(
            "--as-of does not go with --move", hint="leave one of them out", code="usage"
        )
    problems: list[Problem] = []
    people = read_people(people_file, problems.append) if people_file else None
    _say(problems)
    loaded = playbook_from(playbook) if playbook else None
    if history:
        assert loaded is not None  # noqa: S101  (checked before)
        until = instant_of("--as-of", as_of, loaded.zone, end=True)
        found = _of_history(deal, history, mapping, loaded, people, until)
    else:
        found = _of_ledger(deal, db, loaded, people)
    asked, events = _asked(found, stage, as_of)
    title = name or f"A deal of {found.playbook.name} as it was"
    recorded = record(found.playbook, events, asked, people=found.people, name=title)
    write_exactly(recorded.text, output)
    if recorded.changed:
        rules = ", ".join(recorded.changed)
        tell(f"note: without its real texts the deal is answered otherwise by {rules}")
    if output:
        said = f"{output}: a case; {_next_step(Path(output), found.playbook)}"
        tell(said)
    return CLEAN


def _next_step(output: Path, playbook: Playbook) -> str:
    folder = Path(playbook.file).parent
    if kind_of(output.name) is CASES and output.parent.resolve() == folder.resolve():
        return f"try it: playgate test {shlex.quote(str(output))}"
    return f"put it beside {playbook.file} as NAME.cases.yaml"


def _of_history(
    deal: str,
    history: Sequence[str],
    mapping: str | None,
    playbook: Playbook,
    people: People | None,
    as_of: int | None,
) -> _Deal:
    from playgate.cli.reading import fill
    from playgate.history.walk import settled

    with Spool(until=horizon()) as spool:
        problems = fill(spool, history, mapping, as_of=as_of)
        _say(problems)
        check_deals((deal,), spool)
        found = next(settled(spool.deals(), only=deal.__eq__))
        _say([clash.problem(history) for clash in found.clashes])
    return _Deal(playbook, found.events, people)


def _say(problems: Sequence[Problem]) -> None:
    """Writes to standard error which rows could not be read; the case is made of the others."""
    if problems:
        from playgate.auditing.reading import problem_lines

        for line in problem_lines(problems):
            tell(line)


def _of_ledger(
    deal: str, db: str | None, playbook: Playbook | None, people: People | None
) -> _Deal:
    from playgate.versions.carry import translator

    with Ledger.open(db_path(db)) as ledger, ledger.reading():
        live = Live(ledger, now=0)
        row = live.row(deal)
        own = live.playbook(row.playbook)
        into = translator(own, playbook, drop=False) if playbook else iter
        events = sorted(into(live.events(row)), key=lambda event: event.happened_at)
        tries: Iterable[Event] = [
            Event(
                deal,
                each.at,
                "stage",
                each.to_stage,
                "",
                each.actor,
                each.recorded_at,
                "",
                "",
                0,
                0,
            )
            for each in ledger.decisions.of(deal)
        ]
        if row.migrated_at is not None:
            tries = live.carried(deal).translate(tries)
        tried = {
            each.name: (each.happened_at, each.recorded_at, each.actor) for each in into(tries)
        }
        brought = {
            each.to_stage: told_facts(deal, json.loads(each.facts)) if each.facts else []
            for each in ledger.decisions.of(deal)
        }
        found = playbook or own
        return _Deal(found, events, people or live.people(), row.first_decision_at, tried, brought)


def _asked(found: _Deal, stage: str | None, as_of: str | None) -> tuple[Attempt | int, list[Event]]:
    """Returns what the case asks, and the events that it is asked about."""
    if not found.events and not (found.tried and stage in found.tried):
        raise InputError(
            "the deal has no events",
            hint="there is nothing to make a case of",
            code="nothing-to-judge",
        )
    until = horizon()
    known = [event.happened_at for event in found.events if event.happened_at <= until]
    first = found.events[0].happened_at if found.events else 0
    latest = max(known, default=first)
    if stage is not None:
        return _attempt(found, stage, latest)
    instant = instant_of("--as-of", as_of, found.playbook.zone, end=True)
    if instant is None:
        return latest, found.events
    if instant < found.events[0].happened_at:
        raise InputError(
            "the deal begins later than --as-of", hint="choose a later day", code="nothing-to-judge"
        )
    return instant, found.events


def _attempt(found: _Deal, stage: str, latest: int) -> tuple[Attempt, list[Event]]:
    """Returns the move into a stage as it was last tried or made; else one that is made now."""
    stages = [each.id for each in found.playbook.stages]
    if stage not in stages:
        raise InputError(
            f'the playbook has no stage "{stage}"', hint=nearest(stage, stages), code="unknown-name"
        )
    moves = [event for event in found.events if event.kind == "stage"]
    made = next((event for event in reversed(moves) if event.name == stage), None)
    at, known_by, actor = latest, sys.maxsize, moves[-1].actor if moves else ""
    if made is not None:
        at, known_by, actor = made.happened_at, made.happened_at, made.actor
    if found.tried and stage in found.tried:
        at, known_by, actor = found.tried[stage]
    event = Event("the deal", at, "stage", stage, "", actor, at, "attempt", "", 0, 0)
    given = [
        each
        for each in found.events
        if each.happened_at <= at
        and each.recorded_at <= known_by
        and not (each.kind == "stage" and each.happened_at == at and each.name == stage)
    ]
    given += new_facts(found.playbook, given, found.brought.get(stage, ()))
    given.sort(key=lambda each: each.happened_at)
    gate = found.since if found.since is not None and found.since < at else None
    return Attempt(event, gate), given
