"""Findings in their order, however many: beyond a limit they wait in a file.

The file has no name and is gone with the process. It holds runs of findings that are sorted each;
reading puts them together.
"""

from __future__ import annotations

import heapq
import io
import marshal
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

from playgate.findings import Finding, RuleInfo, Witness
from playgate.history.spool import full_disk_said

__all__ = ["FindingStore", "Ordered"]

_LIMIT = 50_000
_BATCH = 100

SortKey = Callable[[Finding], Any]

_RULE, _EVIDENCE = map(Finding._fields.index, ("rule", "evidence"))
_new: Any = tuple.__new__  # what a named tuple's own does, without a call in Python


class Ordered(Collection[Finding]):
    """Findings of several sources, each in order, merged into one order; it can be iterated many
    times."""

    def __init__(self, parts: Sequence[Collection[Finding]], key: SortKey) -> None:
        self._parts = parts
        self._key = key

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[Finding]:
        return heapq.merge(*self._parts, key=self._key)

    def __contains__(self, finding: object) -> bool:
        return any(each == finding for each in self)


class FindingStore:
    """Takes findings of these rules in any order."""

    def __init__(self, rules: Sequence[RuleInfo], *, limit: int = _LIMIT) -> None:
        self._rules = rules
        self._places = {rule.id: place for place, rule in enumerate(rules)}
        self._limit = limit
        self._held: list[Finding] = []
        self.actors: set[str] = set()
        """All whom the findings mention."""
        self._runs: list[_Run] = []
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return len(self._held) + sum(map(len, self._runs))

    def __iter__(self) -> Iterator[Finding]:
        """Yields all findings, in no order."""
        for run in self._runs:
            yield from run
        yield from self._held

    def add(self, finding: Finding) -> None:
        """Takes a finding."""
        self._held.append(finding)
        self.actors.add(finding.actor)
        self.actors.add(finding.waived_by)
        if len(self._held) >= self._limit:
            with full_disk_said():
                self._store()

    def extend(self, findings: Iterable[Finding]) -> None:
        """Takes many findings."""
        for finding in findings:
            self.add(finding)

    def ordered(self) -> Collection[Finding]:
        """Returns the findings by due instant, deal and the playbook's order of rules."""
        held = sorted(self._held, key=self._key)
        return Ordered([*self._runs, held], self._key) if self._runs else tuple(held)

    def packed(self) -> Iterator[bytes]:
        """Yields the findings, some at a time, for a store of another process to `unpack`."""
        rest = iter(self)
        while batch := list(islice(rest, _BATCH)):
            yield self._pack(batch)

    def unpack(self, packed: bytes) -> None:
        """Takes findings from another process."""
        self.extend(self._unpack(io.BytesIO(packed)))

    def _key(self, finding: Finding) -> tuple[int, str, int]:
        return finding.due_at, finding.deal, self._places[finding.rule.id]

    def _store(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="playgate-")  # noqa: SIM115  (kept open)
        self._held.sort(key=self._key)
        begin = self._file.seek(0, io.SEEK_END)
        for start in range(0, len(self._held), _BATCH):
            self._file.write(self._pack(self._held[start : start + _BATCH]))
        self._runs.append(_Run(self._file, begin, len(self._held), self._unpack))
        self._held.clear()

    def _pack(self, batch: list[Finding]) -> bytes:
        """Returns plain values, with the place of a rule for the rule."""
        places = self._places
        rows: list[list[Any]] = [[*each] for each in batch]
        for row in rows:
            row[_RULE] = places[row[_RULE].id]
            row[_EVIDENCE] = [*map(tuple, row[_EVIDENCE])]
        return marshal.dumps(rows)

    def _unpack(self, file: IO[bytes]) -> list[Finding]:
        rows: list[list[Any]] = marshal.load(file)  # noqa: S302  (our own file)
        for row in rows:
            row[_RULE] = self._rules[row[_RULE]]
            row[_EVIDENCE] = tuple([_new(Witness, each) for each in row[_EVIDENCE]])
        return [_new(Finding, row) for row in rows]


class _Run(Collection[Finding]):
    """Findings that lie in a file, in order."""

    def __init__(
        self, file: IO[bytes], begin: int, count: int, unpack: Callable[[IO[bytes]], list[Finding]]
    ) -> None:
        self._file = file
        self._begin = begin
        self._count = count
        self._unpack = unpack

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Finding]:
        place, left = self._begin, self._count
        while left:
            self._file.seek(place)  # others read the same file meanwhile
            batch = self._unpack(self._file)
            place, left = self._file.tell(), left - len(batch)
            yield from batch

    def __contains__(self, finding: object) -> bool:
        return any(each == finding for each in self)
