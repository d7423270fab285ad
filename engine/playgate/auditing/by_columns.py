"""The same audit over encoded columns, for large histories on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink, VerdictStore
from playgate.auditing.reading import Watch, unpacked_size
from playgate.auditing.select import Scope
from playgate.errors import InputError
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.read import read_history
from playgate.history.source import is_parquet
from playgate.model.playbook import Playbook
from playgate.records import Record, replace
from playgate.rules.list import list_rules

if TYPE_CHECKING:
    from playgate.columns.rows import Rows

__all__ = ["VERIFIED", "ColumnsAudit", "is_worth_it"]

VERIFIED = 20_000
"""Deals with about so many events are judged by the judge as well."""
_WORTH_IT = 8_000_000
"""Bytes of a history from which on columns are faster than two processes of the judge."""
_MOST = 1_600_000_000
"""Bytes of a history (unpacked text, or Parquet times ten) that fit into memory as columns."""


def is_worth_it(history: Sequence[str]) -> bool:
    """Whether columns can be had, and are faster than the judge; they are held in memory."""
    if not _is_installed() or not all(Path(path).is_file() for path in history):
        return False
    size = unpacked_size(history)
    if any(map(is_parquet, history)):
        return size * 10 <= _MOST
    return _WORTH_IT <= size <= _MOST


def _is_installed() -> bool:
    return all(find_spec(name) is not None for name in ("numpy", "pyarrow"))


class ColumnsAudit(Record, kw_only=True):
    """An audit over columns, of files; `None` is returned where it is for another to do."""

    playbook: Playbook
    scope: Scope
    history: Sequence[str]
    mapping: Mapping | None
    problems: Sequence[Problem]
    """The problems that were known before."""
    shown: bool
    watch: Watch
    verdicts: VerdictSink | None = None
    verified: int | None = VERIFIED
    """Deals with about so many events are judged by the judge as well; `None` means all."""
    on_disagreement: Callable[[Exception], None] | None = None
    """Hears of it where the judge says otherwise; its audit is what is returned then."""

    def run(self) -> AuditResult | None:
        """Returns the audit, whatever the history's form."""
        if not _is_installed():
            raise InputError(
                "columns are not installed",
                hint="pip install 'playgate[bulk]'",
                code="not-installed",
            )
        problems = list(self.problems)
        return self._audit(self._plain() or self._read(problems), problems)

    def if_plain(self) -> AuditResult | None:
        """Returns the audit of a history that is read as columns."""
        rows = self._plain()
        return None if rows is None else self._audit(rows, list(self.problems))

    def _plain(self) -> Rows | None:
        """Returns the rows of files that have one reading only, else `None`."""
        kinds = {is_parquet(path) for path in self.history}
        if self.mapping is not None or len(kinds) != 1:
            return None
        from playgate.columns.encode import NotPlainError

        if True in kinds:
            from playgate.columns.parquet import rows_of_parquet as rows_of
        else:
            from playgate.columns.delimited import rows_of_delimited as rows_of
        try:
            return rows_of(self.history)
        except NotPlainError:
            return None

    def _read(self, problems: list[Problem]) -> Rows:
        """Returns the rows as our own reader reads them."""
        from playgate.columns.rows import rows_of_events

        read: Callable[..., Iterator[Event]] = read_history
        if any(map(is_parquet, self.history)):
            from playgate.bulk.reading.events_of_files import read_any

            read = read_any
        return rows_of_events(
            read(
                self.history,
                mapping=self.mapping,
                report=problems.append,
                stable_ids=not self.shown,
            )
        )

    def _audit(self, rows: Rows, problems: list[Problem]) -> AuditResult | None:
        from playgate.columns.findings import DisagreementError
        from playgate.columns.run import audit_rows

        selection = self._selection(rows)
        if selection is None:
            return None
        scope = self.scope
        store = VerdictStore() if self.verdicts is not None else None
        try:
            result = audit_rows(
                self.playbook,
                rows,
                people=scope.people,
                as_of=scope.as_of,
                until=scope.until,
                selection=selection,
                sources=self.history,
                problems=problems,
                shown=self.shown,
                verdicts=store,
                watch=self.watch,
                verified=self.verified,
            )
        except DisagreementError as error:
            if self.on_disagreement is not None:
                self.on_disagreement(error)
            return None
        if self.verdicts is not None and store is not None:
            pass_on = self.verdicts.of(
                self.playbook, [rule.info for rule in list_rules(self.playbook)]
            )
            for batch in store.batches():
                pass_on(batch)
        return replace(result, engine="columns")

    def _selection(self, rows: Rows) -> Selection | None:
        """Returns the selection with the ids of actors; `None` for a deal or rep not there."""
        scope = self.scope
        if not set(scope.deals) <= set(rows.words.deals):
            return None
        called = {rep: scope.people.called(rep) if scope.people else () for rep in scope.reps}
        others = {rep for rep, actors in called.items() if not actors}
        if not others <= {*rows.words.actors, *rows.values_of("field", "owner")}:
            return None
        actors = frozenset(actor for rep in scope.reps for actor in called[rep] or (rep,))
        return scope.selection(actors)
