"""XML in chunks, no piece of which may go on and on: the parser begins it anew with each chunk."""

from __future__ import annotations

from xml.parsers import expat

__all__ = ["Feed", "RefusedError"]

_LONGEST = 4 * 1024 * 1024
"""In bytes, of a tag with its attributes, a comment or the like."""


class RefusedError(Exception):
    """Says that XML holds what is not read."""


class Feed:
    """Hands chunks to a parser."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        self._fed = 0

    def parse(self, chunk: bytes, *, at_end: bool = False) -> None:
        """Parses a chunk; raises `RefusedError` where what it belongs to is too long."""
        self._parser.Parse(chunk, at_end)
        self._fed += len(chunk)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST:
            raise RefusedError(f"a tag or comment of more than {_LONGEST >> 20} MB")
