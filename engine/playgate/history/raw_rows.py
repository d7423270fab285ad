"""A file's rows as they lie there, in whichever format: cells, or data with lists in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.delimited import by_column
from playgate.history.json_texts import (
    TOO_DEEP,
    DoubledKeyError,
    object_in,
    read_lines,
    read_texts,
    why_not,
)
from playgate.history.json_without import read_readable
from playgate.history.levels import Cells, Items, Nest
from playgate.history.ocel_xml import is_ocel_xml, read_ocel_xml
from playgate.history.parquet_rows import parquet_rows
from playgate.history.paths import MISSING
from playgate.history.row_ids import WHOLE
from playgate.history.sheets import Typed
from playgate.history.source import Source, is_parquet, unreadable
from playgate.history.tables import table_in
from playgate.history.xes import read_xes

__all__ = [
    "Check",
    "RawRows",
    "Told",
    "holds_json",
    "is_log",
    "raw_rows",
    "rows_of_file",
    "starts_with",
]

Told = Callable[[int, str, str], None]
"""Takes a line, a reason and a hint."""

_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_DOCUMENTS = (".json", ".json.gz", ".jsonocel", ".jsonocel.gz")
_XES = (".xes", ".xes.gz")
_SPACE = b"\xef\xbb\xbf \t\r\n"


Check = Callable[[Sequence[str], str], None]
"""Takes the header of a table, or the keys of the first object, and which it is."""
RawRows = Callable[[Sequence[str], Told, Check], Iterator[Nest]]
"""Gives the rows of a file, of an XES log with these columns."""


def rows_of_file(
    path: str, columns: Sequence[str], problem: Told, check: Check, typed: Typed | None = None
) -> Iterator[Nest]:
    """Yields the rows of a file, whatever it is; see `raw_rows`."""
    if is_parquet(path):
        yield from parquet_rows(path, check)
        return
    with Source(path) as source:
        yield from raw_rows(source, columns, problem, check, typed)


def raw_rows(
    source: Source,
    columns: Sequence[str],
    problem: Told,
    check: Callable[[Sequence[str], str], None],
    typed: Typed | None = None,
) -> Iterator[Nest]:
    """Yields the rows of a file, of an XES log with these columns.

    `check` is given the header of a table, or the keys of the first object, and which it is; of a
    sheet, `typed` says what its columns are read as.
    """
    if is_ocel_xml(source.head):
        log = read_ocel_xml(source.name, source.chunks())
        yield Nest((1,), (Items([log]),), is_document=True)
    elif is_log(source):
        yield from _of_log(source, columns)
    elif _is_document(source):
        yield from _checked(_of_document(source, problem), check)
    elif holds_json(source):
        yield from _checked(_of_lines(source, problem), check)
    else:
        table = table_in(source, problem, typed)
        check(table.header, "header")
        for lines, cells, _ in table.columnar:
            columnar = dict(zip(table.header, cells, strict=True))
            yield Nest(lines, (Cells(columnar, len(lines)),))


def _checked(nests: Iterator[Nest], check: Check) -> Iterator[Nest]:
    known = False
    for nest in nests:
        (level,) = nest.levels
        if not known and isinstance(level, Items) and level.items:
            known = True
            if type(level.items[0]) is dict:
                check(list(level.items[0]), "object")
        yield nest


def is_log(source: Source) -> bool:
    """Returns whether a file is an XES log."""
    named = source.name.lower().endswith(_XES)
    return named or starts_with(source, b"<?xml", b"<log", b"<!")


def holds_json(source: Source) -> bool:
    """Returns whether a file is JSON, be it one text or one on each line."""
    named = source.name.lower().endswith((*_LINES, *_DOCUMENTS))
    return named or starts_with(source, b"{", b"[")


def _is_document(source: Source) -> bool:
    name = source.name.lower()
    if name.endswith(_LINES):
        return False
    return name.endswith(_DOCUMENTS) or starts_with(source, b"[")


def starts_with(source: Source, *marks: bytes) -> bool:
    """Returns whether a file starts with one of the marks, white space apart."""
    return source.head[:1024].lstrip(_SPACE).startswith(marks)


def _of_log(source: Source, columns: Sequence[str]) -> Iterator[Nest]:
    header = (*columns, WHOLE)
    for batch in read_xes(source.name, source.chunks(), columns):
        lines, cells, _ = by_column(batch, len(header))
        yield Nest(lines, (Cells(dict(zip(header, cells, strict=True)), len(lines)),))


def _of_lines(source: Source, problem: Told) -> Iterator[Nest]:
    line = 0
    for block in source.blocks():
        texts = composed(block).replace("\r\n", "\n").removesuffix("\n").split("\n")
        lines: Sequence[int] = range(line + 1, line + len(texts) + 1)
        line += len(texts)
        found = None if "\0" in block else read_lines("\n".join(texts))
        if found is None or len(found) != len(texts) or {*map(type, found)} != {dict}:
            lines, found = _one_by_one(lines, texts, problem)
        yield Nest(lines, (Items(found),))


def _one_by_one(
    lines: Sequence[int], texts: Sequence[str], problem: Told
) -> tuple[list[int], list[Any]]:
    kept: list[int] = []
    found: list[Any] = []
    for line, text in zip(lines, texts, strict=True):
        if not text or text.isspace():
            continue
        if "\0" in text:
            problem(line, *unreadable(text))
            continue
        try:
            found.append(object_in(text, read_texts(text)))
            kept.append(line)
        except (RecursionError, ValueError) as error:
            problem(line, *why_not(error))
    return kept, found


def _of_document(source: Source, problem: Told) -> Iterator[Nest]:
    """Reads one JSON text: the items of its list are the rows, or it is the only row."""
    text = composed(source.text())
    try:
        data, odd = read_readable(text)
    except RecursionError:
        raise InputError(
            f"{source.name}: JSON nested too deep", hint=TOO_DEEP, code="wrong-file"
        ) from None
    except DoubledKeyError as error:
        raise InputError(f"{source.name}: {error}", code="wrong-file") from None
    except ValueError as error:
        if _is_lines(text):
            yield from _in_lines(text, problem)
            return
        if "\0" in text:
            raise InputError(
                f"{source.name}: {unreadable(text)[0]}", hint=unreadable(text)[1], code="wrong-file"
            ) from None
        raise InputError(
            f"{source.name} is no JSON: {error}",
            hint="is the file whole? one object on each line is NDJSON",
            code="wrong-file",
        ) from None
    if not isinstance(data, list | dict):
        raise InputError(
            f"{source.name} is JSON, but neither a list nor an object", code="wrong-file"
        )
    for told in odd:
        problem(*told)
    items = data if isinstance(data, list) else [data]
    nest = Nest(range(1, len(items) + 1), (Items(items),), is_document=True)
    yield nest.kept([item is not MISSING for item in items])


def _is_lines(text: str) -> bool:
    """Returns whether the first line of a text is an object by itself."""
    first, _, rest = text.lstrip().partition("\n")
    try:
        return bool(rest) and type(read_texts(first)) is dict
    except (ValueError, RecursionError):
        return False


def _in_lines(text: str, problem: Told) -> Iterator[Nest]:
    texts = text.split("\n")
    lines, found = _one_by_one(range(1, len(texts) + 1), texts, problem)
    yield Nest(lines, (Items(found),))
