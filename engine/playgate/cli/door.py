"""The one way out: all that playgate writes to a terminal, a pipe or a report passes here.

Whoever renders text makes it safe for its medium, cell by cell. Here it is seen to once more, so
that what somebody forgot does no harm: no control character, none that hides or turns the direction
of writing, and no half of a pair leaves as it is.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from playgate.report.words import UNSAFE, visible

__all__ = ["colour_wanted", "harmless", "is_plain", "put", "tell"]

_COLOUR = r"\x1b\[[0-9;]*m"
_HARMFUL = re.compile(rf"\r\n|[\n\t]|{_COLOUR}|[{UNSAFE}]")
_LAYOUT = frozenset(("\n", "\t", "\r\n"))


def is_plain(stream: TextIO) -> bool:
    """Returns whether the stream takes lines of text alone: it is no terminal, or one that knows no
    more."""
    return os.environ.get("TERM") == "dumb" or not stream.isatty()


def colour_wanted(stream: TextIO) -> bool:
    """Returns whether to colour: only on a terminal, and where nobody asked for plain text."""
    return not (os.environ.get("NO_COLOR") or is_plain(stream))


def put(pieces: Iterable[str], stream: TextIO | None = None) -> None:
    """Writes pieces of a result to a stream (default: standard output)."""
    stream = sys.stdout if stream is None else stream
    stream.writelines(harmless(pieces, colour=colour_wanted(stream)))


def tell(text: str) -> None:
    """Writes a line to standard error; a line break within is written out."""
    sys.stderr.write(visible(text) + "\n")


def harmless(pieces: Iterable[str], *, colour: bool = False) -> Iterator[str]:
    """Yields the pieces with what does harm written out; with `colour`, colours stay."""
    for piece in pieces:
        if piece.replace("\n", "").isprintable():
            yield piece
        else:
            yield _HARMFUL.sub(_kept if colour else _plain, piece)


def _kept(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) > 2 else _plain(found)


def _plain(found: re.Match[str]) -> str:
    text = found[0]
    return text if text in _LAYOUT else visible(text[0]) + text[1:]
