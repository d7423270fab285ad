"""`check`, `move`, `log` and `set` without the command-line library, whose import costs more than
the answer.

Only what is plain is read here; help, mistakes and everything else go to the commands themselves,
so there is nothing that this path understands and they do not. A `--batch` begins here, too.
"""

from __future__ import annotations

import gc
import os
from typing import Any

__all__ = ["quick"]

_OPTIONS = {"--by": "by", "--at": "at", "--db": "db", "--id": "id", "--from": "from"}
_OWN = ("PLAYGATE_DB", "PLAYGATE_BY", "PLAYGATE_CACHE")
_BATCH = frozenset(("batch", "by", "db", "form"))
_TAKES = {
    "check": (("deal", "stage"), ("--by", "--at")),
    "move": (("deal", "stage"), ("--by", "--at", "--id", "--from")),
    "log": (("deal", "activity", "outcome"), ("--by", "--at", "--id")),
    "set": (("deal",), ("--by", "--at", "--id")),
}


def quick(argv: list[str]) -> int | None:
    """Run a plain command; its exit status, or `None` where it is for the others."""
    if not argv or argv[0] not in _TAKES or _has_settings():
        return None
    request = _read(argv[0], argv[1:])
    if request is None:
        return None
    gc.disable()  # one small answer leaves nothing to collect, and looking for it takes a while
    try:
        return _answer(argv[0], request)
    finally:
        gc.enable()


def _answer(command: str, request: dict[str, Any]) -> int:
    form, db, batch = (request.pop(name, None) for name in ("form", "db", "batch"))
    from playgate.cli.answer import answer

    needed = {"set": ("deal", "fields"), "log": ("deal", "activity")}
    words = needed.get(command, ("deal", "stage"))
    return answer(command, request, words, db=db, form=form or "text", batch=bool(batch))


def _has_settings() -> bool:
    """Whether options come from elsewhere too, or only a completion is asked for."""
    return os.path.exists("playgate.toml") or any(
        name.startswith(("PLAYGATE_", "_PLAYGATE_")) and name not in _OWN for name in os.environ
    )


def _read(command: str, words: list[str]) -> dict[str, Any] | None:
    places, options = _TAKES[command]
    request: dict[str, Any] = {}
    plain: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            plain.append(word)
            continue
        if word == "--batch":
            request["batch"] = True
            continue
        value = next(rest, None)
        if value is None or value.startswith("-"):
            return None
        if word == "--format" and value in ("text", "json"):
            request["form"] = value
        elif word in options or word == "--db":
            request[_OPTIONS[word]] = value
        else:
            return None
    if request.get("batch"):
        return request if not plain and request.keys() <= _BATCH else None
    if len(plain) < len(places) - (command == "log"):
        return None
    request.update(zip(places, plain, strict=False))
    if command != "set":
        return request if len(plain) <= len(places) else None
    pairs = [pair.partition("=") for pair in plain[1:]]
    if not pairs or not all(name and equals for name, equals, _ in pairs):
        return None
    request["fields"] = {name: value for name, _, value in pairs}
    return request
