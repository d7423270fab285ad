"""The mapping language: how a table or log of another make reads as a history."""

from __future__ import annotations

import fnmatch
from collections import abc
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playgate.conditions.instants import Zone, load_zone
from playgate.documents.document import nearest
from playgate.documents.schema import check_schema
from playgate.documents.shipped import shipped
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError, Mistake
from playgate.history.mapping_check import check_mapping, table_name
from playgate.history.number_forms import NumberForm
from playgate.records import Record

__all__ = [
    "CellRule",
    "Mapping",
    "RowRule",
    "TableMap",
    "ValueSource",
    "find_mapping",
    "load_mapping",
    "parse_mapping",
]

_SUFFIX = ".mapping.yaml"
_LISTS = ("format", "date", "currency")


class ValueSource(Record):
    """Where a value comes from and what becomes of it; without columns it is `text`."""

    columns: tuple[str, ...] = ()
    text: str = ""
    names: abc.Mapping[str, str] = MappingProxyType({})
    only: bool = False
    format: tuple[str, ...] = ()
    """The forms in which an instant may be written; RFC 3339 and its like where there is none."""
    date: tuple[str, ...] = ()
    number: NumberForm | None = None
    currency: tuple[str, ...] = ()
    """The signs of which the value is the one that stands beside a number."""
    split: str = ""


class CellRule(Record):
    """What a column's cell must be."""

    column: str
    allowed: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    present: bool | None = None


class RowRule(Record):
    """One meaning of a row; what stands for the whole table is filled in."""

    kind: str
    where: tuple[CellRule, ...]
    name: ValueSource
    value: ValueSource | None
    happened_at: ValueSource
    recorded_at: ValueSource | None
    actor: ValueSource | None
    event_id: ValueSource | None
    inherits_id: bool
    """Whether `event_id` is the table's, so that all events of a row would share it."""
    attrs: dict[str, ValueSource]

    def values(self) -> Iterable[ValueSource]:
        """Yields every value that the rule reads."""
        own = (self.name, self.value, self.happened_at, self.recorded_at, self.actor, self.event_id)
        yield from (value for value in own if value is not None)
        yield from self.attrs.values()


class TableMap(Record):
    """How the rows of one kind of file read."""

    name: str
    """What stands before the ids of its events, which are unique within it; may be empty."""
    files: tuple[str, ...]
    deal: ValueSource
    where: tuple[CellRule, ...]
    start: dict[str, ValueSource]
    rows: tuple[RowRule, ...]
    keeps_identical: bool = False
    """Whether each of identical rows without an id is an event of its own."""

    def columns(self) -> list[str]:
        """Returns every column that is read, each once."""
        names = [*self.deal.columns, *(cells.column for cells in self.where)]
        for row in self.rows:
            names += [cells.column for cells in row.where]
            names += [column for value in row.values() for column in value.columns]
        names += [column for value in self.start.values() for column in value.columns]
        return list(dict.fromkeys(names))

    def fits(self, path: str) -> bool:
        """Returns whether the table reads a file of this name."""
        name = Path(path).name.lower()
        names = {name, name.removesuffix(".gz")}
        return not self.files or any(
            fnmatch.fnmatchcase(each, pattern.lower()) for pattern in self.files for each in names
        )


class Mapping(Record):
    """A whole mapping file."""

    name: str
    version: str
    title: str
    zone: Zone
    tables: tuple[TableMap, ...]
    file: str

    def table_for(self, path: str) -> TableMap:
        """Returns the first table that fits the file; raises `InputError` where none does."""
        for table in self.tables:
            if table.fits(path):
                return table
        patterns = ", ".join(pattern for table in self.tables for pattern in table.files)
        raise InputError(
            f"mapping {self.name} has no table for {path}",
            hint=f"it reads files named {patterns}",
            code="wrong-file",
        )


def find_mapping(name_or_path: str) -> Path:
    """Returns the path of a mapping: as given, or of a shipped one that is named without a path."""
    path = Path(name_or_path)
    if path.exists() or path.suffix or len(path.parts) != 1:
        return path
    found = {each.name.removesuffix(_SUFFIX): each for each in shipped_mappings()}
    if name_or_path in found:
        return found[name_or_path]
    raise InputError(
        f'there is no mapping "{name_or_path}"',
        hint=nearest(name_or_path, found),
        code="no-such-file",
    )


def shipped_mappings() -> list[Path]:
    """Returns the mappings that ship, by path."""
    return sorted(shipped("playbooks").rglob(f"*{_SUFFIX}"))


def load_mapping(path: Path | str) -> Mapping:
    """Reads the file and returns its mapping; raises `InputError` with all its mistakes where it
    has any."""
    mapping, mistakes = parse_mapping(read_bytes(Path(path)), str(path))
    if mapping is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return mapping


def parse_mapping(
    content: bytes, file: str, *, fits_schema: bool = False
) -> tuple[Mapping | None, list[Mistake]]:
    """Returns the mapping in `content`, or `None` where it has mistakes that are no warnings, and
    all of them by place."""
    document, mistakes = parse(content, file)
    if document is None:
        return None, mistakes
    found = [] if fits_schema else check_schema(document, "mapping")[0]
    mistakes = [*mistakes, *found, *check_mapping(document)]
    told = sorted(dict.fromkeys(mistakes), key=lambda mistake: mistake.place)
    wrong = any(mistake.level == "error" for mistake in told)
    return None if wrong else _mapping(document.data, file), told


def _mapping(data: dict[str, Any], file: str) -> Mapping:
    zone = load_zone(data.get("timezone", "UTC"))
    assert zone is not None  # noqa: S101  (checked before)
    return Mapping(
        name=data["mapping"],
        version=str(data["version"]),
        title=data.get("title", ""),
        zone=zone,
        tables=tuple(map(_table, data["tables"])),
        file=file,
    )


def _table(data: dict[str, Any]) -> TableMap:
    return TableMap(
        name=table_name(data),
        files=_texts(data.get("files", ())),
        deal=_sure_value(data["deal"]),
        where=_where(data.get("where", {})),
        start={name: _sure_value(value) for name, value in data.get("start", {}).items()},
        rows=tuple(_row(row, data) for row in data.get("rows", ())),
        keeps_identical=data.get("identical") == "keep",
    )


def _row(data: dict[str, Any], table: dict[str, Any]) -> RowRule:
    both = {**table, **data}
    attrs = {**table.get("attrs", {}), **data.get("attrs", {})}
    return RowRule(
        kind=data["kind"],
        where=_where(data.get("where", {})),
        name=_sure_value(data["name"]),
        value=_value(data.get("value")),
        happened_at=_sure_value(both["happened_at"]),
        recorded_at=_value(both.get("recorded_at")),
        actor=_value(both.get("actor")),
        event_id=_value(both.get("event_id")),
        inherits_id="event_id" not in data,
        attrs={name: _sure_value(value) for name, value in attrs.items()},
    )


def _value(data: Any) -> ValueSource | None:
    return None if data is None else _sure_value(data)


def _sure_value(data: Any) -> ValueSource:
    if isinstance(data, str):
        return ValueSource(columns=(data,))
    number = data.get("number")
    if number is not None:
        number = NumberForm(**{**number, "currency": tuple(number.get("currency", ()))})
    columns = (data["column"],) if "column" in data else tuple(data.get("columns", ()))
    forms: dict[str, Any] = {key: _texts(data[key]) for key in _LISTS if key in data}
    rest = {key: data[key] for key in data if key not in ("column", "columns", "number", *_LISTS)}
    return ValueSource(columns=columns, number=number, **forms, **rest)


def _where(data: dict[str, Any]) -> tuple[CellRule, ...]:
    return tuple(_cells(column, test) for column, test in data.items())


def _cells(column: str, test: Any) -> CellRule:
    if not isinstance(test, dict):
        return CellRule(column, allowed=frozenset(_texts(test)))
    present = test["is"] == "present" if "is" in test else None
    return CellRule(column, refused=frozenset(_texts(test.get("not", ()))), present=present)


def _texts(data: Any) -> tuple[str, ...]:
    return (data,) if isinstance(data, str) else tuple(data)
