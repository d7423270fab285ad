"""A compiled audit as statements of SQL, to read, to review and to run one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from types import MappingProxyType
from typing import NamedTuple

from sqlglot import exp

from playgate.bulk.sql.compiled_audit import RESULTS, CompiledAudit
from playgate.bulk.sql.readable_sql import one_line, readable_sql
from playgate.bulk.sql.script import STEP, NotedStep, identifier
from playgate.bulk.sql.words import ABOUT, legend

__all__ = ["comment", "full_name", "heading", "renamed", "render", "statements", "table_of"]

_WIDTH = 96


class _TableStatements(NamedTuple):
    """A dialect makes tables in its own way: `{name}` is quoted, the query follows."""

    step: tuple[str, ...] = ("CREATE OR REPLACE TEMPORARY TABLE {name} AS",)
    view: tuple[str, ...] = ("CREATE OR REPLACE TEMPORARY VIEW {name} AS",)
    result: tuple[str, ...] = ("CREATE OR REPLACE TABLE {name} AS",)
    first: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """What follows each step."""
    last: tuple[str, ...] = ()


_REPLACED = ("DROP TABLE IF EXISTS {name}", "CREATE TABLE {name} AS")
_STATEMENTS: Mapping[str, _TableStatements] = MappingProxyType(
    {
        "duckdb": _TableStatements(),
        "snowflake": _TableStatements(),
        # Without temporary views.
        "bigquery": _TableStatements(view=("CREATE OR REPLACE TEMPORARY TABLE {name} AS",)),
        "clickhouse": _TableStatements(
            view=("CREATE OR REPLACE TEMPORARY TABLE {name} AS",),
            result=("CREATE OR REPLACE TABLE {name} ENGINE = MergeTree ORDER BY tuple() AS",),
            # As all others have it: what a join or a sum does not find is NULL.
            first=("SET join_use_nulls = 1", "SET aggregate_functions_null_for_empty = 1"),
        ),
        # Nobody sees half a result; nobody else counts the rows of a temporary table.
        "postgres": _TableStatements(
            step=(
                "DROP TABLE IF EXISTS pg_temp.{name} CASCADE",
                "CREATE TEMPORARY TABLE {name} AS",
            ),
            view=("DROP VIEW IF EXISTS pg_temp.{name}", "CREATE TEMPORARY VIEW {name} AS"),
            result=_REPLACED,
            first=("BEGIN",),
            after=("ANALYZE {name}",),
            last=("COMMIT",),
        ),
        # Without temporary tables: real ones, dropped in the end.
        "trino": _TableStatements(step=_REPLACED, view=_REPLACED, result=_REPLACED),
        "spark": _TableStatements(
            step=_REPLACED, result=_REPLACED, first=("SET spark.sql.session.timeZone = UTC",)
        ),
    }
)


def render(
    compiled: CompiledAudit, dialect: str, *, prefix: str, header: Sequence[str]
) -> Iterator[str]:
    """Writes the whole script; `header` are lines for its head."""
    yield heading(header)
    for about, statement in statements(compiled, dialect, prefix=prefix):
        yield f"\n{about}{statement};\n"


def statements(compiled: CompiledAudit, dialect: str, *, prefix: str) -> Iterator[tuple[str, str]]:
    """Writes each statement, behind a comment, which may be empty."""
    form, script = _STATEMENTS[dialect], compiled.script

    def named(step: str) -> exp.Identifier:
        return exp.to_identifier(full_name(step, prefix), quoted=True)

    def filled(template: str, step: str) -> str:
        return template.format(name=named(step).sql(dialect=script.dialect))

    for each in form.first:
        yield "", each
    for note in script.notes:
        made = form.view if note.is_view else form.step
        templates = form.result if note.name in RESULTS else made
        for template in templates[:-1]:
            yield "", filled(template, note.name)
        query = readable_sql(renamed(note.query, named), script.dialect)
        yield comment(note, compiled, query), f"{filled(templates[-1], note.name)}\n{query}"
        for template in form.after if not note.is_view else ():
            yield "", filled(template, note.name)
    for note in reversed(script.notes):
        made = form.view if note.is_view else form.step
        if note.name not in RESULTS and "TEMPORARY" not in made[-1]:
            yield "", filled("DROP TABLE {name}", note.name)
    for each in form.last:
        yield "", each


def table_of(name: str, dialect: str) -> exp.Table:
    """Returns the table of this name (or `schema.name`, `catalog.schema.name`)."""
    place = [identifier(part, dialect) for part in name.split(".")]
    catalog, schema, table = [None] * (3 - len(place)) + place
    return exp.Table(this=table, db=schema, catalog=catalog)


def full_name(step: str, prefix: str) -> str:
    """Returns what the table of a step is called."""
    return f"{prefix}_{step}" if step in RESULTS else f"{prefix}_step_{step}"


def renamed(query: exp.Query, named: Callable[[str], exp.Identifier]) -> exp.Query:
    """Gives the tables in the query the names that their steps have in the end."""
    found = query.copy()
    for table in found.find_all(exp.Table):
        if STEP in table.meta:
            table.set("this", named(table.meta[STEP]))
    return found


def heading(lines: Sequence[str]) -> str:
    """Writes lines for the head of a file, as a comment."""
    return "".join(f"-- {one_line(line)}".rstrip() + "\n" for line in lines)


def comment(note: NotedStep, compiled: CompiledAudit, query: str) -> str:
    """Says what a step holds, as lines of comment."""
    about = f"{note.name}: {ABOUT.get(note.name, 'a step on the way.')}"
    lines = wrap(about, _WIDTH) + [
        f"  {column}: {one_line(text)}"
        for column, text in legend(note.name, compiled.setting)
        if column.isdigit() or f'{column}"' in query or f"{column}`" in query
    ]
    return "".join(f"-- {line}\n" for line in lines)
