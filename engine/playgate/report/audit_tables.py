"""Parts of an audit as tables of other libraries, where those are installed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Literal

from playgate.audit.result import AuditResult
from playgate.errors import InputError
from playgate.report.audit_json import report

__all__ = ["Part", "arrow", "frame", "rows"]

Part = Literal["findings", "rules", "stages", "actors", "problems"]
"""The parts of an audit that are tables."""


def arrow(result: AuditResult, part: Part = "findings") -> Any:
    """Returns a part of an audit as a `pyarrow.Table`, a column for each of its keys in the report
    as JSON; raises `InputError` where pyarrow is not installed."""
    return _library("pyarrow").Table.from_pylist(list(rows(result, part)))


def frame(result: AuditResult, part: Part = "findings") -> Any:
    """Returns a part of an audit as a `pandas.DataFrame`, a column for each of its keys in the
    report as JSON; raises `InputError` where pandas is not installed."""
    return _library("pandas").DataFrame(list(rows(result, part)))


def rows(result: AuditResult, part: str) -> Iterator[dict[str, Any]]:
    """Yields the rows of a part, by the keys of the report as JSON; what is a list there, or an
    object, is JSON."""
    parts = report(result)
    if not _is_table(parts.get(part)):
        tables = [name for name, value in parts.items() if _is_table(value)]
        raise InputError(
            f'the report has no table "{part}"', hint=", ".join(tables), code="wrong-value"
        )
    for item in parts[part]:
        row = json.loads(item) if isinstance(item, str) else item
        yield {
            name: json.dumps(value) if isinstance(value, list | dict | tuple) else value
            for name, value in row.items()
        }


def _is_table(part: object) -> bool:
    return not isinstance(part, str | dict) and isinstance(part, Iterable)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        hint = f"python -m pip install {name}"
        raise InputError(f"{name} is not installed", hint=hint, code="not-installed") from None
