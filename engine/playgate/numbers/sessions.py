"""When reps were last met, from a CSV with the columns `actor` and `date`."""

from __future__ import annotations

from playgate.conditions.instants import read_instant
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.source import Source
from playgate.history.tables import table_in
from playgate.numbers.survey import Survey

__all__ = ["read_sessions"]

_COLUMNS = ("actor", "date")


def read_sessions(path: str, survey: Survey) -> tuple[dict[str, int], list[Problem]]:
    """Reads the last session of each rep up to the survey's instant; returns it, and the problems
    of rows that cannot be read."""
    seen: dict[str, int] = {}
    problems: list[Problem] = []

    def problem(line: int, reason: str, hint: str = "") -> None:
        problems.append(Problem(path, line, reason, hint))

    with Source(path) as source:
        table = table_in(source, problem)
        for column in _COLUMNS:
            if column not in table.header:
                hint = nearest(column, table.header)
                raise InputError(f'{path} has no column "{column}"', hint=hint, code="wrong-file")
        actor, date = (table.header.index(column) for column in _COLUMNS)
        for lines, rows in table.batches:
            for line, row in zip(lines, rows, strict=True):
                at = read_instant(row[date].strip(), survey.playbook.zone)
                rep = row[actor].strip()
                if at is None:
                    problem(line, f'"{row[date][:60]}" is no date', "write it as 2026-01-31")
                elif rep not in survey.team.reps:
                    problem(line, f'there is no rep "{rep[:60]}"', nearest(rep, survey.team.reps))
                elif at <= survey.as_of:
                    seen[rep] = max(at, seen.get(rep, at))
    return seen, problems
