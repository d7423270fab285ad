"""What is wrong, as HTTP tells it: a status, and a problem of RFC 9457 with our code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playgate.errors import CODES, Code, InputError
from playgate.report.error_json import error_object
from playgate.report.json_text import json_line

__all__ = ["KIND", "STATUS", "TooManyError", "headers_of", "problem", "status_of"]

KIND = b"application/problem+json"
_VERSION = 1
_TYPES = "https://playgate.invalid/errors/"

STATUS: Mapping[Code, int] = {
    "bug": 500,
    "deal-exists": 409,
    "erased": 410,
    "id-taken": 409,
    "ledger-busy": 503,
    "ledger-damaged": 500,
    "ledger-failed": 500,
    "ledger-full": 503,
    "ledger-lost": 503,
    "ledger-read-only": 503,
    "may-not": 403,
    "no-deal": 404,
    "no-decision": 404,
    "no-json": 400,
    "no-ledger": 500,
    "no-route": 404,
    "no-token": 401,
    "not-installed": 501,
    "not-signed": 401,
    "out-of-memory": 503,
    "playbook-taken": 409,
    "stopping": 503,
    "too-early": 409,
    "too-large": 413,
    "too-many": 429,
    "too-slow": 408,
    "took-too-long": 503,
    "wrong-ledger": 500,
    "wrong-method": 405,
    "wrong-record": 409,
}
"""The status of each code; of all others, 422."""
_LATER: Mapping[Code, int] = {"ledger-busy": 5, "ledger-lost": 5, "stopping": 5, "too-many": 1}
"""After how many seconds it may be tried again."""


class TooManyError(InputError):
    """Says that more is asked than may be, and after how many seconds it may be asked again."""

    def __init__(self, message: str, *, seconds: int = 1) -> None:
        hint = f"try again after {seconds} second{'s' if seconds > 1 else ''}"
        super().__init__(message, hint=hint, code="too-many")
        self.seconds = seconds


def status_of(error: InputError) -> int:
    """Returns the status that tells of an error."""
    return STATUS.get(_code(error), 422)


def problem(error: InputError, *, tag: str = "") -> bytes:
    """Returns an error as a problem; `tag` is what the request was tagged with, as JSON."""
    told = error_object(error)
    first = told["error"]
    code = first["code"]
    found: dict[str, Any] = {
        "type": f"{_TYPES}{code}",
        "title": CODES.get(code, "The input is wrong."),
        "status": status_of(error),
        "version": _VERSION,
        "detail": first["message"],
        "code": code,
        "hint": first["hint"],
        "errors": told["errors"],
    }
    text = json_line(found)
    return (f'{text[:-1]}, "tag": {tag}}}' if tag else text).encode()


def headers_of(error: InputError) -> Iterable[tuple[bytes, bytes]]:
    """Yields what the headers of an answer say of an error."""
    code = _code(error)
    if code == "no-token":
        yield b"www-authenticate", b'Bearer realm="playgate"'
    later = error.seconds if isinstance(error, TooManyError) else _LATER.get(code)
    if later is not None:
        yield b"retry-after", str(later).encode()


def _code(error: InputError) -> Code:
    return error.several[0].code if error.several and not error.message else error.code
