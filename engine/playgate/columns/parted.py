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


class Parted:
    """Takes many rows at a time, and gives the rows of some deals alone."""

    def __init__(self, parts: int) -> None:
        self._parts = max(2, min(parts, _MOST))
        self._files = ExitStack()
        self._written: list[tuple[IO[bytes], Any]] = []

    def close(self) -> None:
        """Lets go of all files."""
        self._files.close()

    def take(self, batch: Batch) -> None:
        """Takes rows, in the order of the source."""
        with full_disk_said():
            if not self._written:
                self._open()
            for (_, writer), its in zip(self._written, self._apart(batch), strict=True):
                if len(its.at):
                    writer.write_batch(its.record())

    def _open(self) -> None:
        for _ in range(self._parts):
            file = tempfile.TemporaryFile(prefix="playgate-")  # noqa: SIM115  (kept open)
            self._files.enter_context(file)
            writer = pa.ipc.new_stream(pa.PythonFile(file, mode="w"), SCHEMA)
            self._written.append((file, writer))

    def _apart(self, batch: Batch) -> Iterator[Batch]:
        """Yields the rows of each part, with the texts that they have."""
        deals = batch.texts["deal"]
        drawn = draws_of(ArrowTexts(in_one_form(deals.dictionary)))
        part_of = (drawn % self._parts).astype(np.uint8)
        part = part_of[numbers_of(deals.indices, np.int32)]
        order = np.argsort(part, kind="stable")  # small numbers are sorted by counting
        ends = np.cumsum(np.bincount(part, minlength=self._parts))
        low = 0
        for high in ends.tolist():
            yield batch.take(order[low:high])
            low = high

    def all(self) -> Iterator[list[Batch]]:
        """Yields the rows of each part; they are taken from disk once."""
        with full_disk_said():
            for _, writer in self._written:
                writer.close()
        for file, _ in self._written:
            file.seek(0)
            yield [
                Batch.of_record(each) for each in pa.ipc.open_stream(pa.PythonFile(file, mode="r"))
            ]
            file.close()
