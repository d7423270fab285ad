"""The frame of a SARIF 2.1.0 log, for whatever is reported in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playgate.report.json_text import json_pieces
from playgate.version import __version__

__all__ = ["fingerprint", "sarif_location", "sarif_log", "sarif_message"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# Text that a viewer would take for a placeholder or for a link (SARIF 2.1.0, 3.11.5 and 3.11.6).
_PLACEHOLDER = re.compile(r"\{([0-9]+)\}")
_LINK = re.compile(r"\[([^\[\]]*)\](?=\()")


def sarif_log(
    rules: Iterator[Mapping[str, Any]],
    results: Iterator[Mapping[str, Any]],
    *,
    run: Mapping[str, Any] | None = None,
) -> Iterator[str]:
    """Yields the log of one run, in pieces of text; `run` has its further properties."""
    driver = {"name": "playgate", "semanticVersion": __version__, "rules": rules}
    # Places count characters, not UTF-16 units as SARIF takes for granted.
    whole = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", **(run or {})}
    runs = iter([whole | {"results": results}])
    yield from json_pieces({"$schema": _SCHEMA, "version": "2.1.0", "runs": runs})
    yield "\n"


def sarif_message(text: str) -> dict[str, str]:
    """Returns a plain text message that shows exactly `text`."""
    return {"text": _LINK.sub(r"\\[\1\\]", _PLACEHOLDER.sub(r"{{\1}}", text))}


def sarif_location(file: str, line: int, column: int = 0) -> dict[str, Any]:
    """Returns a place in a file; line and column from 1, 0 where there is none."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if line > 0:
        physical["region"] = {"startLine": line} | ({"startColumn": column} if column > 0 else {})
    return {"physicalLocation": physical}


def fingerprint(*parts: str) -> str:
    """Returns a fingerprint that is the same for the same parts in every run."""
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:32]


def _uri(file: str) -> str:
    path = Path(file)
    posix = path.as_posix()
    quoted = quote(posix.encode("utf-8", "surrogatepass"), safe="/:" if path.is_absolute() else "/")
    if not path.is_absolute():
        return quoted
    return f"file://{quoted}" if posix.startswith("/") else f"file:///{quoted}"
