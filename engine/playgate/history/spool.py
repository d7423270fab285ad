"""Groups a history of any length by deal in bounded memory: beyond a limit it goes to disk."""

from __future__ import annotations

import errno
import marshal
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from types import TracebackType

from playgate.errors import InputError
from playgate.history.event import START, Event

__all__ = ["LIMIT", "Spool", "full_disk_said"]

LIMIT = 400_000
"""How many events are held in memory, unless another number is asked for."""

_DEAL = itemgetter(0)
_AT = itemgetter(1)
_CHUNK = 4096
_BITS = 5
_DEEPEST = 32 // _BITS - 1

_Groups = dict[str, list[Event]]


class Spool:
    """Takes events in any order and gives them back deal by deal; it is a context manager.

    At most `limit` events are held in memory, and those of a single deal however many they are. The
    rest lies in a folder that only its owner can read and that is gone at the end. What happened
    after `until` is the future: it is noted, and is not the `latest`.
    """

    def __init__(self, limit: int = LIMIT, *, until: int | None = None) -> None:
        self._limit = limit
        self._until = sys.maxsize if until is None else until
        self.ahead: list[tuple[int, int, int]] = []
        """When each event of the future happens, its source and its line."""
        self._groups: _Groups = {}
        self._held = 0
        self._folder: Path | None = None
        self._stored = [0] * (1 << _BITS)
        self.events = 0
        self.latest: int | None = None
        """The largest `happened_at` that is not the future, fields known from the start apart;
        `None` without such events."""
        self.earliest: int | None = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._groups.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def add(self, event: Event) -> None:
        """Takes one event."""
        self.extend((event,))

    def extend(self, events: Iterable[Event]) -> None:
        """Takes many events."""
        given = iter(events)
        groups = self._groups
        while chunk := list(islice(given, _CHUNK)):
            for deal, run in groupby(chunk, _DEAL):
                group = groups.get(deal)
                if group is None:
                    groups[deal] = list(run)
                else:
                    group.extend(run)
            self._note(chunk)
            self._held += len(chunk)
            if self._held > self._limit:
                with full_disk_said():
                    self._store()

    def _note(self, chunk: list[Event]) -> None:
        self.events += len(chunk)
        instants = list(map(_AT, chunk))
        earliest, latest = min(instants), max(instants)
        if latest > self._until:
            self.ahead += [(e[1], e[9], e[10]) for e in chunk if e[1] > self._until]
            latest = max((at for at in instants if at <= self._until), default=START)
        if latest == START:
            return
        if earliest == START:
            earliest = min(at for at in instants if at != START)
        self.latest = latest if self.latest is None else max(latest, self.latest)
        self.earliest = earliest if self.earliest is None else min(earliest, self.earliest)

    def deals(self) -> Iterator[tuple[str, list[Event]]]:
        """Yields each deal once, with its events in the order they were given."""
        if self._folder is None:
            yield from self._groups.items()
            return
        with full_disk_said():
            self._store()
        for bucket, stored in enumerate(self._stored):
            path = self._folder / f"{bucket:02}"
            if stored:
                yield from self._read(path, stored, level=1)

    def _store(self) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="playgate-"))
        for bucket, stored in enumerate(_write(self._folder, self._groups, level=0)):
            self._stored[bucket] += stored
        self._groups.clear()
        self._held = 0

    def _read(self, path: Path, stored: int, *, level: int) -> Iterator[tuple[str, list[Event]]]:
        if stored <= self._limit or level > _DEEPEST:
            groups: _Groups = {}
            for batch in _batches(path):
                _gather(groups, batch)
            yield from groups.items()
            return
        parts = path.with_name(path.name + "-parts")
        counts = [0] * (1 << _BITS)
        with full_disk_said():
            parts.mkdir(mode=0o700)
            for batch in _batches(path):
                groups = {}
                _gather(groups, batch)
                for bucket, count in enumerate(_write(parts, groups, level=level)):
                    counts[bucket] += count
        for bucket, count in enumerate(counts):
            if count:
                yield from self._read(parts / f"{bucket:02}", count, level=level + 1)
        shutil.rmtree(parts, ignore_errors=True)


def _gather(groups: _Groups, events: list[Event]) -> None:
    for event in events:
        groups.setdefault(event.deal, []).append(event)


def _write(folder: Path, groups: _Groups, *, level: int) -> list[int]:
    """Appends the groups to the folder's buckets, in pieces, and returns how many events went to
    each."""
    buckets: list[list[tuple[object, ...]]] = [[] for _ in range(1 << _BITS)]
    counts = [0] * len(buckets)
    shift, mask = _BITS * level, len(buckets) - 1
    with ExitStack() as stack:
        files = [
            stack.enter_context((folder / f"{bucket:02}").open("ab"))
            for bucket in range(len(buckets))
        ]
        for deal, events in groups.items():
            # Each level looks at other bits: two seeds of one CRC would part the same deals.
            bucket = zlib.crc32(deal.encode("utf-8", "surrogatepass")) >> shift & mask
            counts[bucket] += len(events)
            pending = buckets[bucket]
            pending.extend(map(tuple, events))
            if len(pending) >= _CHUNK:
                marshal.dump(pending, files[bucket])
                pending.clear()
        for pending, file in zip(buckets, files, strict=True):
            if pending:
                marshal.dump(pending, file)
    return counts


def _batches(path: Path) -> Iterator[list[Event]]:
    with path.open("rb") as file:
        while True:
            try:
                rows = marshal.load(file)  # noqa: S302  (our own file, in our own folder)
            except EOFError:
                return
            yield list(map(Event._make, rows))


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Turns errors of a folder for temporary files that is full, or cannot be written to, into
    `InputError`."""
    try:
        yield
    except OSError as error:
        folder = tempfile.gettempdir()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"no room left in {folder} for what does not fit into memory",
                hint="name a folder with more room in TMPDIR",
                code="cannot-write",
            ) from None
        reason = error.strerror or os.strerror(error.errno or 0)
        raise InputError(f"cannot write to {folder}: {reason}", code="cannot-write") from None
