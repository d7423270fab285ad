"""The tables of a ledger as PostgreSQL has them, and whether a schema has these and no others.

Texts are compared byte by byte, as in SQLite. Numbers have 64 bits. What refers to another table
is not held to it there either, as rows go and come in the middle of a change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from playgate.ledger.tables import SCHEMA

if TYPE_CHECKING:
    from playgate.ledger.postgres_connection import PostgresConnection

__all__ = ["ORDER", "drops", "found_in", "is_whole", "made_of"]

_REFERENCE = re.compile(r" REFERENCES \w+ \(\w+\)")
_TABLE = re.compile(r"CREATE TABLE (\w+) \(\n(.*)\n\)", re.DOTALL)
_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX (\w+) ON (\w+) \(([\w, ]+)\)(?: WHERE (.+))?")
_COLUMN = re.compile(
    r"(\w+) (TEXT|BIGINT|BYTEA)(?: COLLATE \"C\")?"
    r"( PRIMARY KEY)?( NOT NULL)?(?: DEFAULT ([^ ]+))?( UNIQUE)?"
)
_SEVERAL = re.compile(r"(UNIQUE|PRIMARY KEY) \(([\w, ]+)\)")
_PREDICATES = {"bare = 1": "(bare = 1)", "decision_id <> ''": "(decision_id <> ''::text)"}
_TYPES = {"TEXT": "text C", "BIGINT": "bigint", "BYTEA": "bytea"}


def _here(statement: str) -> str:
    """Returns a statement that makes a table or an index in SQLite as PostgreSQL reads it."""
    text = _REFERENCE.sub("", statement)
    for ours, theirs in (
        (r"\bINTEGER\b", "BIGINT"),
        (r"\bBLOB\b", "BYTEA"),
        (r"\bTEXT\b", 'TEXT COLLATE "C"'),
        (r"WHERE bare$", "WHERE bare = 1"),
    ):
        text = re.sub(ours, theirs, text)
    return text


_STATEMENTS = sorted(map(_here, SCHEMA), key=lambda each: (not _TABLE.match(each), each))
"""What makes a ledger: its tables, then their indexes."""


def made_of(*, log: bool) -> str:
    """Returns the statements that make all of a ledger, or (without `log`) all but its log."""
    return ";".join(each for each in _STATEMENTS if log or not each.startswith("CREATE TABLE log "))


def _described() -> Iterator[str]:
    """Yields what the catalogue of PostgreSQL says of a ledger's tables, columns and indexes."""
    for statement in _STATEMENTS:
        if table := _TABLE.fullmatch(statement):
            yield f"table {table[1]} p"
            for line in table[2].split("\n"):
                yield from _line(table[1], line.strip().removesuffix(","))
        elif index := _INDEX.fullmatch(statement):
            unique, name, of, columns, predicate = index.groups()
            where = f" WHERE {_PREDICATES[predicate]}" if predicate else ""
            yield _index(name, of, columns, unique=bool(unique)) + where
        else:
            raise AssertionError(statement)


def _line(table: str, line: str) -> Iterator[str]:
    if several := _SEVERAL.fullmatch(line):
        kind, columns = several.groups()
        name = "pkey" if kind == "PRIMARY KEY" else f"{columns.replace(', ', '_')}_key"
        yield _index(f"{table}_{name}", table, columns)
        return
    column = _COLUMN.fullmatch(line)
    assert column is not None, line  # noqa: S101  (the tables are ours)
    name, kind, is_key, is_there, default, is_unique = column.groups()
    there = " not null" if is_key or is_there else ""
    # PostgreSQL says of a text that it is one.
    told = f" {default}::text" if default and kind == "TEXT" else f" {default}" if default else ""
    yield f"column {table}.{name} {_TYPES[kind]}{there}{told}"
    if is_key:
        yield _index(f"{table}_pkey", table, name)
    if is_unique:
        yield _index(f"{table}_{name}_key", table, name)


def _index(name: str, table: str, columns: str, *, unique: bool = True) -> str:
    return f"CREATE {'UNIQUE ' * unique}INDEX {name} ON {table} USING btree ({columns})"


def _orders() -> Iterator[tuple[str, str]]:
    for statement in _STATEMENTS:
        if table := _TABLE.fullmatch(statement):
            lines = [line.strip().removesuffix(",") for line in table[2].split("\n")]
            columns = [each for line in lines if (each := _COLUMN.fullmatch(line))]
            several = [each[2] for line in lines if (each := _SEVERAL.fullmatch(line))]
            numbers = [each[1] for each in columns if each[1] in ("seq", "id")]
            keys = [each[1] for each in columns if each[3]]
            yield table[1], [*numbers, *keys, *several][0]


ORDER = dict(_orders())
"""By what the rows of each table stand in an order."""

_FOUND = """
WITH ours AS (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relrowsecurity
    FROM pg_class AS c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?1)
)
SELECT CASE WHEN relkind = 'r' AND NOT relrowsecurity THEN 'table ' ELSE 'other ' END
    || relname || ' ' || relpersistence::text FROM ours WHERE relkind NOT IN ('i', 't')
UNION ALL
SELECT 'column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
    || coalesce(' ' || collname, '') || CASE WHEN attnotnull THEN ' not null' ELSE '' END
    || coalesce(' ' || pg_get_expr(adbin, adrelid), '') || attidentity::text || attgenerated::text
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
WHERE relkind NOT IN ('i', 't')
UNION ALL
SELECT replace(pg_get_indexdef(indexrelid), ' ON ' || quote_ident(?1) || '.', ' ON ')
    || CASE WHEN indisvalid AND indisready THEN '' ELSE ' invalid' END
FROM pg_index JOIN ours ON ours.oid = indrelid WHERE relkind <> 't'
UNION ALL
SELECT 'trigger ' || tgname FROM pg_trigger JOIN ours ON ours.oid = tgrelid
UNION ALL
SELECT 'rule ' || rulename FROM pg_rewrite JOIN ours ON ours.oid = ev_class
UNION ALL
SELECT 'policy ' || polname FROM pg_policy JOIN ours ON ours.oid = polrelid
UNION ALL
SELECT 'constraint ' || conname FROM pg_constraint JOIN ours ON ours.oid = conrelid
WHERE contype NOT IN ('p', 'u', 'n')
UNION ALL
SELECT 'child of ' || relname FROM pg_inherits JOIN ours ON ours.oid = inhparent
UNION ALL
SELECT 'function ' || proname FROM pg_proc
WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?1)
UNION ALL
SELECT 'operator ' || oprname FROM pg_operator
WHERE oprnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?1)
"""
"""What stands in a schema, a line for each."""


def found_in(connection: PostgresConnection) -> list[str]:
    """Returns what stands in the schema of a connection, a line for each thing, in order."""
    rows = connection.execute(_FOUND, (connection.schema,))
    return sorted(said for (said,) in rows)


def is_whole(connection: PostgresConnection) -> bool:
    """Returns whether the schema has the tables and indexes of a ledger, and no others."""
    return found_in(connection) == _EXPECTED


_EXPECTED = sorted(_described())


def drops(connection: PostgresConnection) -> list[str]:
    """Returns statements that drop the tables of a schema but the log, and what hangs on them."""
    rows = connection.execute(_OTHERS, (connection.schema,))
    return [str(statement) for (statement,) in rows]


_OTHERS = """
SELECT 'DROP ' || CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
    WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
    || ' IF EXISTS ' || quote_ident(relname) || ' CASCADE'
FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?1)
    AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND relname <> 'log'
UNION ALL
SELECT 'DROP TRIGGER ' || quote_ident(tgname) || ' ON ' || tgrelid::regclass
FROM pg_trigger WHERE tgrelid = to_regclass('log') AND NOT tgisinternal
"""
