"""When reps were last met, and which lessons who is new had: a CSV with the columns `actor` and
`date`, and `what` for lessons."""

from __future__ import annotations

from collections.abc import Callable

from playgate.conditions.instants import read_instant
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.source import Source
from playgate.history.tables import table_in
from playgate.numbers.onboarding import newcomers
from playgate.numbers.survey import Survey
from playgate.records import Record

__all__ = ["Sessions", "read_sessions"]

_COLUMNS = ("actor", "date")
_WHAT = "what"
_Report = Callable[[int, str, str], None]


class Sessions(Record):
    """When each rep was last met, and when who is new first had a lesson, by actor and lesson."""

    seen: dict[str, int]
    learnt: dict[tuple[str, str], int]


def read_sessions(path: str, survey: Survey) -> tuple[Sessions, list[Problem]]:
    """Reads what was held up to the survey's instant; returns it, and the problems of rows that
    cannot be read."""
    problems: list[Problem] = []
    found = _Reader(
        survey, lambda line, reason, hint="": problems.append(Problem(path, line, reason, hint))
    )
    with Source(path) as source:
        table = table_in(source, found.problem)
        for column in _COLUMNS:
            if column not in table.header:
                hint = nearest(column, table.header)
                raise InputError(f'{path} has no column "{column}"', hint=hint, code="wrong-file")
        places = [table.header.index(each) for each in _COLUMNS]
        what = table.header.index(_WHAT) if _WHAT in table.header else None
        for lines, rows in table.batches:
            for line, row in zip(lines, rows, strict=True):
                cells = [row[place].strip() for place in places]
                found.add(line, cells[0], cells[1], "" if what is None else row[what].strip())
    return Sessions(found.seen, found.learnt), problems


class _Reader:
    def __init__(self, survey: Survey, problem: Callable[..., None]) -> None:
        self._survey = survey
        self._lessons = _lessons(survey)
        self._new = newcomers(survey)
        self.problem = problem
        self.seen: dict[str, int] = {}
        self.learnt: dict[tuple[str, str], int] = {}

    def add(self, line: int, actor: str, date: str, what: str) -> None:
        """Takes a row: a session, or a lesson where one is named."""
        at = read_instant(date, self._survey.playbook.zone)
        people = self._new if what else self._survey.team.reps
        if at is None:
            self.problem(line, f'"{date[:60]}" is no date', "write it as 2026-01-31")
        elif what and what not in self._lessons:
            self.problem(line, f'there is no lesson "{what[:60]}"', nearest(what, self._lessons))
        elif actor not in people and actor not in self._survey.team.reps:
            self.problem(line, f'there is no rep "{actor[:60]}"', nearest(actor, people))
        elif at <= self._survey.as_of and what:
            key = actor, what
            self.learnt[key] = min(at, self.learnt.get(key, at))
        elif at <= self._survey.as_of:
            self.seen[actor] = max(at, self.seen.get(actor, at))


def _lessons(survey: Survey) -> tuple[str, ...]:
    onboarding = survey.numbers.onboarding
    return tuple(each.id for each in onboarding.steps if each.what is None) if onboarding else ()
