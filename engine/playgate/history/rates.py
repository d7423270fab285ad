"""What amounts in other currencies are worth, from each date on: a table that is read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from playgate.conditions.instants import is_bare_date, read_instant
from playgate.conditions.values import FieldType, Reading, value_reader
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.money import Rates, code, countable, in_currencies
from playgate.history.source import Source
from playgate.history.tables import table_in
from playgate.model.playbook import Playbook

__all__ = ["read_rates"]

_COLUMNS = ("date", "currency", "rate")


def read_rates(path: str, playbook: Playbook) -> Rates:
    """Reads the columns `date`, `currency` and `rate`; raises `InputError` at the first row that is
    wrong, or where the playbook has no one currency to make of them."""
    unit = _unit(playbook)
    read = value_reader(FieldType("number"), Reading(frozenset(), playbook.zone))
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for line, day, currency, rate in _rows(path):
        start = read_instant(day, playbook.zone) if is_bare_date(day) else None
        number = countable(read(rate))
        if start is None:
            raise _wrong(path, line, f'"{day[:60]}" is no date', "write it as 2026-01-31")
        if number is None or number <= 0:
            raise _wrong(path, line, f'"{rate[:60]}" is no rate', "write a number, such as 0.92")
        if not currency:
            raise _wrong(path, line, "the currency is empty")
        if currency == unit and number != 1:
            message = f"a rate of {unit} other than 1: sums are told in {unit}"
            raise _wrong(path, line, message, f"write what one of each is worth in {unit}")
        if found[currency].setdefault(start, number) != number:
            raise _wrong(path, line, f"a second rate of {currency} on {day}", "leave one out")
    return Rates(path, found)


def _unit(playbook: Playbook) -> str:
    units = {code(each.unit) for each in in_currencies(playbook).values()}
    if len(units) == 1:
        return units.pop()
    if units:
        said = f"fields of {playbook.name} are told in {' and '.join(sorted(units))}"
        hint = "give them one unit"
    else:
        said = f"no field of {playbook.name} says in which currency its amounts are"
        hint = "amount: {type: number, unit: EUR, currency: currency}"
    raise InputError(f"--rates: {said}", hint=hint, code="usage")


def _rows(path: str) -> Iterator[tuple[int, str, str, str]]:
    def problem(line: int, reason: str, hint: str = "") -> None:
        raise _wrong(path, line, reason, hint)

    with Source(path) as source:
        table = table_in(source, problem)
        for column in _COLUMNS:
            if column not in table.header:
                hint = nearest(column, table.header)
                raise InputError(f'{path} has no column "{column}"', hint=hint, code="wrong-file")
        date, currency, rate = (table.header.index(column) for column in _COLUMNS)
        for lines, rows in table.batches:
            for line, row in zip(lines, rows, strict=True):
                yield line, row[date].strip(), code(row[currency]), row[rate].strip()


def _wrong(path: str, line: int, message: str, hint: str = "") -> InputError:
    return InputError(f"{path}:{line}: {message}", hint=hint, code="wrong-file")
