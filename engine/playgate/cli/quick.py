"""The live commands without the command-line library, whose import costs more than the answer.

Only what is plain is read here; help, mistakes and everything else go to the commands themselves,
so there is nothing that this path understands and they do not. A `--batch` begins here, too.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from typing import Any

from playgate.cli.live_commands import LIVE, MORE_THAN_TEXT, LiveCommand

__all__ = ["NAME", "own_settings", "quick"]

NAME = "playgate.toml"

_OWN = ("PLAYGATE_DB", "PLAYGATE_BY", "PLAYGATE_CACHE", "PLAYGATE_LANG")
_BATCH = frozenset(("batch", "by", "db", "form", "unknown"))


def own_settings() -> str:
    """Returns the path of the user's own file of settings, whether there is one or not."""
    folder = os.environ.get("APPDATA") if os.name == "nt" else os.environ.get("XDG_CONFIG_HOME")
    return os.path.join(folder or os.path.expanduser("~/.config"), "playgate", NAME)


def quick(argv: Sequence[str]) -> int | None:
    """Runs a plain command and returns its exit status, or `None` where it is for the others."""
    if not argv or argv[0] not in LIVE or _has_settings(argv):
        return None
    request = _read(LIVE[argv[0]], argv[1:])
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

    return answer(command, request, db=db, form=form or "text", batch=bool(batch))


def _has_settings(argv: Sequence[str]) -> bool:
    """Returns whether options come from elsewhere too, or only a completion is asked for.

    Settings may lie in this folder, in the user's own, in the environment, or beside a playbook
    that is named.
    """
    return (
        os.path.exists(NAME)
        or os.path.exists(own_settings())
        or any(word.endswith((".yaml", ".yml")) for word in argv)
        or any(
            name.startswith(("PLAYGATE_", "_PLAYGATE_")) and name not in _OWN for name in os.environ
        )
    )


def _read(command: LiveCommand, words: Sequence[str]) -> dict[str, Any] | None:
    request: dict[str, Any] = {}
    plain: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            plain.append(word)
        elif word == "--batch":
            request["batch"] = True
        else:
            option = _option(command, word, next(rest, None))
            if option is None:
                return None
            request.update((option,))
    if request.get("batch"):
        return request if not plain and request.keys() <= _BATCH else None
    return _with_words(command, plain, request)


def _option(command: LiveCommand, word: str, value: str | None) -> tuple[str, str] | None:
    """Returns what an option says, as a name and a value, or `None` where it is not plain."""
    if value is None or value.startswith("-"):
        return None
    if word == "--format":
        return ("form", value) if value in ("text", "json") else None
    if word == "--db":
        return "db", value
    name = command.options.get(word)
    return (name, value) if name and name not in MORE_THAN_TEXT else None


def _with_words(
    command: LiveCommand, plain: list[str], request: dict[str, Any]
) -> dict[str, Any] | None:
    """Returns the request with its arguments, or `None` where they are too many, too few, or no
    pairs."""
    single = [name for name in command.words if name != "fields"]
    request.update(zip(single, plain, strict=False))
    rest = plain[len(single) :]
    if "fields" in command.words:
        pairs = [pair.partition("=") for pair in rest]
        if not all(name and equals for name, equals, _ in pairs):
            return None
        fields = {name: value for name, _, value in pairs}
        if len(fields) < len(pairs):
            return None
        if fields:
            request["fields"] = fields
    elif rest:
        return None
    return request if all(request.get(name) for name in command.needs) else None
