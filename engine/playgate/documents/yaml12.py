"""YAML 1.2 text → plain data in which every value knows its line and column.

The one door to `yaml`. Only `true` and `false` are booleans, numbers are those of JSON, and every
other plain scalar stays the text that its author wrote, in Unicode's form C. Input is bounded in
size, depth and number of values; nothing is ever constructed from a tag.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from playgate.documents.document import Document, Route, WrittenNumber, composed, quoted
from playgate.documents.signs import strange_indent, strange_scalar
from playgate.documents.syntax import syntax_mistake
from playgate.errors import InputError, Mistake, Place

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "parse",
    "parser_events",
    "parser_tokens",
    "read_bytes",
]

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40
MAX_VALUES = 20_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_MAX_DIGITS = 300
_LARGEST = 1e300
_TEXT_OF_ONE_VALUE = 100
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_bytes(path: Path) -> bytes:
    """Returns the file's bytes, at most one more than is allowed; raises `InputError` where it
    cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise InputError(
            f"{path} is a folder", hint="name a YAML file", code="wrong-file"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", code="cannot-read") from None


def parse(content: bytes, file: str) -> tuple[Document | None, list[Mistake]]:
    """Parses `content` and returns the document, or `None` with the mistakes that kept it
    from being read.

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
        tokens = yaml.scan(text, Loader=_Loader)
        torn = syntax_mistake(error, text, file, tokens)
        return None, [*(each for each in mistakes if each.place.line != torn.place.line), torn]
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
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        place = _end_of(content[: error.start].decode(), file)
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        return None, [Mistake(place, message, "not-utf-8", "save the file as UTF-8")]
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        place = _end_of(text[: unprintable.start()], file)
        message = f"control character U+{ord(unprintable[0]):04X} cannot stand in YAML"
        return None, [Mistake(place, message, "not-text", "remove it; an editor may hide it")]
    return text, []


def _end_of(text: str, file: str) -> Place:
    lines = re.split("\r\n|[\r\n]", text)
    return Place(file, len(lines), len(lines[-1]) + 1)


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, data: Any, route: Route, anchor: str | None) -> None:
        self.data = data
        self.route = route
        self.anchor = anchor
        self.key: str | None = None
        self.seen: set[str] = set()


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
                        event,
                        "a second document starts here",
                        "yaml-documents",
                        "keep one document to a file",
                    )
        if self._documents == 0:
            hint = "playgate init writes one to begin with"
            raise _StopError(Place(self.file, 1, 1), "the file says nothing", "empty-file", hint)
        return self._root

    def _stop(self, event: Any, message: str, rule: str, hint: str = "") -> _StopError:
        return _StopError(self._place(event), message, rule, hint)

    def _place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _count_values(self, event: Any, more: int = 1) -> None:
        self._count += more
        if self._count > MAX_VALUES:
            raise self._stop(
                event,
                f"more than {MAX_VALUES:,} values, aliases written out",
                "too-many-values",
                "split the file, or use fewer aliases",
            )

    def _route(self) -> Route:
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.data, list):
            return (*top.route, len(top.data))
        return (*top.route, top.key if top.key is not None else "")

    def _expects_key(self) -> bool:
        return (
            bool(self._stack)
            and isinstance(self._stack[-1].data, dict)
            and (self._stack[-1].key is None)
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
        self._no_tag(event)
        is_plain = event.implicit[0] and event.tag is None
        value = self._plain(event) if is_plain else composed(event.value)
        route = self._route()
        self.values[route] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if event.anchor:
            self._anchors[event.anchor] = (value, route)
        self._put(value)

    def _no_tag(self, event: Any) -> None:
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            name = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
            raise self._stop(event, f"tag {name} is not allowed", "yaml-tag", "leave it out")

    def _plain(self, event: Any) -> Any:
        text = event.value
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _FLOAT.fullmatch(text) is None:
            return self._text(event)
        if len(text) > _MAX_DIGITS or abs(float(text)) > _LARGEST:
            hint = "put it in quotes if it is text"
            raise self._stop(event, "this number is too large", "number-too-long", hint)
        return int(text) if _INTEGER.fullmatch(text) else WrittenNumber(text)

    def _text(self, event: Any) -> str:
        """Returns a plain text, and reports signs in it that only look like YAML's own."""
        if not event.value.isascii():
            indent = strange_indent(event.value) if event.start_mark.column == 0 else None
            if indent is not None:
                raise self._stop(event, *indent)
            strange = strange_scalar(event.value)
            if strange is not None:
                said, meant = strange
                self.mistakes.append(Mistake(self._place(event), *said))
                return composed(meant)
        return composed(event.value)

    def _key(self, event: Any) -> None:
        top = self._stack[-1]
        key = self._text(event) if event.implicit[0] else composed(event.value)
        place = self._place(event)
        route = (*top.route, key)
        self._no_tag(event)
        if key == "<<" and event.implicit[0]:
            raise self._stop(
                event,
                "merge keys (<<) are not part of YAML 1.2",
                "yaml-merge-key",
                "write the keys out, or name a signal",
            )
        if key in top.seen:
            first = Place(self.file, *self.keys[route])
            message = f"key {quoted(key)} stands here a second time (first on line {first.line})"
            self.mistakes.append(
                Mistake(place, message, "duplicate-key", _duplicate_hint(top.route), related=first)
            )
        else:
            self.keys[route] = (place.line, place.column)
        top.seen.add(key)
        top.key = key

    def _start(self, event: Any, data: Any) -> None:
        self._count_values(event)
        if self._expects_key():
            hint = "put a text that begins with [ or { in quotes"
            raise self._stop(event, "a key must be text", "yaml-key", hint)
        self._no_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "too-deep")
        route = self._route()
        first = self._first_under_this_key()
        if type(first) is type(data):
            data = first
        else:
            self.values[route] = (event.start_mark.line + 1, event.start_mark.column + 1)
        self._put(data)
        self._stack.append(_Open(data, route, event.anchor))

    def _first_under_this_key(self) -> Any:
        """Returns what stands under a duplicate key already, so that both are read and checked."""
        top = self._stack[-1] if self._stack else None
        return top.data.get(top.key) if top and isinstance(top.data, dict) else None

    def _alias(self, event: Any) -> None:
        if self._expects_key():
            raise self._stop(event, "an alias cannot be a key", "yaml-key", "write the key out")
        if event.anchor not in self._anchors:
            name = quoted(event.anchor)[1:-1]
            raise self._stop(
                event,
                f"alias *{name} has no finished anchor &{name} before it",
                "yaml-alias",
                "put text that begins with * in quotes",
            )
        data, source = self._anchors[event.anchor]
        route = self._route()
        self._put(self._copy(event, data, source, route))

    def _copy(self, event: Any, data: Any, source: Route, route: Route) -> Any:
        """Returns a copy of anchored data; its values keep the places where they were written."""
        if len(route) > MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "too-deep")
        long_text = len(data) // _TEXT_OF_ONE_VALUE if isinstance(data, str) else 0
        self._count_values(event, 1 + long_text)
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


def _duplicate_hint(route: Route) -> str:
    in_list = bool(route) and isinstance(route[-1], int)
    return "keep one of them" + (", or begin a new item with a dash" if in_list else "")


def parser_events(text: str) -> Iterator[Any]:
    """Yields the parser's events, for callers that need to know how something is written."""
    return iter(yaml.parse(text, Loader=_Loader))


def parser_tokens(text: str) -> Iterator[Any]:
    """Yields the parser's tokens."""
    return iter(yaml.scan(text, Loader=_Loader))
