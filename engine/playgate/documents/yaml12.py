"""YAML 1.2 text → plain data in which every value knows its line and column.

The one door to `yaml`. Only `true` and `false` are booleans, numbers are those of JSON, and every
other plain scalar stays the text that its author wrote. Input is bounded in size, depth and number
of values; nothing is ever constructed from a tag.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from playgate.documents.document import Document, Route
from playgate.errors import InputError, Mistake, Place

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "parse", "read_bytes"]

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40
MAX_VALUES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_MAX_DIGITS = 300


def read_bytes(path: Path) -> bytes:
    """The file's bytes, at most one more than is allowed; `InputError` where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise InputError(f"{path} is a folder", hint="name a YAML file") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def parse(content: bytes, file: str) -> tuple[Document | None, list[Mistake]]:
    """The document in `content`, or `None` with the mistakes that kept it from being read.

    Duplicate keys are mistakes too, but the document comes with them, so that the rest is checked.
    """
    text, mistakes = _decode(content, file)
    if text is None:
        return None, mistakes
    builder = _Builder(file, mistakes)
    try:
        data = builder.build(yaml.parse(text, Loader=_Loader))
    except _StopError as stop:
        return None, [*mistakes, stop.mistake]
    except yaml.YAMLError as error:
        return None, [*mistakes, _syntax(error, text, file)]
    sha256 = hashlib.sha256(content).hexdigest()
    return Document(file, data, builder.values, builder.keys, sha256), mistakes


class _StopError(Exception):
    def __init__(self, place: Place, message: str, rule: str, hint: str = "") -> None:
        super().__init__(message)
        self.mistake = Mistake(place, message, rule, hint)


def _decode(content: bytes, file: str) -> tuple[str | None, list[Mistake]]:
    start = Place(file, 1, 1)
    if len(content) > MAX_BYTES:
        limit = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB"
        return None, [Mistake(start, limit, "file-too-large", "split it, or name the right file")]
    if b"\0" in content:
        message = "this is not a text file"
        return None, [Mistake(start, message, "not-text", "name a YAML file in UTF-8")]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        place = Place(file, line, column)
        return None, [Mistake(place, message, "not-utf-8", "save the file as UTF-8")]


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Mistake:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    hint = "tabs cannot indent in YAML: use spaces" if "\\t" in str(problem) else ""
    if mark is not None:
        place = Place(file, mark.line + 1, mark.column + 1)
    else:
        before = text[: getattr(error, "position", 0) or 0]
        place = Place(file, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    context = getattr(error, "context", None)
    message = f"{problem} ({context})" if context else str(problem)
    return Mistake(place, f"not valid YAML: {message}", "yaml-syntax", hint)


@dataclass
class _Open:
    """A collection whose end has not come yet."""

    data: Any
    route: Route
    anchor: str | None
    key: str | None = None
    seen: set[str] = field(default_factory=set)


class _Builder:
    """Builds plain data from YAML events without recursion."""

    def __init__(self, file: str, mistakes: list[Mistake]) -> None:
        self.file = file
        self.mistakes = mistakes
        self.values: dict[Route, tuple[int, int]] = {}
        self.keys: dict[Route, tuple[int, int]] = {}
        self._anchors: dict[str, tuple[Any, Route]] = {}
        self._stack: list[_Open] = []
        self._root: Any = None
        self._count = 0
        self._documents = 0

    def build(self, events: Iterator[Any]) -> Any:
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._start(event, {})
            elif kind is yaml.SequenceStartEvent:
                self._start(event, [])
            elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                closed = self._stack.pop()
                if closed.anchor:
                    self._anchors[closed.anchor] = (closed.data, closed.route)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._documents += 1
                if self._documents > 1:
                    raise self._stop(
                        event, "a second document starts here", "yaml-documents",
                        "keep one document to a file",
                    )
        if self._documents == 0:
            raise _StopError(Place(self.file, 1, 1), "the file is empty", "empty-file")
        return self._root

    def _stop(self, event: Any, message: str, rule: str, hint: str = "") -> _StopError:
        return _StopError(self._place(event), message, rule, hint)

    def _place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _count_values(self, event: Any, more: int = 1) -> None:
        self._count += more
        if self._count > MAX_VALUES:
            raise self._stop(
                event, f"more than {MAX_VALUES} values, aliases written out", "too-many-values"
            )

    def _route(self) -> Route:
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.data, list):
            return (*top.route, len(top.data))
        return (*top.route, top.key if top.key is not None else "")

    def _expects_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].data, dict) and (
            self._stack[-1].key is None
        )

    def _put(self, value: Any) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        if isinstance(top.data, list):
            top.data.append(value)
        else:
            assert top.key is not None  # noqa: S101  (a value comes after its key)
            top.data[top.key] = value
            top.key = None

    def _scalar(self, event: Any) -> None:
        self._count_values(event)
        if self._expects_key():
            self._key(event)
            return
        value = event.value if not event.implicit[0] else self._plain(event)
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise self._stop(
                event, f"tag {event.tag} is not allowed", "yaml-tag", "write the plain value"
            )
        route = self._route()
        self.values[route] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if event.anchor:
            self._anchors[event.anchor] = (value, route)
        self._put(value)

    def _plain(self, event: Any) -> Any:
        text = event.value
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _FLOAT.fullmatch(text) is None:
            return text
        if len(text) > _MAX_DIGITS:
            raise self._stop(event, "a number of so many digits", "number-too-long")
        return int(text) if _INTEGER.fullmatch(text) else float(text)

    def _key(self, event: Any) -> None:
        top = self._stack[-1]
        key = event.value
        place = self._place(event)
        route = (*top.route, key)
        if key == "<<" and event.implicit[0]:
            raise self._stop(
                event, "merge keys (<<) are not part of YAML 1.2", "yaml-merge-key",
                "write the keys out, or name a signal",
            )
        if key in top.seen:
            first = Place(self.file, *self.keys[route])
            message = f'key "{key}" stands here a second time (first on line {first.line})'
            self.mistakes.append(
                Mistake(place, message, "duplicate-key", "keep one of them", related=first)
            )
        else:
            self.keys[route] = (place.line, place.column)
        top.seen.add(key)
        top.key = key

    def _start(self, event: Any, data: Any) -> None:
        self._count_values(event)
        if self._expects_key():
            raise self._stop(event, "a key must be plain text", "yaml-key")
        if event.tag is not None and not event.implicit:
            raise self._stop(event, f"tag {event.tag} is not allowed", "yaml-tag")
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "too-deep")
        route = self._route()
        self.values[route] = (event.start_mark.line + 1, event.start_mark.column + 1)
        self._put(data)
        self._stack.append(_Open(data, route, event.anchor))

    def _alias(self, event: Any) -> None:
        if self._expects_key():
            raise self._stop(event, "an alias cannot be a key", "yaml-key")
        if event.anchor not in self._anchors:
            raise self._stop(
                event, f"alias *{event.anchor} has no finished anchor before it", "yaml-alias"
            )
        data, source = self._anchors[event.anchor]
        route = self._route()
        self._put(self._copy(event, data, source, route))

    def _copy(self, event: Any, data: Any, source: Route, route: Route) -> Any:
        """A copy of anchored data; its values keep the places where they were written."""
        if len(route) > MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "too-deep")
        self._count_values(event)
        self.values[route] = self.values[source]
        if isinstance(data, dict):
            copied = {}
            for key, value in data.items():
                self.keys[(*route, key)] = self.keys[(*source, key)]
                copied[key] = self._copy(event, value, (*source, key), (*route, key))
            return copied
        if isinstance(data, list):
            return [
                self._copy(event, value, (*source, index), (*route, index))
                for index, value in enumerate(data)
            ]
        return data
