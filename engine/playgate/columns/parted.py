"""Rows on disk, in files without a name, parted by a checksum of their deal.

The files are gone with the process, however it ends.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
import pyarrow as pa

from playgate.columns.arrow_texts import ArrowTexts, draws_of, in_one_form, numbers_of
from playgate.columns.batch import SCHEMA, Batch
from playgate.history.spool import full_disk_said

__all__ = ["Parted"]

_MOST = 120
"""So many files are open at most."""
_KEPT = 0.75
"""This share of the memory stays in use when there is no more room, as the first parts are held."""


class Parted:
    """Takes many rows at a time, and gives the rows of some deals alone.

    They are held in memory as long as they find room in `memory`.
    """

    def __init__(self, parts: int, memory: int) -> None:
        self._memory = memory
        self._bytes = 0
        self._held: list[list[Batch]] = [[] for _ in range(max(2, min(parts, _MOST)))]
        self._files = ExitStack()
        self._written: dict[int, tuple[IO[bytes], Any]] = {}
        """The files of the last parts, which are those that are on disk."""

    def close(self) -> None:
        """Lets go of all rows, and files."""
        self._held.clear()
        self._files.close()

    def take(self, batch: Batch) -> None:
        """Takes rows, in the order of the source."""
        batch = batch._replace(ids=batch.ids.combine_chunks())
        deals = batch.texts["deal"]
        drawn = draws_of(ArrowTexts(in_one_form(deals.dictionary)))
        part_of = (drawn % len(self._held)).astype(np.uint8)
        part = part_of[numbers_of(deals.indices, np.int32)]
        order = np.argsort(part, kind="stable")  # small numbers are sorted by counting
        ends = np.cumsum(np.bincount(part, minlength=len(self._held)))
        pieces = batch.split(np.split(order, ends[:-1]))
        for held, piece in zip(self._held, pieces, strict=True):
            if len(piece.at):
                held.append(piece)
                self._bytes += piece.bytes
        if self._bytes > self._memory:
            self._make_room()

    def _make_room(self) -> None:
        """Writes the parts that are given last, until there is room for more rows."""
        for number in self._written:
            self._write(number)
        enough = self._memory * _KEPT
        while self._bytes > enough:
            self._write(len(self._held) - 1 - len(self._written))

    def _write(self, number: int) -> None:
        held = self._held[number]
        with full_disk_said():
            if number not in self._written:
                self._written[number] = self._opened()
            for each in held:
                self._written[number][1].write_batch(each.record())
                self._bytes -= each.bytes
        held.clear()

    def _opened(self) -> tuple[IO[bytes], Any]:
        file = tempfile.TemporaryFile(prefix="playgate-")  # noqa: SIM115  (kept open)
        self._files.enter_context(file)
        return file, pa.ipc.new_stream(pa.PythonFile(file, mode="w"), SCHEMA)

    def all(self) -> Iterator[list[Batch]]:
        """Yields the rows of each part; they are given once."""
        for number, held in enumerate(self._held):
            yield self._read(number) if number in self._written else held

    def _read(self, number: int) -> list[Batch]:
        self._write(number)
        file, writer = self._written[number]
        with full_disk_said(), file:
            writer.close()
            file.seek(0)
            return [*map(Batch.of_record, pa.ipc.open_stream(pa.PythonFile(file, mode="r")))]
