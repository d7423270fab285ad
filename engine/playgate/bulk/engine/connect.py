"""This opens the connection that an address names, or says in clear words why it cannot.

What stands between `//` and `@` of an address, or behind its `?`, is never shown: secrets are
passed there.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from playgate.documents.addresses import secrets_in
from playgate.documents.document import nearest
from playgate.errors import InputError

__all__ = ["BULK_EXTRA", "Connection", "backend_of", "connect", "is_installed"]

Connection = Any
"""A connection of Ibis."""

BULK_EXTRA = "pip install 'playgate[bulk]'"

_EXTRAS: Mapping[str, str] = MappingProxyType(
    {
        "duckdb": "duckdb",
        "sqlite": "sqlite",
        "postgres": "postgres",
        "postgresql": "postgres",
        "spark": "pyspark",
        "snowflake": "snowflake",
        "bigquery": "bigquery",
        "trino": "trino",
        "clickhouse": "clickhouse",
    }
)
"""The schemes of addresses, and the extra of ibis-framework that brings what each needs."""

_LOCAL = re.compile(r"local(\[(\*|[0-9]+)(,[0-9]+)?\])?")
_LONGEST_REASON = 300


_MEMORY = "2GiB"


def connect(address: str) -> Connection:
    """Connects to the engine that `address` names: a scheme, and for most `://` and a place.

    `duckdb` and `spark` alone stand for an engine in this process. Raises `InputError` where the
    scheme is unknown, a driver is not installed or nobody answers.
    """
    scheme, _, rest = address.partition("://")
    scheme = scheme.lower()
    if scheme not in _EXTRAS:
        raise InputError(
            f'there is no engine "{scheme}"',
            hint=nearest(scheme, _EXTRAS) or f"an address begins with {', '.join(_EXTRAS)}",
            code="unknown-name",
        )
    try:
        import_module("ibis")
    except ImportError:
        raise InputError(
            "the bulk audit is not installed", hint=BULK_EXTRA, code="not-installed"
        ) from None
    try:
        return _OWN.get(scheme, _by_ibis)(scheme, rest)
    except ImportError:
        raise InputError(
            f"what {scheme}:// needs is not installed",
            hint=f"pip install 'ibis-framework[{_EXTRAS[scheme]}]'",
            code="not-installed",
        ) from None
    except InputError:
        raise
    except Exception as error:  # drivers share no class for what goes wrong
        raise InputError(
            f"cannot connect to {_shown(scheme, rest)}: {_reason(error, rest)}", code="cannot-read"
        ) from None


def is_installed() -> bool:
    """Says whether the extra is installed, as far as can be told at once."""
    return all(find_spec(name) is not None for name in ("ibis", "duckdb"))


def backend_of(connection: Connection) -> str:
    """Returns the name that Ibis has for the connection's engine."""
    name: str = connection.name
    return name


def _by_ibis(scheme: str, rest: str) -> Connection:
    if not rest:
        raise InputError(
            f"{scheme} needs an address", hint=f"write it as {scheme}://HOST/DATABASE", code="usage"
        )
    return import_module("ibis").connect(f"{scheme}://{rest}")


def _duckdb(_: str, rest: str) -> Connection:
    # A folder that only its owner can read, for what does not fit into memory.
    folder = tempfile.mkdtemp(prefix="playgate-")
    try:
        connection = import_module("ibis").duckdb.connect(
            _database("duckdb", rest) if rest else ":memory:",
            read_only=bool(rest),
            temp_directory=folder,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    connection.raw_sql("SET enable_progress_bar = false")
    if not rest:  # the rest waits in the folder: memory does not grow with the history
        connection.raw_sql(f"SET memory_limit = '{_MEMORY}'")
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    return connection


def _sqlite(_: str, rest: str) -> Connection:
    return import_module("ibis").sqlite.connect(_database("sqlite", rest))


def _database(scheme: str, rest: str) -> str:
    """The path of a database in a file, which must be there: a new one holds no history."""
    path = Path(rest.removeprefix("/") if not Path(rest).is_file() else rest)
    if not path.is_file():
        raise InputError(
            f"{rest or 'a file'} does not exist",
            hint=f"write {scheme}:///FILE",
            code="no-such-file",
        )
    return str(path)


def _spark(_: str, rest: str) -> Connection:
    place, _, settings = rest.partition("?")
    master = place or "local[*]"
    if not _LOCAL.fullmatch(master):
        master = f"spark://{master}"
    builder = import_module("pyspark.sql").SparkSession.builder.master(master).appName("playgate")
    # Instants are read as UTC wherever the cluster stands.
    for key, value in (("spark.sql.session.timeZone", "UTC"), *parse_qsl(settings)):
        builder = builder.config(key, value)
    return import_module("ibis").pyspark.connect(builder.getOrCreate())


_OWN: Mapping[str, Callable[[str, str], Connection]] = MappingProxyType(
    {"duckdb": _duckdb, "sqlite": _sqlite, "spark": _spark}
)


def _shown(scheme: str, rest: str) -> str:
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"


def _reason(error: Exception, rest: str) -> str:
    """What the engine said, in one line and without what may be secret."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[0] if lines else type(error).__name__
    for secret in secrets_in(rest):
        reason = reason.replace(secret, "***")
    return reason[:_LONGEST_REASON]
