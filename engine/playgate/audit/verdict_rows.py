"""Every verdict of an audit on its way out, deal by deal, so that none is held."""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Protocol

from playgate.findings import RuleInfo
from playgate.history.spool import full_disk_said
from playgate.model.playbook import Playbook

__all__ = ["TakeVerdicts", "VerdictRow", "VerdictSink", "VerdictStore"]

VerdictRow = tuple[str, int, str, int, str]
"""The deal, the place of the rule, what was said, when it was due, and who is charged."""

TakeVerdicts = Callable[[Sequence[VerdictRow]], None]
"""Takes verdicts of one playbook's rules."""

_HELD = 20_000


class VerdictSink(Protocol):
    """Takes the verdicts of audits, whose playbooks may differ."""

    def of(self, playbook: Playbook, rules: Sequence[RuleInfo]) -> TakeVerdicts:
        """Returns what takes the verdicts on the rules of a playbook."""
        ...


class VerdictStore:
    """Keeps the verdicts of one playbook in a file without a name, for another process to fetch."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._held: list[VerdictRow] = []

    def of(self, playbook: Playbook, rules: Sequence[RuleInfo]) -> TakeVerdicts:
        """Returns what takes the verdicts."""
        return self._take

    def _take(self, rows: Sequence[VerdictRow]) -> None:
        self._held.extend(rows)
        if len(self._held) >= _HELD:
            with full_disk_said():
                self._store()

    def _store(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="playgate-")  # noqa: SIM115  (kept open)
        marshal.dump(self._held, self._file)
        self._held.clear()

    def pass_on(self, take: TakeVerdicts) -> None:
        """Passes on all that was taken."""
        for rows in self.batches():
            take(rows)

    def batches(self) -> Iterator[list[VerdictRow]]:
        """Yields all that was taken, some at a time."""
        if self._file is not None:
            self._file.seek(0)
            while True:
                try:
                    rows: list[VerdictRow] = marshal.load(self._file)  # noqa: S302  (our own file)
                except EOFError:
                    break
                yield rows
        if self._held:
            yield self._held
