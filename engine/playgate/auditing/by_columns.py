"""The same audit over encoded columns, for large histories on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playgate.audit.fault import faults
from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink, VerdictStore
from playgate.audit.verified import Verified
from playgate.auditing.memory import MEMORY
from playgate.auditing.reading import Watch, gatherer_of, reader_of, unpacked_size
from playgate.auditing.select import Scope
from playgate.errors import InputError
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.source import is_parquet
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.records import Record, replace
from playgate.rules.list import list_rules

if TYPE_CHECKING:
    from playgate.columns.gathered import Gathered
    from playgate.columns.rows import Rows

__all__ = ["ColumnsAudit", "has_columns", "is_worth_it"]

_WORTH_IT = 8_000_000
"""Bytes of a history from which on columns are faster than two processes of the judge."""


def is_worth_it(history: Sequence[str]) -> bool:
    """Whether columns can be had, and are faster than the judge."""
    if not has_columns() or not all(Path(path).is_file() for path in history):
        return False
    return any(map(is_parquet, history)) or unpacked_size(history) >= _WORTH_IT


def has_columns() -> bool:
    """Whether what columns need is installed."""
    return all(find_spec(name) is not None for name in ("numpy", "pyarrow"))


class ColumnsAudit(Record, kw_only=True):
    """An audit over columns, of files; `None` is returned where it is for another to do.

    Raises `FaultError` where columns have a bug, or the judge says otherwise.
    """

    playbook: Playbook
    scope: Scope
    history: Sequence[str]
    mapping: Mapping | None
    problems: Sequence[Problem]
    """The problems that were known before."""
    shown: bool
    watch: Watch
    verdicts: VerdictSink | None = None
    verified: Verified = "some"
    memory: int = MEMORY
    """Bytes that the rows take in memory; beyond it they wait on disk."""

    def run(self) -> AuditResult | None:
        """Returns the audit, whatever the history's form."""
        if not has_columns():
            raise InputError(
                "columns are not installed",
                hint="pip install 'playgate[bulk]'",
                code="not-installed",
            )
        return self._safely(lambda: self._of_plain(otherwise=self._of_events))

    def if_plain(self) -> AuditResult | None:
        """Returns the audit of a history that is read as columns."""
        return self._safely(lambda: self._of_plain(otherwise=lambda: None))

    def _safely(self, run: Callable[[], _Judged | None]) -> AuditResult | None:
        with faults():
            judged = run()
        if judged is None:
            return None
        if self.verdicts is not None:
            infos = [rule.info for rule in list_rules(self.playbook)]
            judged.verdicts.pass_on(self.verdicts.of(self.playbook, infos))
        return replace(judged.result, engine="columns")

    def _of_plain(self, otherwise: Callable[[], _Judged | None]) -> _Judged | None:
        """Returns the audit of files that have one reading only."""
        problems = list(self.problems)
        gather = gatherer_of(self.history, self.mapping, problems.append)
        if gather is None:
            return otherwise()
        from playgate.columns.gathered import Gathering
        from playgate.columns.not_plain import NotPlainError
        from playgate.columns.unread import Unread

        try:
            unread = Unread(self.playbook)
            with Gathering(self.memory, self.scope.until, unread) as gathering:
                gather(gathering)
                return self._audit(gathering.gathered(), problems)
        except NotPlainError:
            return otherwise()

    def _of_events(self) -> _Judged | None:
        """Returns the audit of rows as our own reader reads them."""
        from playgate.columns.gathered import gathered_events

        problems = list(self.problems)
        with Spool(until=self.scope.until) as spool:
            events = self._read(problems)
            gathered = gathered_events(events, spool, self.memory, self.scope.until)
            return self._audit(gathered, problems)

    def _read(self, problems: list[Problem]) -> Iterator[Event]:
        read = reader_of(self.history)
        return read(
            self.history, mapping=self.mapping, report=problems.append, stable_ids=not self.shown
        )

    def _audit(self, gathered: Gathered, problems: list[Problem]) -> _Judged | None:
        from playgate.columns.run import audit_rows

        scope = self.scope
        met = _Met(scope)
        store = VerdictStore()
        result = audit_rows(
            self.playbook,
            met.watching(gathered),
            people=scope.people,
            as_of=scope.as_of,
            until=scope.until,
            selection=met.selection,
            sources=self.history,
            problems=problems,
            shown=self.shown,
            verdicts=store if self.verdicts is not None else None,
            watch=self.watch,
            verified=self.verified,
        )
        return _Judged(result, store) if met.all else None


class _Judged(NamedTuple):
    result: AuditResult
    verdicts: VerdictStore
    """All verdicts, where somebody wants them."""


class _Met:
    """Which of the deals and reps that an audit is asked for the history has."""

    def __init__(self, scope: Scope) -> None:
        called = {rep: scope.people.called(rep) if scope.people else () for rep in scope.reps}
        self._deals = set(scope.deals)
        self._reps = {rep for rep, actors in called.items() if not actors}
        actors = frozenset(actor for rep in scope.reps for actor in called[rep] or (rep,))
        self.selection: Selection = scope.selection(actors)
        """What is counted, of actors by their ids."""

    @property
    def all(self) -> bool:
        """Whether all were met."""
        return not self._deals and not self._reps

    def watching(self, gathered: Gathered) -> Gathered:
        """Returns the rows, whose parts are looked through on the way."""

        def parts() -> Iterator[Rows]:
            for rows in gathered.parts():
                self._look(rows)
                yield rows

        return gathered._replace(parts=parts)

    def _look(self, rows: Rows) -> None:
        if self._deals:
            self._deals.difference_update(rows.words.deals)
        if self._reps:
            self._reps.difference_update(rows.words.actors, rows.values_of("field", "owner"))
