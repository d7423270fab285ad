"""JSON as text, piece by piece, safe to print: what is long is never held as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from playgate.report.words import UNSAFE

__all__ = ["Written", "json_line", "json_lines", "json_pieces", "printable"]

_UNSAFE = re.compile(f"[{UNSAFE}]")
_PLAIN = frozenset((str, int, float, bool, type(None), list, tuple))
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_QUOTED = json.encoder.encode_basestring


class Written(str):
    """A value that is written as JSON, on one line."""

    __slots__ = ()


def json_line(value: object) -> str:
    """Returns the value on one line; unsafe characters are escaped, all others stay as they are."""
    return printable(_ENCODE(value))


def printable(text: str) -> str:
    """Returns JSON in which unsafe characters, which stand only within its texts, are escaped."""
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def json_lines(names: Sequence[str]) -> Callable[[Sequence[str | list[str] | None]], Written]:
    """Returns `json_line` for many objects of these names: it takes their values, and is some times
    as fast."""
    members = [f"{json_line(name)}: ".replace("%", "%%") for name in names]
    form = "{" + ", ".join(f"{each}%s" for each in members) + "}"

    def line(values: Sequence[str | list[str] | None]) -> Written:
        text = form % tuple(
            [
                _QUOTED(value)
                if value.__class__ is str
                else ("null" if value is None else f"[{', '.join(map(_QUOTED, value))}]")
                for value in values
            ]
        )
        return Written(printable(text))

    return line


def json_pieces(value: Any, *, indent: str = "") -> Iterator[str]:
    """Yields the value as pieces of text.

    An iterator becomes an array with an item on each line, and a mapping that holds one somewhere
    an object with a member on each line; everything else stands on one line.
    """
    inner = indent + "  "
    if _is_made_as_written(value):
        yield "["
        mark = "\n"
        for item in value:
            if item.__class__ is Written:
                yield f"{mark}{inner}{item}"
            elif _is_plain(item):
                yield f"{mark}{inner}{json_line(item)}"
            else:
                yield mark + inner
                yield from json_pieces(item, indent=inner)
            mark = ",\n"
        yield "]" if mark == "\n" else f"\n{indent}]"
    elif isinstance(value, dict) and _is_open(value):
        mark = "{\n"
        for key, member in value.items():
            yield f"{mark}{inner}{json_line(key)}: "
            yield from json_pieces(member, indent=inner)
            mark = ",\n"
        yield f"\n{indent}}}"
    else:
        yield json_line(value)


def _is_plain(value: object) -> bool:
    """Whether it is certain at a glance that all stands on one line."""
    return isinstance(value, dict) and _PLAIN.issuperset(map(type, value.values()))


def _is_open(value: dict[str, Any]) -> bool:
    return any(
        _is_made_as_written(member) or (isinstance(member, dict) and _is_open(member))
        for member in value.values()
    )


def _is_made_as_written(value: object) -> bool:
    # As `isinstance(value, Iterator)`, which is many times slower for what is none.
    return hasattr(value, "__next__")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
