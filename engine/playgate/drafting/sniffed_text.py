"""A proposed mapping as text, each guess below a comment with its evidence."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap

from playgate.documents.tidy import tidy
from playgate.drafting.draft import id_of
from playgate.drafting.sniffed_cells import ColumnSeen, parted, words_of
from playgate.drafting.sniffed_roles import Guess, Roles
from playgate.history.mapping_check import table_name
from playgate.history.number_forms import NumberForm, different
from playgate.history.time_forms import ISO
from playgate.history.xes import CASE
from playgate.records import Record

__all__ = ["TableText", "mapping_text"]

_WIDTH = 96
_MOST_FIELDS = 30
_MOST_ATTRS = 8
_MOST_TRANSLATED = 30
_STAGES = {"stage", "status", "phase"}
_DRAFT = (
    "Proposed from what stands in the files: look at each line, above all where it says CHECK, then"
    " try it with playgate lint and playgate import."
)


class TableText(Record):
    """A table to write: the file, what its columns are taken for, and of a log of changes what was
    changed."""

    path: str
    stem: str
    roles: Roles
    of_changes: Mapping[str, ColumnSeen]


def mapping_text(tables: Sequence[TableText], left_out: Sequence[str]) -> str:
    """Returns the mapping; `left_out` says which files it does not read, and why."""
    lines = [*_comment(_DRAFT), *(line for each in left_out for line in _comment(each)), ""]
    lines += ['mapping: "draft"', "version: 1", *_zone(tables), "tables:"]
    taken: set[str] = set()
    for each in tables:
        lines += _table(each, taken)
    return tidy("\n".join([*lines, ""]).encode(), "draft.mapping.yaml").decode()


def _comment(text: str, indent: int = 0) -> Iterator[str]:
    start = f"{' ' * indent}# "
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return (start + line for line in wrap(shown, _WIDTH - len(start), break_on_hyphens=False))


def _zone(tables: Sequence[TableText]) -> Iterator[str]:
    bare = [
        table.roles.happened_at.column.name
        for table in tables
        if (at := table.roles.happened_at) and (times := at.column.times) and not times.has_offset
    ]
    if bare:
        named = ", ".join(dict.fromkeys(bare))
        yield from _comment(
            f"CHECK: of {named} no offset is told; in which zone were they written?"
        )
    yield 'timezone: "UTC"'


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=not words.isprintable())


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, words))}]"


def _table(table: TableText, taken: set[str]) -> Iterator[str]:
    roles = table.roles
    pattern = glob.escape(Path(table.path).name)
    yield f"  - files: {_text(pattern)}"
    name = table_name({"files": pattern})
    if not name or name in taken:
        name = id_of(table.stem, taken=taken) or f"table-{len(taken) + 1}"
        yield f"    table: {_text(name)}"
    taken.add(name)
    yield from _role("deal", roles.deal, {})
    yield from _role("happened_at", roles.happened_at, _time_form(roles.happened_at, "format"))
    yield from _role("actor", roles.actor, {})
    yield from _role("event_id", roles.event_id, {})
    if roles.event_id is None:
        yield from _comment("CHECK: no column tells the rows apart", 4)
        yield "    identical: once"
    at = roles.happened_at
    if at is not None and at.column.filled < 1:
        yield from _comment("CHECK: rows without a time are left out", 4)
        yield f"    where: {{{_text(at.column.name)}: {{is: present}}}}"
    yield from _start([each for each in roles.others if each.name.startswith(CASE)])
    yield "    rows:"
    yield from _rows(table)


def _start(columns: Sequence[ColumnSeen]) -> Iterator[str]:
    """Writes what is known of a case from its start."""
    taken: list[str] = []
    for column in columns[:_MOST_FIELDS]:
        name = _id(column.name.removeprefix(CASE), taken)
        if not name:
            continue
        form, evidence = _form_of(column)
        if not taken:
            yield from _comment("CHECK: a log tells what was known of a case at its end", 4)
            yield "    start:"
        taken.append(name)
        yield from _comment(f"{column.name}: {evidence}" if evidence else "", 6)
        yield f"      {_text(name)}: {_value(column.name, form)}"


def _role(key: str, guess: Guess | None, form: Mapping[str, str]) -> Iterator[str]:
    if guess is not None:
        yield from _comment(f"{guess.column.name}: {guess.why}", 4)
        yield f"    {key}: {_value(guess.column.name, form)}"


def _value(column: str, form: Mapping[str, str]) -> str:
    if not form:
        return _text(column)
    told = {"column": _text(column), **form}
    return "{" + ", ".join(f"{key}: {each}" for key, each in told.items()) + "}"


def _time_form(guess: Guess | None, key: str) -> dict[str, str]:
    times = guess.column.times if guess is not None else None
    if times is None or times.forms == (ISO,):
        return {}
    return {key: _text(times.forms[0]) if len(times.forms) == 1 else _list(times.forms)}


def _form_of(column: ColumnSeen) -> tuple[dict[str, str], str]:
    """Returns how the cells of a column read as values, and the evidence."""
    if column.times is not None:
        key = "format" if column.times.has_clock else "date"
        return _time_form(Guess(column, ""), key), column.times.said
    if column.numbers is None or column.numbers.form == NumberForm():
        return {}, ""
    form = column.numbers.form
    told = {"decimal": _text(form.decimal)} if form.decimal != "." else {}
    if form.thousands:
        told["thousands"] = _text(form.thousands)
    if form.currency:
        told["currency"] = _list(form.currency)
    inside = ", ".join(f"{key}: {each}" for key, each in told.items())
    return {"number": "{" + inside + "}"}, column.numbers.said


# --- What rows mean -------------------------------------------------------------------------------


def _rows(table: TableText) -> Iterator[str]:
    roles = table.roles
    others = [each for each in roles.others if not each.name.startswith(CASE)]
    if roles.changed is not None and roles.new_value is not None:
        yield from _changes(table, roles.changed, roles.new_value)
        return
    if roles.activity is None or roles.stage is not None:
        yield from _fields(others)
    if roles.stage is not None:
        if roles.deal is not None and roles.deal.column.is_unique:
            yield from _comment("CHECK: one row for a deal tells where it is, not how it moved", 6)
        yield from _named("stage", roles.stage)
    if roles.activity is not None:
        yield from _named("activity", roles.activity)
        if roles.outcome is not None:
            yield from _comment(f"{roles.outcome.column.name}: {roles.outcome.why}", 8)
            yield f"        value: {_text(roles.outcome.column.name)}"
        if roles.stage is None:
            yield from _attrs(others)
    if roles.stage is None and roles.activity is None:
        yield from _comment("CHECK: no column looks like a stage or an activity", 6)
        yield f"      - kind: activity\n        name: {{text: {_text(_id(table.stem) or 'row')}}}"


def _id(name: str, taken: Sequence[str] = ()) -> str:
    return id_of(parted(name), joint="_", taken=taken)


def _named(kind: str, guess: Guess) -> Iterator[str]:
    """Writes what rows are whose name stands in a column."""
    column = guess.column
    yield from _comment(f"{column.name}: {guess.why}", 6)
    yield f"      - kind: {kind}"
    if column.filled < 1:
        yield f"        where: {{{_text(column.name)}: {{is: present}}}}"
    yield f"        name: {_value(column.name, _names(column, '-' if kind == 'stage' else '_'))}"


def _names(column: ColumnSeen, joint: str) -> dict[str, str]:
    """Translates the names of stages and activities to ids, where there are few of them."""
    if len(column.cells) > _MOST_TRANSLATED:
        return {}
    found: dict[str, str] = {}
    for cell in sorted(column.cells):
        found[cell] = id_of(cell, joint=joint, taken=found.values()) or cell
    if all(cell == name for cell, name in found.items()):
        return {}
    pairs = ", ".join(f"{_text(cell)}: {_text(name)}" for cell, name in found.items())
    return {"names": "{" + pairs + "}"}


def _fields(columns: Sequence[ColumnSeen]) -> Iterator[str]:
    taken: list[str] = []
    for column in columns[:_MOST_FIELDS]:
        name = _id(column.name, taken)
        if name:
            taken.append(name)
            where = {} if column.filled >= 1 else {column.name: "{is: present}"}
            yield from _field(name, column.name, column, where)
    yield from _left_out(columns[_MOST_FIELDS:])


def _field(name: str, source: str, seen: ColumnSeen, where: Mapping[str, str]) -> Iterator[str]:
    form, evidence = _form_of(seen)
    if evidence:
        yield from _comment(f"{seen.name}: {evidence}", 6)
    tests = ", ".join(f"{_text(column)}: {test}" for column, test in where.items())
    start = ["      - kind: field", *([f"        where: {{{tests}}}"] if tests else [])]
    yield from start
    yield f"        name: {{text: {_text(name)}}}"
    yield f"        value: {_value(source, form)}"
    marks = seen.numbers.form.currency if seen.numbers else ()
    if different(marks):
        yield from _comment(f"{seen.name}: several currencies stand in it", 6)
        yield from start
        yield f"        name: {{text: {_text(f'{name}_currency')}}}"
        yield f"        value: {_value(source, {'currency': _list(marks)})}"


def _attrs(columns: Sequence[ColumnSeen]) -> Iterator[str]:
    names = {_id(column.name): column.name for column in columns[:_MOST_ATTRS]}
    pairs = [f"{_text(name)}: {_text(column)}" for name, column in names.items() if name]
    if pairs:
        yield f"        attrs: {{{', '.join(pairs)}}}"
    yield from _left_out(columns[_MOST_ATTRS:])


def _left_out(columns: Sequence[ColumnSeen]) -> Iterator[str]:
    if columns:
        yield from _comment(f"not read: {', '.join(each.name for each in columns)}", 6)


def _changes(table: TableText, changed: Guess, new: ColumnSeen) -> Iterator[str]:
    """Writes what the rows of a log of changes are: one entry for each field that was changed."""
    yield from _comment(f"{changed.column.name} names what was changed: {changed.why}", 6)
    taken: list[str] = []
    for name, seen in table.of_changes.items():
        where = {changed.column.name: _text(name)}
        if words_of(name) & _STAGES or "stage" in name.casefold():
            yield from _comment(f"{name}: {', '.join(sorted(seen.cells)[:6])}", 6)
            yield "      - kind: stage"
            yield f"        where: {{{_text(changed.column.name)}: {_text(name)}}}"
            yield f"        name: {_value(new.name, _names(seen, '-'))}"
            continue
        known = _id(name, taken)
        if known:
            taken.append(known)
            yield from _field(known, new.name, seen, where)
    more = len(changed.column.cells) - len(table.of_changes)
    if more > 0:
        yield from _comment(f"not read: {more} more names in {changed.column.name}", 6)
