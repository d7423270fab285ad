"""Parts of an audit as tables of other libraries, where those are installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Literal

from playgate.audit.result import AuditResult
from playgate.errors import InputError
from playgate.report.audit_json import render

__all__ = ["Part", "arrow", "frame"]

Part = Literal["findings", "rules", "stages", "actors", "problems"]
"""The parts of an audit that are tables."""


def arrow(result: AuditResult, part: Part = "findings") -> Any:
    """Returns a part of an audit as a `pyarrow.Table`, a column for each of its keys in the report
    as JSON; raises `InputError` where pyarrow is not installed."""
    return _library("pyarrow").Table.from_pylist(list(_rows(result, part)))


def frame(result: AuditResult, part: Part = "findings") -> Any:
    """Returns a part of an audit as a `pandas.DataFrame`, a column for each of its keys in the
    report as JSON; raises `InputError` where pandas is not installed."""
    return _library("pandas").DataFrame(list(_rows(result, part)))


def _rows(result: AuditResult, part: str) -> Iterator[dict[str, Any]]:
    report = json.loads("".join(render(result)))
    if not isinstance(report.get(part), list):
        tables = [name for name, value in report.items() if isinstance(value, list)]
        raise InputError(
            f'the report has no table "{part}"', hint=", ".join(tables), code="wrong-value"
        )
    for row in report[part]:
        yield {
            name: json.dumps(value) if isinstance(value, dict | list) else value
            for name, value in row.items()
        }


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        hint = f"python -m pip install {name}"
        raise InputError(f"{name} is not installed", hint=hint, code="not-installed") from None
