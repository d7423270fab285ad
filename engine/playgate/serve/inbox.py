"""The inbox: what hooks brought is mapped as an import maps files, and taken into the ledger.

A delivery is taken in whole or not at all, and may be so again: its events are known by their ids.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import find_mapping, load_mapping
from playgate.history.tally import is_silence
from playgate.ledger.hooks import Delivery, HookIn
from playgate.ledger.store import Ledger
from playgate.serve.calls import call, checked_url
from playgate.serve.metrics import Done
from playgate.serve.settings import World
from playgate.serve.taken import note_import, take_files

__all__ = ["DELAYS", "Inbox", "about_in", "bodies_in", "checked_template"]

DELAYS = (10, 60, 300, 1800, 7200, 21_600, 86_400)
"""Seconds after which a delivery is tried again; after the last it is a dead letter."""
_LATER = (
    "cannot-connect",
    "ledger-busy",
    "ledger-failed",
    "ledger-full",
    "ledger-lost",
    "too-early",
)
"""Codes of what may be otherwise later; all else is a dead letter at once."""
_TOGETHER = 50
_MOST_BESIDE = 1_000
"""Earlier deliveries of the same record that are mapped with one, at most."""
_MOST_RECORD = 5_000_000
"""Bytes of a record that is read."""
_MOST_HINTS = 1_000
"""Records that one delivery may hint at."""
_LONGEST_SAID = 300
_SILENT = "the mapping makes no event of it"
_PLACE = re.compile(r"\{([^{}]*)\}")


class Inbox:
    """Takes in what waits in the inbox of a ledger."""

    def __init__(self, ledger: Ledger, world: World, done: Done | None = None) -> None:
        self._ledger = ledger
        self._world = world
        self._done = done or Done()

    def work(self, stops: Callable[[], bool] = lambda: False) -> bool:
        """Takes in what is due, in the order in which it came, until it `stops`; returns whether
        there was any."""
        with self._ledger.reading():
            due = self._ledger.hooks.due_in(now=self._world.now(), most=_TOGETHER)
        for delivery in due:
            if stops():
                break
            self._do(delivery)
        return bool(due)

    def _do(self, delivery: Delivery) -> None:
        hooks = self._ledger.hooks
        try:
            said = self._take(delivery)
        except Exception as error:
            told = error if isinstance(error, InputError) else self._world.meaning(error)
            next_at = self._next(delivery, told)
            with self._ledger.writing():
                hooks.failed_in(delivery, _in_short(told), next_at=next_at)
            self._done.failed += 1
            return
        with self._ledger.writing():
            hooks.taken_in(delivery, at=self._world.now(), said=said)
        self._done.well += 1

    def _next(self, delivery: Delivery, error: InputError) -> int | None:
        if error.code not in _LATER or delivery.tries >= len(DELAYS):
            return None
        return self._world.now() + DELAYS[delivery.tries] * 1_000_000

    def _take(self, delivery: Delivery) -> str:
        """Takes a delivery in, and returns what was wrong with a part of it, if anything."""
        with self._ledger.reading():
            source = self._ledger.hooks.source(delivery.source)
            beside = (
                self._ledger.hooks.beside(delivery, most=_MOST_BESIDE) if delivery.about else []
            )
        if source is None:
            message = f"there is no hook {delivery.source} any more"
            raise InputError(
                message, hint="playgate hook in new makes it again", code="unknown-name"
            )
        came = sorted([*beside, delivery], key=lambda each: each.id)
        if source.record_url:
            found = self._records(source, [body for each in came for body in bodies_in(each.body)])
        else:
            found = [line for each in came for line in _lines(each.body)]
        with tempfile.TemporaryDirectory(prefix="playgate-hook-") as folder:
            path = Path(folder, source.written_as)
            path.write_bytes(_written(source, found))
            return self._taken(source, [str(path), *source.files.splitlines()])

    def _taken(self, source: HookIn, paths: Sequence[str]) -> str:
        mapping = load_mapping(find_mapping(source.mapping))
        found = take_files(self._ledger, self._world, paths, mapping, sha256=source.playbook)
        if found.added:
            note_import(self._ledger, self._world)
        wrong = next((each for each in found.problems if not is_silence(each)), None)
        if wrong is not None and not found.events:
            raise _wrong(wrong)
        if wrong is not None or not found.events:
            return _in_short(_wrong(wrong)) if wrong is not None else _SILENT
        return ""

    def _records(self, source: HookIn, hints: Sequence[Any]) -> list[bytes]:
        """Returns the records that are hinted at, as they are now."""
        urls = dict.fromkeys(filled(source.record_url, each) for each in hints)
        if len(urls) > _MOST_HINTS:
            raise InputError("it hints at too many records", code="too-large")
        token = self._world.variable(source.record_token) if source.record_token else ""
        if source.record_token and not token:
            message = f"the variable {source.record_token} is not set where the server runs"
            raise InputError(message, code="cannot-connect")
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return [_record(url, headers, source.networks.split()) for url in urls]


def _record(url: str, headers: dict[str, str], networks: Sequence[str]) -> bytes:
    answer = call(url, headers=headers, networks=networks, most=_MOST_RECORD)
    if answer.status != 200:
        message = f"the record was answered with status {answer.status}"
        raise InputError(message, code="cannot-connect")
    found = _lines(answer.body)
    if len(found) != 1:
        raise InputError("the record is a list", code="wrong-file")
    return found[0]


def _wrong(problem: Problem) -> InputError:
    return InputError(problem.reason, hint=problem.hint, code="wrong-file")


def _in_short(error: InputError) -> str:
    first = error.several[0] if error.several and not error.message else error
    message = first.message or str(error)
    return f"{message[:_LONGEST_SAID]} [{first.code}]"


# Bodies


def bodies_in(body: bytes) -> list[Any]:
    """Returns what a body has: the items of a list, or itself; raises `InputError` where it is no
    JSON of objects."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError(
            "a hook is JSON", hint="an object, or a list of them", code="no-json"
        ) from None
    several = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in several):
        raise InputError("a hook is JSON", hint="an object, or a list of them", code="no-json")
    return several


def about_in(path: str, bodies: Sequence[Any]) -> str:
    """Returns of which record a body speaks, by a path with dots; nothing where it does not say."""
    found = _at(path, bodies[0]) if path and len(bodies) == 1 else None
    return str(found)[:_LONGEST_SAID] if isinstance(found, (str, int)) else ""


def _at(path: str, body: Any) -> object:
    found = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _lines(body: bytes) -> list[bytes]:
    """Returns what a body has, each on a line; numbers stay as they were written where it is one
    object."""
    bodies = bodies_in(body)
    if body.lstrip()[:1] == b"{":
        return [body.replace(b"\r", b" ").replace(b"\n", b" ")]
    return [json.dumps(each).encode() for each in bodies]


def _written(source: HookIn, lines: Sequence[bytes]) -> bytes:
    """Returns lines as the mapping finds them in a file."""
    if source.record_in:
        return b"{%s: [%s]}" % (json.dumps(source.record_in).encode(), b", ".join(lines))
    if source.written_as.endswith(".json") and len(lines) != 1:
        return b"[%s]" % b", ".join(lines)
    return b"".join(line + b"\n" for line in lines)


# Where a record is read


def checked_template(template: str, *, networks: Sequence[str]) -> str:
    """Returns the address of records, with `{PATH}` for what a body says; raises `InputError` where
    it cannot be one: the server is named in it, and nothing else names it."""
    parts = checked_url(template, networks=networks)
    if _PLACE.search(parts.netloc) or not _PLACE.search(template):
        hint = "such as https://api.example.com/deals/{objectId}"
        raise InputError(
            "the address of a record has {PATH} behind its server", hint=hint, code="wrong-value"
        )
    return template


def filled(template: str, body: Any) -> str:
    """Returns the address of the record that a body hints at; raises `InputError` where it hints at
    none."""

    def value(found: re.Match[str]) -> str:
        said = _at(found[1], body)
        if (
            isinstance(said, bool)
            or not isinstance(said, (str, int))
            or str(said) in ("", ".", "..")
        ):
            message = f"it hints at no record: {found[1][:60]} is no text and no number"
            raise InputError(message, code="missing-key")
        return quote(str(said), safe="")

    return _PLACE.sub(value, template)
