"""Every verdict of an audit as a row of a file: CSV, NDJSON or Parquet, version 1.

The columns are the contract of `schemas/verdicts.schema.json`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from playgate.audit.verdict_rows import TakeVerdicts, VerdictRow
from playgate.conditions.instants import show_instant
from playgate.errors import InputError
from playgate.findings import RuleInfo
from playgate.history.write import replaced, replaced_text
from playgate.model.playbook import Playbook
from playgate.report.csv_text import safe_cell
from playgate.report.json_text import json_line

__all__ = ["COLUMNS", "VERSION", "VerdictsFile", "check_name", "open_verdicts"]

VERSION = 1
COLUMNS = ("deal", "playbook", "version", "rule", "stage", "level", "verdict", "due_at", "actor")
_TEXTS = (".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
_PARQUET = ".parquet"


class _Written(NamedTuple):
    """A verdict with the words of its rule; `due_at` is in microseconds since 1970 in UTC."""

    deal: str
    playbook: str
    version: str
    rule: str
    stage: str
    level: str
    verdict: str
    due_at: int
    actor: str


class _Writer(Protocol):
    def write(self, rows: Sequence[_Written]) -> None:
        """Writes rows."""
        ...


class VerdictsFile:
    """Takes verdicts of any playbooks and writes them as they come."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer

    def of(self, playbook: Playbook, rules: Sequence[RuleInfo]) -> TakeVerdicts:
        """Returns what writes verdicts on these rules of a playbook."""
        version = str(playbook.version)
        words = [(playbook.name, version, rule.id, rule.stage, rule.level) for rule in rules]

        def take(rows: Sequence[VerdictRow]) -> None:
            self._writer.write(
                [
                    _Written(deal, *words[place], verdict, due_at, actor)
                    for deal, place, verdict, due_at, actor in rows
                ]
            )

        return take


def check_name(path: str) -> None:
    """Raises `InputError` where the name of a file does not say how to write it, or the program for
    that is not there."""
    name = path.lower()
    if name.endswith(_PARQUET):
        _arrow()
    elif not name.endswith(_TEXTS):
        hint = f"end it in {', '.join(_TEXTS)} or {_PARQUET}"
        raise InputError(f"{path}: the name does not say how to write it", hint=hint, code="usage")


@contextmanager
def open_verdicts(path: str) -> Iterator[VerdictsFile]:
    """Opens a file of verdicts, which appears whole where all goes well, or not at all."""
    check_name(path)
    try:
        with _opened(path) as writer:
            yield VerdictsFile(writer)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise InputError(message, code="cannot-write") from None


@contextmanager
def _opened(path: str) -> Iterator[_Writer]:
    if path.lower().endswith(_PARQUET):
        with replaced(Path(path)) as file, _parquet(file) as writer:
            yield writer
        return
    as_json = ".csv" not in Path(path.lower()).suffixes[-2:]
    with replaced_text(Path(path)) as stream:
        yield _JsonLines(stream) if as_json else _Csv(stream)


class _Csv:
    """Writes CSV that is safe to open in a spreadsheet."""

    def __init__(self, stream: IO[str]) -> None:
        self._rows = csv.writer(stream, lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def write(self, rows: Sequence[_Written]) -> None:
        """Writes rows."""
        self._rows.writerows(
            (
                safe_cell(row.deal),
                *map(_safe_word, row[1:6]),
                row.verdict,
                _instant(row.due_at),
                safe_cell(row.actor),
            )
            for row in rows
        )


class _JsonLines:
    """Writes an object on each line."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, rows: Sequence[_Written]) -> None:
        """Writes rows."""
        self._stream.writelines(json_line(_object(row)) + "\n" for row in rows)


def _object(row: _Written) -> Mapping[str, str | None]:
    return row._asdict() | {
        "stage": row.stage or None,
        "due_at": _instant(row.due_at),
        "actor": row.actor or None,
    }


_instant = lru_cache(maxsize=4096)(show_instant)
_safe_word = lru_cache(maxsize=4096)(safe_cell)


@contextmanager
def _parquet(file: IO[bytes]) -> Iterator[_Writer]:
    arrow, parquet = _arrow()
    word = arrow.dictionary(arrow.int32(), arrow.string())
    kinds = {"deal": arrow.string(), "due_at": arrow.timestamp("us", tz="UTC")}
    schema = arrow.schema(
        [(name, kinds.get(name, word)) for name in COLUMNS],
        metadata={"playgate.verdicts.version": str(VERSION)},
    )
    with parquet.ParquetWriter(file, schema, compression="zstd") as out:
        writer = _Parquet(arrow, schema, out)
        yield writer
        writer.flush()


class _Parquet:
    """Writes row groups."""

    _ROWS = 100_000

    def __init__(self, arrow: Any, schema: Any, out: Any) -> None:
        self._arrow = arrow
        self._schema = schema
        self._out = out
        self._held: list[_Written] = []

    def write(self, rows: Sequence[_Written]) -> None:
        """Writes rows once there are enough of them."""
        self._held.extend(rows)
        if len(self._held) >= self._ROWS:
            self.flush()

    def flush(self) -> None:
        """Writes what is held."""
        if not self._held:
            return
        columns = [list(column) for column in zip(*self._held, strict=True)]
        arrays = [
            self._arrow.array([cell or None for cell in column], self._arrow.string()).cast(kind)
            if name != "due_at"
            else self._arrow.array(column, kind)
            for name, column, kind in zip(COLUMNS, columns, self._schema.types, strict=True)
        ]
        self._out.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._held.clear()


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(
            "Parquet needs pyarrow, which is not installed",
            hint="pip install 'playgate[bulk]' brings it; .csv and .ndjson need nothing",
            code="not-installed",
        ) from None
    return pyarrow, pyarrow.parquet
