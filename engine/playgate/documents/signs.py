"""Finds signs in YAML that look like others: odd spaces, quotation marks and colons of print.

An editor shows them as what they resemble, and YAML reads them as any letter.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from playgate.documents.document import quoted

__all__ = ["Said", "blamed_line", "name_of", "strange_indent", "strange_scalar"]


class Said(NamedTuple):
    """What to say of a mistake, apart from its place."""

    message: str
    rule: str
    hint: str


_SPACES = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_OPENING = "“”„‟«»‘‚‛‹›＂"
_CLOSING = "“”„‟«»’‘‚‛‹›＂"
_KEY = r"[\w.-]{1,60}"
_ODD_SPACE = rf"^[{_SPACES}]|[{_SPACES}]$|^-[{_SPACES}]|^[a-z][a-z_]*:(?=[{_SPACES}])"
_EDGES = rf"^[{_SPACES} ]+|[{_SPACES} ]+$"
_ODD_QUOTES = rf"[{_OPENING}]\S*[{_CLOSING}]"
_SPACE = rf"[{_SPACES}]"
_INDENT = rf"[ \t{_SPACES}-]*"
_OPENED = rf"(?:^[ -]*|[:\[{{,] *)([{_OPENING}])"
_WIDE = rf"^[ -]*{_KEY}(：)"


def strange_scalar(text: str) -> tuple[Said, str] | None:
    """Returns what is strange about a text without quotes, and the text that may have been meant;
    or `None`."""
    if re.search(_ODD_SPACE, text):
        space = re.search(_SPACE, text)
        assert space is not None  # noqa: S101  (one of them was found)
        return _odd_space(space[0], f" in {quoted(text)}"), re.sub(_EDGES, "", text)
    if re.fullmatch(_ODD_QUOTES, text):
        return _odd_quotes(text[0], text[-1]), text[1:-1]
    return None


def strange_indent(text: str) -> Said | None:
    """Returns what to say of a text at the margin that begins with a space that is none of YAML."""
    space = re.match(_SPACE, text)
    return _odd_space(space[0], " where a line begins") if space else None


def blamed_line(line: str) -> tuple[int, Said] | None:
    """Returns where in a line that is not YAML such a sign stands in place of another, and what
    to say of it."""
    indent = re.match(_INDENT, line)
    space = re.search(_SPACE, indent[0]) if indent else None
    if space is not None:
        return space.start(), _odd_space(space[0], " where a line begins")
    wide = re.search(_WIDE, line)
    if wide is not None:
        message = f"{name_of('：')} is no colon of YAML"
        return wide.start(1), Said(message, "strange-sign", 'write ": " between key and value')
    opened = re.search(_OPENED, line)
    if opened is not None:
        return opened.start(1), _odd_quotes(opened[1], opened[1])
    return None


def _odd_space(sign: str, where: str) -> Said:
    message = f"{name_of(sign)}{where} is no space of YAML"
    hint = "type ordinary spaces; it often comes with text that was copied"
    return Said(message, "strange-sign", hint)


def _odd_quotes(first: str, last: str) -> Said:
    said = (
        f"{first} is no quotation mark"
        if first == last
        else f"{first} {last} are no quotation marks"
    )
    return Said(f"{said} of YAML", "strange-sign", 'leave them out, or write " on both sides')


def name_of(sign: str) -> str:
    """Returns what a sign is called, with its number: `a no-break space (U+00A0)`."""
    name = unicodedata.name(sign, "sign").lower()
    return f"a{'n' if name[0] in 'aeiou' else ''} {name} (U+{ord(sign):04X})"
