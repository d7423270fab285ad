"""The address of a ledger on a server of PostgreSQL: `postgresql://USER@HOST:PORT/DATABASE`.

A ledger has a schema of its own (`playgate`, or what `?schema=` names). All else that an address
says is the driver's: https://www.postgresql.org/docs/current/libpq-connect.html.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from playgate.errors import InputError

__all__ = ["Address", "read_address"]

_SCHEMA = "playgate"
_LONGEST_NAME = 63
_HOST = r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])?(?::[0-9]+)?"
_ADDRESS = re.compile(
    r"postgres(?:ql)?://(?:(?P<who>[^\s/?#@]*)@)?"
    rf"(?P<host>{_HOST}(?:,{_HOST})*)(?:/(?P<database>[^\s/?#@&=]*))?"
    r"(?:\?(?P<query>\w+=[^\s&#@?]*(?:&\w+=[^\s&#@?]*)*))?"
)


class Address(NamedTuple):
    """Where a ledger lies."""

    given: str
    """As the driver reads it, with what is secret."""
    schema: str
    shown: str
    """As it is shown, without what is secret."""


def read_address(text: str) -> Address:
    """Reads an address; raises `InputError` where it is none, and never shows what it holds."""
    scheme = text.partition(":")[0]
    if scheme not in ("postgresql", "postgres"):
        shown = scheme if re.fullmatch(r"[\w+.-]{1,20}", scheme) else ""
        message = f"there are no ledgers at addresses of {shown}://" if shown else "no address"
        hint = "--db names a file, or postgresql://HOST/DATABASE"
        raise InputError(message, hint=hint, code="unknown-name")
    found = _ADDRESS.fullmatch(text)
    query = parse_qsl(found["query"] or "", keep_blank_values=True) if found else []
    if found is None or sum(name == "schema" for name, _ in query) > 1:
        raise InputError(
            "the address of the ledger cannot be read",
            hint="postgresql://USER@HOST:PORT/DATABASE; in a name or a password, @ is written %40,"
            " / is %2F, and so on",
            code="usage",
        )
    schema = next((value for name, value in query if name == "schema"), _SCHEMA)
    _check_schema(schema)
    rest = urlencode([pair for pair in query if pair[0] != "schema"], quote_via=quote)
    who, host, database = found["who"], found["host"], found["database"] or ""
    begun = f"postgresql://{f'{who}@' if who is not None else ''}{host}/{database}"
    shown = f"postgresql://{host}/{database}" + (f"?schema={schema}" if schema != _SCHEMA else "")
    return Address(f"{begun}?{rest}" if rest else begun, schema, shown)


def _check_schema(schema: str) -> None:
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", schema) or schema.startswith("pg_"):
        raise InputError(
            "the schema of the ledger has no name that one can have",
            hint="small letters, digits and _ , as in ?schema=sales",
            code="usage",
        )
    if len(schema) > _LONGEST_NAME:
        raise InputError(f"a schema's name has {_LONGEST_NAME} letters at most", code="usage")
