"""Lists of firms as rows that know their file and line, and how two values are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.source import Source
from playgate.history.tables import table_in
from playgate.leads.model import Key, LeadsPlan
from playgate.records import Record

__all__ = ["DOMAIN", "Firm", "key_of", "plain", "read_firms"]

DOMAIN = "email_domain"
"""A column that no list needs to have: what stands behind the @ of `email`."""

_NOT_DIGITS = re.compile(r"[^0-9]")
_DIGITS = frozenset(("phone", "mobile", "fax"))
_PLAIN = re.compile(r"[\W_]+")


class Firm(Record):
    """A row of a list: its cells by the names that the plan gives to columns."""

    file: str
    line: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """Returns a cell, empty where there is none."""
        return self.cells.get(column, "")

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


def read_firms(path: str, plan: LeadsPlan, report: Callable[[Problem], None]) -> list[Firm]:
    """Returns the rows of a list; those that cannot be read go to `report`.

    Raises `InputError` where the list has none of the columns that the plan speaks of.
    """

    def problem(line: int, reason: str, hint: str = "") -> None:
        report(Problem(path, line, reason, hint))

    own = {column: name for name, column in plan.columns.items()}
    firms: list[Firm] = []
    with Source(path) as source:
        table = table_in(source, problem)
        header = [own.get(column, column) for column in table.header]
        wanted = {*plan.complete, *(each for key in plan.match for each in key)} - {DOMAIN}
        if wanted and wanted.isdisjoint(header):
            raise InputError(
                f"{path} has none of the columns {', '.join(sorted(wanted))}",
                hint="say under columns of the plan what they are called there",
                code="wrong-file",
            )
        for lines, rows in table.batches:
            for line, row in zip(lines, rows, strict=True):
                cells = zip(header, (cell.strip() for cell in row), strict=True)
                firms.append(Firm(path, line, {name: cell for name, cell in cells if cell}))
    return firms


def plain(text: str) -> str:
    """Returns a text as it is compared: without case, accents, and signs that are no letters or
    digits."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return _PLAIN.sub(" ", letters).strip()


def key_of(firm: Firm, key: Key, open_domains: Iterable[str]) -> tuple[str, ...] | None:
    """Returns the values under which a firm is found by a key; `None` where one is missing."""
    values = [_compared(firm, column, open_domains) for column in key]
    return tuple(values) if all(values) else None


def _compared(firm: Firm, column: str, open_domains: Iterable[str]) -> str:
    if column == DOMAIN and not firm.cell(DOMAIN):
        domain = firm.cell("email").rpartition("@")[2].casefold().strip()
        return "" if domain in open_domains or "@" not in firm.cell("email") else domain
    text = firm.cell(column)
    if column in _DIGITS:
        return _NOT_DIGITS.sub("", text).lstrip("0")
    return plain(text).replace(" ", "") if column.endswith("_id") else plain(text)
