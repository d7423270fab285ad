"""A compiled audit: the same expressions as are run, as the steps of a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from types import MappingProxyType

import ibis
from ibis.common.exceptions import TranslationError
from ibis.config import Config
from sqlglot import exp

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.judging.judgement import judge_events
from playgate.bulk.judging.refusals import refuse_misread, refuse_unsaid
from playgate.bulk.judging.setting import Setting, setting_of
from playgate.bulk.reading.distinct_events import (
    Oddities,
    distinct_events,
    oddities,
    with_starts_placed,
)
from playgate.bulk.reading.history_table import in_column_order, rows_of_table, union
from playgate.bulk.reading.read_rows import ReadRows
from playgate.bulk.sql.result_tables import RULES, counts, findings
from playgate.bulk.sql.script import Script, identifier
from playgate.bulk.values.expressions import Expr, Table, number
from playgate.bulk.values.instants import at_column, day_end
from playgate.conditions.instants import SECOND, SKEW
from playgate.errors import InputError
from playgate.history.event import START
from playgate.history.mapping import Mapping as HistoryMapping
from playgate.history.people import People
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import list_rules

__all__ = [
    "DIALECTS",
    "RESULTS",
    "TYPES",
    "CompiledAudit",
    "HistorySource",
    "compile_audit",
    "compile_events",
]

DIALECTS: Mapping[str, str] = MappingProxyType(
    {
        "snowflake": "snowflake",
        "bigquery": "bigquery",
        "spark": "pyspark",
        "trino": "trino",
        "postgres": "postgres",
        "duckdb": "duckdb",
        "clickhouse": "clickhouse",
    }
)
"""The dialects, and Ibis' names for them."""

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "text": "string",
        "date": "date",
        "timestamp": "timestamp",
        "timestamptz": "timestamp('UTC')",
        "json": "json",
    }
)
"""What a column may be declared as, and Ibis' names for it."""

RESULTS = ("unread", "findings", "counts")
"""The steps that stay."""


class HistorySource(Record):
    """A history lies in a table, of events or of rows that a mapping reads, unseen so far."""

    table: str
    name: exp.Table
    """What names it in SQL."""
    types: Mapping[str, str]
    """Its columns that are read, with their `TYPES`."""
    mapping: HistoryMapping | None = None


class CompiledAudit(Record):
    """A compiled audit has its steps in order, and what they need to know."""

    script: Script
    setting: Setting


AsOf = int | exp.Expression | None
"""An instant, an SQL expression that gives its text (empty: the default), or `None`, the default:
the latest event that does not lie in the future when the script runs."""


def compile_audit(
    playbook: Playbook, source: HistorySource, dialect: str, *, people: People | None, as_of: AsOf
) -> CompiledAudit:
    """Compiles the audit of a table for the dialect's engine.

    Raises `InputError` where the dialect cannot say what the playbook or the mapping asks for.
    """
    with _errors(dialect):
        script = Script(DIALECTS[dialect])
        refuse_unsaid(playbook, list_rules(playbook))
        refuse_misread(playbook, list_rules(playbook), script.backend)
        events = _events(script, source)
        starts = source.mapping is not None and any(each.start for each in source.mapping.tables)
        setting = compile_events(
            playbook,
            script,
            script.keep("events_read", events),
            people=people,
            as_of=as_of,
            starts=starts,
        )
    return CompiledAudit(script, setting)


def compile_events(
    playbook: Playbook,
    script: Script,
    events: Table,
    *,
    people: People | None,
    as_of: AsOf,
    starts: bool,
) -> Setting:
    """Notes the steps from a table of events (`event_table.EVENT`) to findings and counts."""
    rules = script.listed(
        "rulebook",
        RULES,
        [
            (place, rule.info.id, rule.info.level, rule.info.title)
            for place, rule in enumerate(list_rules(playbook))
        ],
    )
    as_of_step = _as_of(script, playbook, events, as_of)
    # Never NULL: of no events at all. Bare, it would lose its name where it is a column.
    instant = ibis.coalesce(as_of_step.as_of.as_scalar(), number(START))
    setting = setting_of(playbook, people=people, as_of=instant, is_latest=False, steps=script)
    # An id that looks like a derived one is taken as it is: a digest is not in every engine.
    odd = Oddities(starts=starts, derived=False)
    distinct = script.keep(
        "distinct_events", distinct_events(with_starts_placed(events, odd), odd, script.backend)
    )
    done = judge_events(setting, distinct, frozenset(range(len(setting.rules))))
    script.keep("findings", findings(done, rules))
    script.keep("counts", counts(done, rules, as_of_step))
    return setting


def _as_of(script: Script, playbook: Playbook, events: Table, as_of: AsOf) -> Table:
    if isinstance(as_of, int):
        return script.listed("as_of", {"as_of": "int64"}, [(as_of,)])
    latest = oddities(events, _future(script)).select(as_of="latest")
    if as_of is None:
        return script.keep("as_of", latest)
    asked = exp.select(exp.alias_(as_of, "asked", quoted=True))
    given = script.given("asked", {"asked": "string"}, asked)
    row = latest.cross_join(given)
    instant = ibis.ifelse(row.asked == "", row.as_of, day_end(row.asked, playbook.zone))
    return script.keep("as_of", row.select(as_of=instant))


def _future(script: Script) -> Expr:
    """Returns the instant behind which the future lies, by the clock of the engine."""
    now = exp.select(exp.alias_(exp.CurrentTimestamp(), "now", quoted=True))
    clock = script.given("clock", {"now": "timestamp('UTC')"}, now)
    if script.backend == "trino":  # whose instants are not read to the microsecond
        at = clock.now.epoch_seconds() * number(SECOND)
    else:
        at = at_column(clock.now, script.backend, UTC)
    return clock.select(future=at + number(SKEW)).future.as_scalar()


def _events(script: Script, source: HistorySource) -> Table:
    """Reads the events of rows that SQL is sure of; the others go to the step `unread`."""
    types = {name: TYPES[kind] for name, kind in source.types.items()}
    rows = script.given("source", types, _select(source, script.backend))
    reads = rows_of_table(
        rows,
        source.table,
        mapping=source.mapping,
        zone=source.mapping.zone if source.mapping else UTC,
        backend=script.backend,
        problem=_refuse,
    )
    kept = [
        (read, script.keep(f"rows_read_{place}" if len(reads) > 1 else "rows_read", read.rows))
        for place, read in enumerate(reads)
    ]
    odd = [_unread(read, rows) for read, rows in kept]
    script.keep("unread", ibis.union(*odd, distinct=True) if len(odd) > 1 else odd[0])
    return in_column_order(union(read.events(rows.filter(~rows.odd)) for read, rows in kept))


def _select(source: HistorySource, backend: str) -> exp.Select:
    """Selects the columns of the table that are read; what counts as text is made one."""
    columns = []
    for name, kind in source.types.items():
        column: exp.Expression = exp.Column(this=identifier(name, backend))
        if kind == "text":
            column = exp.cast(column, exp.DataType.Type.TEXT)
        columns.append(exp.alias_(column, name, quoted=True))
    return exp.select(*columns).from_(source.name)


def _unread(read: ReadRows, rows: Table) -> Table:
    """Shows the cells of the rows that SQL is not sure of."""
    odd = read.texts(rows.filter(rows.odd))
    # Behind the cells of the header may stand the whole row, of which an id is made.
    return odd.select(**dict(zip(read.header, map(odd.__getitem__, read.cells), strict=False)))


def _refuse(_: int, reason: str, hint: str) -> None:
    raise InputError(f"--columns: {reason}", hint=hint, code="usage")


@contextmanager
def _errors(dialect: str) -> Iterator[None]:
    """Says in our words what the dialect cannot say.

    It also sets what Ibis' backend for Spark would set, which needs Spark to be imported.
    """
    before = ibis.options.pyspark
    ibis.options.pyspark = before or _SparkOptions()
    try:
        yield
    except CannotExpressError as error:
        reason = str(error)
    except TranslationError as error:
        reason = str(error).partition("\n")[0]
    else:
        return
    finally:
        ibis.options.pyspark = before
    raise InputError(
        f"{dialect} cannot say what this asks for: {reason}",
        hint="playgate audit --engine judge can judge by it",
        code="engine-cannot",
    )


class _SparkOptions(Config):  # type: ignore[misc]
    treat_nan_as_null: bool = False
