"""A mapping proposed for files: what each column looks like, with the evidence of each guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from playgate.drafting.sniffed_cells import ColumnSeen, column_seen
from playgate.drafting.sniffed_roles import Roles, roles_of
from playgate.drafting.sniffed_text import TableText, mapping_text
from playgate.errors import InputError
from playgate.history.cells import text_of
from playgate.history.delimited import Table
from playgate.history.levels import Items
from playgate.history.raw_rows import holds_json, is_log, raw_rows
from playgate.history.source import Source
from playgate.history.tables import table_in
from playgate.history.xes import CASE, read_xes
from playgate.records import Record

__all__ = ["sniffed_mapping"]

_SAMPLE = 5_000
_MOST_CHANGED = 12
_ENDINGS = re.compile(r"(\.[a-z]+)(\.gz)?$", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb'<(?:string|date|int|float|boolean|id) key="([^"&<]+)"')


class _Sample(Record):
    """The first rows of a file, below the names of its columns."""

    header: tuple[str, ...]
    rows: list[Sequence[str]]

    def columns(self, where: tuple[str, str] | None = None) -> Iterator[ColumnSeen]:
        """Yields what each column looks like, in the rows with this cell in a column."""
        rows = self.rows
        if where is not None:
            place = self.header.index(where[0])
            rows = [row for row in rows if row[place].strip() == where[1]]
        for place, name in enumerate(self.header):
            if name:
                yield column_seen(name, [row[place] for row in rows])


def sniffed_mapping(paths: Sequence[str]) -> str:
    """Returns the text of a mapping for these files; raises `InputError` where nothing in them
    tells when something happened to which deal."""
    tables: list[TableText] = []
    left_out: list[str] = []
    samples = [(path, _ENDINGS.sub("", Path(path).name), _sample(path)) for path in paths]
    seen = [(*each, roles_of(each[1], list(each[2].columns()))) for each in samples]
    is_sure = any(roles.deal and roles.deal.is_sure for *_, roles in seen)
    for path, stem, sample, roles in seen:
        if roles.deal is None or (is_sure and not roles.deal.is_sure):
            left_out.append(f"{Path(path).name}: no column tells which deal a row is of")
        elif roles.happened_at is None:
            left_out.append(f"{Path(path).name}: no column tells when something happened")
        else:
            tables.append(TableText(path, stem, roles, _of_changes(sample, roles)))
    if not tables:
        raise InputError(
            f"no mapping can be proposed: {'; '.join(left_out)}",
            hint="a history needs the deal's id and a time in each row",
            code="wrong-file",
        )
    return mapping_text(tables, left_out)


def _of_changes(sample: _Sample, roles: Roles) -> dict[str, ColumnSeen]:
    """Returns of a log of changes the fields that were changed most, and their new values."""
    if roles.changed is None or roles.new_value is None:
        return {}
    column, new = roles.changed.column, roles.new_value.name
    found = {}
    for name, _ in column.cells.most_common(_MOST_CHANGED):
        seen = next(each for each in sample.columns((column.name, name)) if each.name == new)
        found[name] = seen
    return found


# --- Samples --------------------------------------------------------------------------------------


def _sample(path: str) -> _Sample:
    with Source(path) as source:
        if is_log(source):
            return _of_xes(source)
        if holds_json(source):
            return _of_objects(source)
        return _of_table(table_in(source, _nothing))


def _of_table(table: Table) -> _Sample:
    rows = chain.from_iterable(rows for _, rows in table.batches)
    return _Sample(table.header, list(islice(rows, _SAMPLE)))


def _nothing(*_: object) -> None:
    pass


def _of_objects(source: Source) -> _Sample:
    """Returns what objects hold in one piece; what lies deeper is passed over."""
    levels = (nest.levels[0] for nest in raw_rows(source, (), _nothing, _nothing))
    items = chain.from_iterable(level.items for level in levels if isinstance(level, Items))
    objects = [_flat(item) for item in islice(items, _SAMPLE) if isinstance(item, dict)]
    header = tuple(dict.fromkeys(name for each in objects for name in each))
    return _Sample(header, [[each.get(name, "") for name in header] for each in objects])


def _flat(item: dict[str, Any]) -> dict[str, str]:
    return {name: text_of(each) for name, each in item.items() if not isinstance(each, dict | list)}


def _of_xes(source: Source) -> _Sample:
    """Returns the attributes that the first events and their cases have."""
    keys = [key.decode("utf-8", "replace") for key in _ATTRIBUTE.findall(source.head)]
    names = dict.fromkeys(keys)
    header = (*(CASE + name for name in names), *names)
    batches = read_xes(source.name, source.chunks(), header)
    rows = [row[:-1] for row in islice(chain.from_iterable(each for _, each in batches), _SAMPLE)]
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    return _Sample(
        tuple(header[place] for place in kept), [[row[place] for place in kept] for row in rows]
    )
