"""Syntax trees written as SQL that people can read, without signs that nobody sees."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

__all__ = ["one_line", "readable_sql"]

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LAST_OF_ONE_WORD = 0xFFFF
_WIDTH = 100
_CLAUSES = ("SELECT", "WITH", "FROM")
_NAME = r'["`]\w+["`]'
_COLUMN = re.compile(rf" *({_NAME}\.{_NAME}( AS {_NAME})?,? ?)+")


def readable_sql(query: exp.Query, dialect: Any) -> str:
    """Writes the SQL of a query, formatted."""
    name = dialect.__name__.lower()
    clean = query.transform(lambda node: _visible(node, name, dialect))
    lines = clean.sql(dialect=dialect, pretty=True).split("\n")
    return "\n".join(_packed(_folded(lines)))


def _folded(lines: list[str]) -> list[str]:
    """Puts what stands alone between parentheses on one line. No text holds a line end."""
    found: list[str] = []
    for line in lines:
        bare = line.strip()
        if bare.startswith(")") and len(found) > 1 and found[-2].endswith("("):
            whole = found[-2] + found[-1].strip() + bare
            if len(whole) <= _WIDTH and not found[-1].lstrip().startswith(_CLAUSES):
                found[-2:] = [whole]
                continue
        found.append(line)
    return found


def _packed(lines: list[str]) -> list[str]:
    """Puts as many columns that are only named on a line as it holds."""
    found: list[str] = []
    for line in lines:
        joins = bool(found) and _COLUMN.fullmatch(line) and _COLUMN.fullmatch(found[-1])
        if joins and found[-1].endswith(",") and _indent(line) == _indent(found[-1]):
            whole = f"{found[-1]} {line.strip()}"
            if len(whole) <= _WIDTH:
                found[-1] = whole
                continue
        found.append(line)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def one_line(text: str) -> str:
    """Writes the text on one line, as a comment needs it, without signs that nobody sees."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())


def _visible(node: exp.Expression, name: str, dialect: Any) -> exp.Expression:
    if not (isinstance(node, exp.Literal) and node.is_string) or node.this.isprintable():
        return node
    return exp.Var(this=_WRITERS.get(name, _escaped)(node.this, name, dialect))


def _with_codes(text: str, form: str) -> str:
    """Writes the signs that nobody sees by their codes, as `form` has them."""
    return "".join(
        sign if sign.isprintable() or ord(sign) > _LAST_OF_ONE_WORD else form.format(ord(sign))
        for sign in text
    )


def _e_string(text: str, name: str, _: Any) -> str:
    """Writes a text as PostgreSQL does, and DuckDB, which knows no codes above 127."""
    body = text.replace("\\", "\\\\").replace("'", "''")
    for sign, short in _SHORT.items():
        body = body.replace(sign, short)
    low = "".join(_with_codes(sign, "\\x{:02x}") if ord(sign) < 128 else sign for sign in body)
    whole = low if name == "duckdb" else _with_codes(low, "\\u{:04x}")
    return f"E'{whole}'"


def _u_string(text: str, _: str, __: Any) -> str:
    """Writes a text as the standard does."""
    body = text.replace("\\", "\\\\").replace("'", "''")
    whole = _with_codes(body, "\\{:04x}")
    return f"U&'{whole}'"


def _escaped(text: str, name: str, dialect: Any) -> str:
    """Writes a text in dialects in which a backslash has a meaning in every text."""
    body: str = exp.Literal.string(text).sql(dialect=dialect)
    if name == "clickhouse":  # which knows bytes only
        return "".join(
            sign if sign.isprintable() else "".join(f"\\x{each:02x}" for each in sign.encode())
            for sign in body
        )
    return _with_codes(body, "\\u{:04x}")


_WRITERS = {"postgres": _e_string, "duckdb": _e_string, "trino": _u_string}
