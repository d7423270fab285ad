"""The mapping language: how a table or log of another make reads as a history."""

from __future__ import annotations

import fnmatch
import re
from collections import abc
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playgate.conditions.instants import Zone, load_zone
from playgate.documents.document import Document, nearest
from playgate.documents.schema import check_schema
from playgate.documents.shipped import shipped
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError, Mistake
from playgate.history.mapping_check import check_mapping, table_name
from playgate.history.mapping_shapes import shapes_of
from playgate.history.number_forms import NumberForm
from playgate.history.patterns import is_pattern, names_of, pattern_of, plain_text
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
    "sole_column",
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
    lookup: str = ""
    """What the cell is looked up in: a lookup's name, or with one of its columns `name.column`."""
    after: str = ""
    """What stands before the part of the cell that is meant; a cell without it gives nothing."""
    id: str = ""
    """Of which make the cell is an id that is written in two forms."""
    row: bool = False
    """Whether the value is the row's number."""
    several: bool = False
    """Whether the cell may hold several texts, with `SEVERAL` between them."""


SEVERAL = "\x1f"


class CellRule(Record):
    """What a column's cell must be."""

    column: str
    allowed: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    present: bool | None = None
    like: re.Pattern[str] | None = None
    """What is allowed as well."""
    unlike: re.Pattern[str] | None = None
    """What is refused as well."""


class StatusRule(Record):
    """A deal's status, which stands beside its stage: what its cells mean, and which stages are
    entered by them."""

    source: ValueSource
    """Gives `won`, `lost`, `open`, or nothing."""
    stages: abc.Mapping[str, str]
    reopens: bool
    """Whether the status tells that a deal is open again."""


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
    each: str = ""
    """The list of which each item is a row."""
    changes: bool = False
    """Whether only a value that differs from the deal's last one is an event."""
    was: ValueSource | None = None
    """The value before: the first of a deal is the one from its start."""
    status: StatusRule | None = None
    line: int = 0
    """Where the rule stands in the mapping."""

    def values(self) -> Iterable[ValueSource]:
        """Yields every value that the rule reads."""
        own = (
            self.name,
            self.value,
            self.happened_at,
            self.recorded_at,
            self.actor,
            self.event_id,
            self.was,
        )
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
    each: str = ""
    """The list of which each item is a row."""
    derived: abc.Mapping[str, ValueSource] = MappingProxyType({})
    """Columns that are made of others, by name."""
    begun_at: ValueSource | None = None
    """When the stage of `start` was entered, where that is said."""
    begun_by: ValueSource | None = None
    """And by whom."""
    line: int = 0
    """Where the table stands in the mapping."""

    def columns(self) -> list[str]:
        """Returns every column that is read, each once."""
        names = [*self.deal.columns, *(cells.column for cells in self.where)]
        for row in self.rows:
            names += [cells.column for cells in row.where]
            names += [column for value in row.values() for column in value.columns]
        for value in (*self.start.values(), *self.derived.values()):
            names += value.columns
        return list(dict.fromkeys(names))

    def values(self) -> Iterable[ValueSource]:
        """Yields every value that is read."""
        yield self.deal
        yield from self.derived.values()
        yield from self.start.values()
        for rule in self.rows:
            yield from rule.values()

    def nests(self) -> bool:
        """Returns whether a row has others in it."""
        return bool(self.each) or any(rule.each for rule in self.rows)

    def fits(self, path: str) -> bool:
        """Returns whether the table reads a file of this name."""
        return not self.files or fits_name(self.files, path)


class LookupFile(Record):
    """A file that is a dictionary: what stands in its rows under `key`."""

    name: str
    files: tuple[str, ...]
    each: str
    where: tuple[CellRule, ...]
    key: ValueSource
    value: ValueSource | None
    line: int = 0
    """Where it stands in the mapping."""

    def fits(self, path: str) -> bool:
        """Returns whether a file of this name belongs to it."""
        return fits_name(self.files, path)


class Mapping(Record):
    """A whole mapping file."""

    name: str
    version: str
    title: str
    zone: Zone
    tables: tuple[TableMap, ...]
    file: str
    lookups: tuple[LookupFile, ...] = ()
    same_deal: LookupFile | None = None
    """Which deals were merged into which."""
    shapes: tuple[str, ...] = ()
    """The keys it uses that make more of a row than its cells, or more of a deal than its rows."""

    def looks_inside(self) -> bool:
        """Returns whether more is read than cells by their columns' names."""
        return bool(self.shapes) or any("." in c for table in self.tables for c in table.columns())

    def table_for(self, path: str) -> TableMap:
        """Returns the first table that fits the file; raises `InputError` where none does."""
        return self.tables_for(path)[0]

    def tables_for(self, path: str) -> list[TableMap]:
        """Returns the first table that fits the file, and those that name the same `files`; none
        for a file that only lookups read. Raises `InputError` where nothing does."""
        first = next((table for table in self.tables if table.fits(path)), None)
        if first is not None:
            same = [table for table in self.tables if _named(table.files) == _named(first.files)]
            return same if first.files or not self._looks_up(path) else []
        if self._looks_up(path):
            return []
        patterns = ", ".join(
            dict.fromkeys(pattern for table in self.tables for pattern in table.files)
        )
        raise InputError(
            f"mapping {self.name} has no table for {path}",
            hint=f"it reads files named {patterns}",
            code="wrong-file",
        )

    def _looks_up(self, path: str) -> bool:
        looked_up = (*self.lookups, *((self.same_deal,) if self.same_deal else ()))
        return any(each.fits(path) for each in looked_up)


def fits_name(patterns: Iterable[str], path: str) -> bool:
    """Returns whether one of the patterns fits the file's name."""
    name = Path(path).name.lower()
    names = {name, name.removesuffix(".gz")}
    return any(fnmatch.fnmatchcase(each, pattern.lower()) for pattern in patterns for each in names)


def _named(files: Iterable[str]) -> frozenset[str]:
    return frozenset(each.lower() for each in files)


def sole_column(table: TableMap) -> tuple[str, ...]:
    """Returns the column of the deal, which every object must have, where one column alone tells
    it."""
    return table.deal.columns if len(table.deal.columns) == 1 else ()


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
    return None if wrong else _mapping(document), told


def _mapping(document: Document) -> Mapping:
    data = document.data
    zone = load_zone(data.get("timezone", "UTC"))
    assert zone is not None  # noqa: S101  (checked before)
    same = data.get("same_deal")
    return Mapping(
        name=data["mapping"],
        version=str(data["version"]),
        title=data.get("title", ""),
        zone=zone,
        tables=tuple(_table(document, index) for index in range(len(data["tables"]))),
        file=document.file,
        lookups=tuple(
            _lookup(name, each, document.key_place(("lookups", name)).line)
            for name, each in data.get("lookups", {}).items()
        ),
        same_deal=_lookup("same_deal", {**same, "key": same["from"], "value": same["into"]})
        if same
        else None,
        shapes=tuple(shapes_of(data)),
    )


def _lookup(name: str, data: dict[str, Any], line: int = 1) -> LookupFile:
    return LookupFile(
        name=name,
        files=_texts(data["files"]),
        each=data.get("each", ""),
        where=_where(data.get("where", {})),
        key=_sure_value(data["key"]),
        value=_value(data.get("value")),
        line=line,
    )


def _table(document: Document, index: int) -> TableMap:
    data = document.data["tables"][index]
    start = {name: _sure_value(value) for name, value in data.get("start", {}).items()}
    return TableMap(
        name=table_name(data),
        files=_texts(data.get("files", ())),
        deal=_sure_value(data["deal"]),
        where=_where(data.get("where", {})),
        start=start,
        rows=tuple(
            _row(row, data, document.place(("tables", index, "rows", place)).line)
            for place, row in enumerate(data.get("rows", ()))
        ),
        keeps_identical=data.get("identical") == "keep",
        each=data.get("each", ""),
        derived={name: _sure_value(value) for name, value in data.get("columns", {}).items()},
        begun_at=_value(data.get("happened_at")) if "stage" in start else None,
        begun_by=_value(data.get("actor")) if "stage" in start else None,
        line=document.place(("tables", index)).line,
    )


def _row(data: dict[str, Any], table: dict[str, Any], line: int) -> RowRule:
    both = {**table, **data}
    attrs = {**table.get("attrs", {}), **data.get("attrs", {})}
    if "each" in data and "event_id" not in data:  # all items would share it
        both.pop("event_id", None)
    status = _status(data["status"]) if "status" in data else None
    return RowRule(
        kind=data["kind"],
        where=_where(data.get("where", {})),
        name=status.source if status else _sure_value(data["name"]),
        value=_value(data.get("value")),
        happened_at=_sure_value(both["happened_at"]),
        recorded_at=_value(both.get("recorded_at")),
        actor=_value(both.get("actor")),
        event_id=_value(both.get("event_id")),
        inherits_id="event_id" not in data,
        attrs={name: _sure_value(value) for name, value in attrs.items()},
        each=data.get("each", ""),
        changes=data.get("changes", False),
        was=_value(data.get("was")),
        status=status,
        line=line,
    )


def _status(data: dict[str, Any]) -> StatusRule:
    words = [word for word in ("won", "lost", "open") if word in data]
    meant = {text: word for word in words for text in _texts(data[word])}
    stages = {**{word: word for word in ("won", "lost")}, **data.get("stages", {})}
    source = {key: data[key] for key in ("column", "columns", "lookup") if key in data}
    return StatusRule(
        source=_sure_value({**source, "names": meant, "only": True}),
        stages=stages,
        reopens="open" in data,
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
    names = names_of(data.get("names", {}))
    forms: dict[str, Any] = {key: _texts(data[key]) for key in _LISTS if key in data}
    apart = ("column", "columns", "number", "names", *_LISTS)
    rest = {key: data[key] for key in data if key not in apart}
    return ValueSource(columns=columns, number=number, names=names, **forms, **rest)


def _where(data: dict[str, Any]) -> tuple[CellRule, ...]:
    return tuple(_cells(column, test) for column, test in data.items())


def _cells(column: str, test: Any) -> CellRule:
    if not isinstance(test, dict):
        texts = _texts(test)
        return CellRule(column, allowed=_plain(texts), like=pattern_of(texts))
    present = test["is"] == "present" if "is" in test else None
    texts = _texts(test.get("not", ()))
    return CellRule(column, refused=_plain(texts), present=present, unlike=pattern_of(texts))


def _plain(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(plain_text(text) for text in texts if not is_pattern(text))


def _texts(data: Any) -> tuple[str, ...]:
    return (data,) if isinstance(data, str) else tuple(data)
