"""Files of a history, read as an import reads them and taken into the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.auditing.reading import fill
from playgate.conditions.instants import SKEW
from playgate.enforce.taking_in import take_in
from playgate.errors import InputError
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.spool import Spool
from playgate.history.walk import settled
from playgate.ledger.store import Ledger
from playgate.records import Record
from playgate.serve.settings import World

__all__ = ["Taken", "note_import", "take_files"]


class Taken(Record):
    """What was taken in."""

    events: int
    added: int
    """How many of the events the ledger did not have."""
    problems: tuple[Problem, ...]
    """What could not be."""


def take_files(
    ledger: Ledger,
    world: World,
    paths: Sequence[str],
    mapping: Mapping | None,
    *,
    sha256: str,
    without_future: bool = False,
) -> Taken:
    """Takes the events of files in; deals that the ledger does not know are judged by the playbook
    `sha256`, or where that is empty by the version published last.

    Raises `InputError` where something happens in the future, by our clock; `without_future`, that
    is a problem like others.
    """
    until = world.now() + SKEW
    with Spool(until=until) as spool:
        problems = fill(spool, paths, mapping, into_ledger=True)
        if spool.ahead and not without_future:
            raise InputError("it happens in the future, by our clock", code="too-early")
        events, added = take_in(
            ledger,
            _deals(spool, paths, problems),
            sha256=sha256,
            until=until,
            sources=paths,
            problems=problems,
            now=world.now,
        )
        events -= len(spool.ahead)
    return Taken(events, added, tuple(problems))


def note_import(ledger: Ledger, world: World) -> None:
    """Keeps that what the CRM did until now is known."""
    with ledger.writing():
        ledger.settings.set_imported_at(world.now())


def _deals(spool: Spool, paths: Sequence[str], problems: list[Problem]) -> Iterator[list[Event]]:
    for each in settled(spool.deals()):
        problems += [clash.problem(paths) for clash in each.clashes]
        yield each.events
