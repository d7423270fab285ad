"""A request as somebody asks it: of the command that it came for, in the name of who may act."""

from __future__ import annotations

import hashlib

from playgate.documents.document import composed
from playgate.enforce.commands import COMMANDS, Request
from playgate.enforce.contract import takes
from playgate.enforce.keyed import Keyed
from playgate.errors import InputError
from playgate.report.request_line import RequestLine
from playgate.serve.tokens import Asker

__all__ = ["asked", "asked_once", "records"]

_LONGEST_KEY = 200


def asked(asker: Asker, line: RequestLine, command: str, *, only: bool) -> Request:
    """Returns what a line asks for; raises `InputError` where it cannot be asked, or not by this
    token. `command` is that of a line that names none, and with `only` of every line."""
    request = line.request({"command": command} if command else {})
    if isinstance(request, InputError):
        raise request
    said = request.get("command")
    if not isinstance(said, str) or said not in COMMANDS:
        return request  # what is wrong with it is told where it is read
    if only and said != command:
        message = f"the request is for {said[:60]}, and was sent to {command}"
        raise InputError(message, hint=f"POST /v1/{said}", code="wrong-value")
    asker.refuse_beyond(said)
    return _by(asker, request, said)


def _by(asker: Asker, request: Request, command: str) -> Request:
    """Returns the request with who acts; raises `InputError` where somebody else is named than may
    be."""
    if not takes(command, "by"):
        return request
    if "by" not in request:
        if asker.actor:
            return {**request, "by": asker.actor}
        if COMMANDS[command].records:
            hint = '"by" names who acts'
            raise InputError(f"{command} needs BY with this token", hint=hint, code="missing-key")
        return request
    said = request["by"]
    if isinstance(said, str) and composed(said) != asker.actor and not asker.trusted:
        raise InputError(
            f'"{said[:60]}" cannot act by this token',
            hint="leave by out; or playgate token new --scope as-anybody",
            code="may-not",
        )
    return request


def records(request: Request) -> bool:
    """Returns whether a request may record something; one of no known command does not."""
    command = request.get("command")
    return isinstance(command, str) and command in COMMANDS and COMMANDS[command].records


def asked_once(asker: Asker, request: Request, key: str, body: bytes) -> Request | Keyed:
    """Returns the request under the key that it came with, if any; raises `InputError` for what is
    none."""
    if not key:
        return request
    if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        message = "Idempotency-Key is no key"
        hint = f"at most {_LONGEST_KEY} printable characters of ASCII"
        raise InputError(message, hint=hint, code="wrong-value")
    told = hashlib.sha256(f"{request['command']}\n".encode() + body).hexdigest()
    return Keyed(request, asker.id, key, told)
