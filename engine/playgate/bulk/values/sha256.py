"""SHA-256 of a text, by the functions that each engine brings."""

# mypy: disable-error-code="empty-body, untyped-decorator"
from __future__ import annotations

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.expressions import Expr

__all__ = ["sha256"]


def sha256(text: Expr, backend: str) -> Expr:
    """Returns the digest of the text's UTF-8: 64 hexadecimal digits, in small letters.

    Raises `CannotExpressError` where the engine has no function for it.
    """
    match backend:
        case "duckdb":
            return _sha256(text)
        case "pyspark" | "snowflake":
            return _sha2(text, 256)
        case "postgres":
            return _encode(_digest(_convert_to(text, "UTF8")), "hex")
        case "bigquery":
            return _to_hex(_digest(text))
        case "trino":
            return _to_hex(_digest(_to_utf8(text))).lower()
        case "clickhouse":
            return _hex(_clickhouse(text)).lower()
    raise CannotExpressError(f"an id that `playgate import` derived: {backend} has no SHA-256")


@ibis.udf.scalar.builtin(name="sha256")
def _sha256(text: str) -> str: ...


@ibis.udf.scalar.builtin(name="sha2")
def _sha2(text: str, bits: int) -> str: ...


@ibis.udf.scalar.builtin(name="sha256")
def _digest(text) -> bytes: ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="SHA256")
def _clickhouse(text: str) -> bytes: ...


@ibis.udf.scalar.builtin(name="convert_to")
def _convert_to(text: str, encoding: str) -> bytes: ...


@ibis.udf.scalar.builtin(name="to_utf8")
def _to_utf8(text: str) -> bytes: ...


@ibis.udf.scalar.builtin(name="encode")
def _encode(digest: bytes, form: str) -> str: ...


@ibis.udf.scalar.builtin(name="to_hex")
def _to_hex(digest: bytes) -> str: ...


@ibis.udf.scalar.builtin(name="hex")
def _hex(digest: bytes) -> str: ...
