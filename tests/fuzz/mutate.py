"""Changes an input a little: its bytes, its lines, its pieces, or what it is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

__all__ = ["Mutator"]

_TOKEN = re.compile(rb"[A-Za-z0-9_.+-]+|\s+|[^\sA-Za-z0-9]", re.DOTALL)
_WORD = re.compile(rb"[A-Za-z0-9_.+:-]+")
_LARGEST = 60_000
_ODD: tuple[bytes, ...] = (
    *(
        b"",
        b" ",
        b"\0",
        b"\n",
        b"\r",
        b"\r\n",
        b"\t",
        b"\x1b[31m",
        b"\xff",
        b"\xc3\xa9",
        b"e\xcc\x81",
    ),
    *(
        b'"',
        b"'",
        b'""',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b"[[",
        b"{{",
        b"- ",
        b": ",
        b"#",
        b"&a ",
        b"*a",
    ),
    *(
        b"!!int ",
        b"%",
        b"*",
        b"**",
        b"..",
        b"../x",
        b"/etc/passwd",
        b"|",
        b">",
        b",",
        b";",
        b"=1+1",
    ),
    *(b"0", b"-1", b"1e999", b"NaN", b"Infinity", b"1" * 400, b"0x10", b"010", b"1_000", b"25,000"),
    *(
        b"true",
        b"null",
        b"~",
        b"yes",
        b"n/a",
        b"2026-02-30",
        b"0001-01-01",
        b"9999-12-31T23:59:59Z",
    ),
    *(b"2026-03-29T02:30:00", b"1900-01-01T00:00:00+14:00", b"2200-12-31", b"24:00", b"02-29"),
    *(b"99999999 days", b"5 business days", b"0 days", b"3 business hours", b"1000000000 weeks"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\\ud800"),
    *(b"\\u0000", b"&#x0;", b"&amp;", b"<!--", b"-->", b"]]>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"),
    *(b"(a|b)*c", b"(" * 120, b"[" * 120, b"a" * 5000, b"sep=;\n", b"Etc/GMT+14", b"Pacific/Apia"),
)


class Mutator:
    """Mutates inputs of one kind; whatever it does follows from the random numbers it is given."""

    def __init__(self, seeds: Sequence[bytes]) -> None:
        self._words = sorted({word for seed in seeds for word in _WORD.findall(seed)})[:5000]
        self._pieces = [line for seed in seeds for line in seed.splitlines(keepends=True)][:20_000]

    def mutated(self, content: bytes, other: bytes, rng: Random) -> bytes:
        """Returns the content, changed in one to eight places; `other` is another input."""
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            content = rng.choice(_WAYS)(self, content, other, rng)[:_LARGEST]
        return content

    def _bytes(self, content: bytes, _: bytes, rng: Random) -> bytes:
        at = rng.randint(0, len(content))
        cut = rng.choice((0, 1, 1, 2, 8, 64))
        new = rng.choice((b"", bytes((rng.randrange(256),)), rng.choice(_ODD)))
        return content[:at] + new + content[at + cut :]

    def _token(self, content: bytes, _: bytes, rng: Random) -> bytes:
        tokens = _TOKEN.findall(content)
        if not tokens:
            return rng.choice(_ODD)
        at = rng.randrange(len(tokens))
        tokens[at] = rng.choice((rng.choice(_ODD), self._word(rng), rng.choice(tokens), b""))
        return b"".join(tokens)

    def _after_token(self, content: bytes, _: bytes, rng: Random) -> bytes:
        words = list(_WORD.finditer(content))
        if not words:
            return content
        at = rng.choice(words).end()
        return content[:at] + rng.choice((rng.choice(_ODD), self._word(rng))) + content[at:]

    def _lines(self, content: bytes, other: bytes, rng: Random) -> bytes:
        lines = content.splitlines(keepends=True) or [b""]
        start = rng.randrange(len(lines))
        end = min(len(lines), start + rng.choice((1, 1, 2, 5, 20)))
        some = lines[start:end]
        way = rng.randrange(6)
        if way == 0:
            lines[start:end] = []
        elif way == 1:
            lines[start:end] = some * rng.choice((2, 3, 50))
        elif way == 2:
            lines[start:end] = some[::-1]
        elif way == 3:
            at = rng.randint(0, len(lines))
            lines[at:at] = some
        elif way == 4:
            lines[start:start] = [rng.choice(self._pieces)] if self._pieces else []
        else:
            theirs = other.splitlines(keepends=True) or [b""]
            at = rng.randrange(len(theirs))
            lines[start:end] = theirs[at : at + rng.choice((1, 3, 10))]
        return b"".join(lines)

    def _indent(self, content: bytes, _: bytes, rng: Random) -> bytes:
        lines = content.splitlines(keepends=True) or [b""]
        at = rng.randrange(len(lines))
        lines[at] = rng.choice((b"  ", b" ", b"\t", b"- ", b"")) + lines[at].lstrip(b" ")
        return b"".join(lines)

    def _splice(self, content: bytes, other: bytes, rng: Random) -> bytes:
        return content[: rng.randint(0, len(content))] + other[rng.randint(0, len(other)) :]

    def _nested(self, content: bytes, _: bytes, rng: Random) -> bytes:
        open_, close = rng.choice(
            ((b"[", b"]"), (b"{a: ", b"}"), (b'{"a":', b"}"), (b"<a>", b"</a>"))
        )
        start = rng.randint(0, len(content))
        end = rng.randint(start, min(len(content), start + 200))
        deep = rng.choice((1, 2, 30, 101, 1200))
        return content[:start] + open_ * deep + content[start:end] + close * deep + content[end:]

    def _word(self, rng: Random) -> bytes:
        return rng.choice(self._words) if self._words else b"a"


_WAYS = (
    *(Mutator._token,) * 6,
    *(Mutator._lines,) * 4,
    *(Mutator._bytes,) * 3,
    *(Mutator._after_token,) * 2,
    Mutator._indent,
    Mutator._splice,
    Mutator._nested,
)
