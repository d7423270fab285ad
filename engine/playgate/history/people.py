"""Who is who: the people of a sales team, their roles and teams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from playgate.conditions.instants import OUT_OF_RANGE, is_bare_date
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.records import Record

__all__ = ["AGENT", "SYSTEM", "People", "Person", "read_people", "read_persons", "those_called"]

_COLUMNS = ("actor", "name", "role", "team", "manager", "started")


SYSTEM = "system"
"""The role of programs that act on deals."""
AGENT = "agent"
"""The role of programs that sell, as people do: they ask for what they want to do."""


class Person(Record):
    """A row of the people table; what is missing is an empty text, and `started` is a date.

    The role is held from `since` up to, not including, `until` (instants; a file knows neither).
    """

    actor: str
    name: str = ""
    role: str = ""
    team: str = ""
    manager: str = ""
    started: str = ""
    since: int | None = None
    until: int | None = None


class People:
    """The people by actor; an actor in several rows has several roles, and the first row tells the
    rest."""

    def __init__(self, persons: Iterable[Person] = ()) -> None:
        persons = list(persons)
        self._persons: dict[str, Person] = {}
        roles: dict[str, set[str]] = {}
        self._dated: dict[str, list[Person]] = {}
        for person in persons:
            self._persons.setdefault(person.actor, person)
            roles.setdefault(person.actor, set()).update({person.role} - {""})
            if person.since is not None or person.until is not None:
                self._dated.setdefault(person.actor, [])
        for person in persons:
            if person.actor in self._dated:
                self._dated[person.actor].append(person)
        self._roles = {actor: frozenset(held) for actor, held in roles.items()}
        self.all_roles: frozenset[str] = frozenset().union(*self._roles.values())

    def actors(self) -> tuple[str, ...]:
        """Returns the ids of all actors."""
        return tuple(self._persons)

    def roles(self, actor: str, at: int | None = None) -> frozenset[str]:
        """Returns the roles that the actor holds (at an instant, where roles are dated)."""
        if at is None or actor not in self._dated:
            return self._roles.get(actor, frozenset())
        return frozenset(
            person.role
            for person in self._dated[actor]
            if person.role
            and (person.since is None or person.since <= at)
            and (person.until is None or at < person.until)
        )

    def holders(self, roles: frozenset[str]) -> tuple[frozenset[str], tuple[Person, ...]]:
        """Returns who holds one of the roles: the actors who always do, and the dated rows of the
        others."""
        always = frozenset(
            actor
            for actor, held in self._roles.items()
            if actor not in self._dated and not roles.isdisjoint(held)
        )
        rows = (person for persons in self._dated.values() for person in persons)
        return always, tuple(person for person in rows if person.role in roles)

    def having(self, roles: frozenset[str]) -> tuple[str, ...]:
        """Returns the actors who ever hold one of the roles."""
        return tuple(actor for actor, held in self._roles.items() if not roles.isdisjoint(held))

    def called(self, name: str) -> tuple[str, ...]:
        """Returns the actors of this id or name (without case)."""
        return _called(name, ((each.actor, each.name) for each in self._persons.values()))

    def person(self, actor: str) -> Person | None:
        """Returns what is known of the actor."""
        return self._persons.get(actor)


def _called(name: str, known: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    wanted = name.casefold()
    return tuple(actor for actor, said in known if actor == name or said.casefold() == wanted)


def those_called(
    name: str, known: Mapping[str, str], *, kind: str = "rep", nobody: str = ""
) -> tuple[str, ...]:
    """Returns the actors of this id or name (without case), of those that are known with their
    names; raises `InputError`, which says that there is `nobody`, where there is none."""
    found = _called(name, known.items())
    if not found:
        message = nobody or f'there is no {kind} "{name}"'
        hint = nearest(name, {*known, *known.values()})
        raise InputError(message, hint=hint, code="unknown-name")
    return found


def read_people(path: str, report: Callable[[Problem], None]) -> People:
    """Returns the people in a table; rows that cannot be read go to `report`."""
    return People(read_persons(path, report))


def read_persons(path: str, report: Callable[[Problem], None]) -> list[Person]:
    """Returns the people in a table; rows that cannot be read go to `report`."""

    # Only here: a ledger knows people too, for commands that must start fast.
    from playgate.history.source import Source
    from playgate.history.tables import table_in

    def problem(line: int, reason: str, hint: str = "") -> None:
        report(Problem(path, line, reason, hint))

    persons: list[Person] = []
    with Source(path) as source:
        table = table_in(source, problem)
        if "actor" not in table.header:
            raise InputError(
                f'{path} has no column "actor"', hint=_hint(table.header), code="wrong-file"
            )
        places = {
            column: table.header.index(column) for column in _COLUMNS if column in table.header
        }
        for lines, rows in table.batches:
            for line, row in zip(lines, rows, strict=True):
                cells = {column: row[place].strip() for column, place in places.items()}
                if not cells["actor"]:
                    problem(line, "the actor is empty")
                    continue
                if cells.get("started") and not _is_day(cells["started"]):
                    problem(
                        line,
                        f'started "{cells["started"][:60]}" {_not_a_day(cells.pop("started"))}',
                        "write it as 2026-01-31",
                    )
                persons.append(Person(**cells))  # type: ignore[arg-type]
    return persons


def _is_day(text: str) -> bool:
    return is_bare_date(text) and "1900" <= text[:4] <= "2200"


def _not_a_day(text: str) -> str:
    return OUT_OF_RANGE if is_bare_date(text) else "is not a date"


def _hint(header: Sequence[str]) -> str:
    """Returns the column that may be meant; nothing else is shown of what may be no such file."""
    near = nearest("actor", header)
    return near if near.startswith("did you") else f"its columns are {', '.join(_COLUMNS)}"
