"""A survey of a history in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playgate.history.event import Event
from playgate.history.people import People, read_people
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.kpi import kpis
from playgate.numbers.period import Period
from playgate.numbers.quality import quality
from playgate.numbers.segments import segments
from playgate.numbers.survey import Survey, survey
from playgate.numbers.target import target
from playgate.numbers.work_result import Worklist
from playgate.numbers.worklist import worklist
from playgate.playbook.load import load_playbook, parse_playbook
from playgate.report.numbers_json import NumbersResult

SHIPPED = Path(__file__).parents[2] / "playbooks"


def of_sample(name: str, *, period: str = "", as_of: int | None = None) -> Survey:
    """A shipped playbook's sample."""
    people, playbook, events = _files(name)
    return of_events(playbook, events, people=people, period=period, as_of=as_of)


def _files(name: str) -> tuple[People, Playbook, list[Event]]:
    folder = SHIPPED / name
    return (
        read_people(str(folder / "people.csv"), lambda _: None),
        load_playbook(folder / f"{name}.yaml"),
        list(read_history([str(folder / "history.csv")], report=lambda _: None)),
    )


@cache
def sample(name: str) -> Survey:
    """The same over the whole history, counted once for all tests."""
    return of_sample(name)


def sample_people(name: str) -> People:
    """Who is who in a sample."""
    return read_people(str(SHIPPED / name / "people.csv"), lambda _: None)


@contextmanager
def sample_spool(name: str) -> Iterator[Spool]:
    """The events of a sample."""
    with Spool() as spool:
        spool.extend(read_history([str(SHIPPED / name / "history.csv")], report=lambda _: None))
        yield spool


@cache
def sample_work(name: str) -> Worklist:
    """What a report on a sample shows deal by deal, of its whole history."""
    folder = SHIPPED / name
    people = read_people(str(folder / "people.csv"), lambda _: None)
    with Spool() as spool:
        spool.extend(read_history([str(folder / "history.csv")], report=lambda _: None))
        latest = spool.latest or 0
        playbook = load_playbook(folder / f"{name}.yaml")
        return worklist(
            playbook,
            spool,
            people=people,
            as_of=latest,
            period=Period("whole", 0, latest + 1),
            prospects=survey(playbook, spool, people=people).gathered.prospects,
            most=1_000,
        )


@cache
def result(name: str, command: str) -> NumbersResult:
    """What a command makes of a sample."""
    found = sample(name)
    match command:
        case "kpi":
            return kpis(found)
        case "target":
            return target(found, {})
        case "segments":
            return segments(found)
        case "alarms":
            return alarms(found)
        case "quality":
            people, _, events = _files(name)
            with Spool() as spool:
                spool.extend(events)
                return quality(found, spool, people)
    return coach(found)


def of_events(
    playbook: Playbook,
    events: Iterable[Event],
    *,
    people: People | None = None,
    period: str = "",
    as_of: int | None = None,
) -> Survey:
    """Events under a playbook."""
    with Spool() as spool:
        spool.extend(events)
        return survey(playbook, spool, people=people, period=period, as_of=as_of)


def playbook_of(text: str) -> Playbook:
    """The playbook in a text without mistakes."""
    playbook, mistakes = parse_playbook(text.encode(), "case.yaml")
    assert playbook is not None, mistakes
    return playbook
