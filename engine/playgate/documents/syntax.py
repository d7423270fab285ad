"""Says what a YAML parser could not read, in words for people who do not know YAML's own."""

from __future__ import annotations

from typing import Any

from playgate.documents.document import quoted
from playgate.errors import Mistake, Place

__all__ = ["syntax_mistake"]

_FIT = "compare its indentation and signs with the lines above it"

_SAID = (  # the parser's words, in both its versions · what is meant · hint · is its start at fault
    (
        "mapping values are not allowed",
        "a colon stands where no key can be",
        "put text with a colon in quotes, or check the indentation",
        False,
    ),
    (
        "could not find expected ':'",
        "a key without a colon",
        'write "key: value", or put the text of several lines in quotes',
        True,
    ),
    (
        "unexpected end of stream",
        "a quotation mark that is not closed",
        "put it at the end of the text, too",
        True,
    ),
    ("',' or ']'", "a [ that is not closed", "put ] after the last item, commas between", True),
    ("',' or '}'", "a { that is not closed", "put } after the last pair, commas between", True),
    (
        "unknown escape character",
        "a backslash in double quotes that begins no known sign",
        "write single quotes, or \\\\ for a backslash",
        True,
    ),
    (
        "alphabetic or numeric character",
        "* and & begin an alias or an anchor",
        "put the text in quotes",
        True,
    ),
    ("expected '-' indicator", "this line does not fit into the list above", _FIT, False),
    ("expected <block end>", "this line does not fit the lines above", _FIT, False),
    ("expected key", "this line does not fit the lines above", _FIT, False),
)


def syntax_mistake(error: Any, text: str, file: str) -> Mistake:
    """Returns the mistake behind a parser's exception, at the place to look at."""
    start = getattr(error, "context_mark", None)
    mark = getattr(error, "problem_mark", None) or start
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "nesting level" in problem:  # libyaml 0.2.6 reads no deeper than a thousand
        return Mistake(_place(mark, file), "nested too deep", "too-deep")
    if "cannot start any token" in problem and mark is not None:
        return Mistake(_place(mark, file), *_bad_start(_character(text, mark)))
    for said, meant, hint, is_start in _SAID:
        if said in problem:
            place = _place(start if is_start and start is not None else mark, file)
            return Mistake(place, f"not valid YAML: {meant}", "yaml-syntax", hint)
    return Mistake(_place(mark, file), f"not valid YAML: {problem}", "yaml-syntax")


def _bad_start(character: str) -> tuple[str, str, str]:
    if character == "\t":
        return "not valid YAML: a tab", "yaml-syntax", "tabs cannot indent in YAML: use spaces"
    message = f"not valid YAML: {quoted(character)} cannot begin a value"
    return message, "yaml-syntax", "put the text in quotes"


def _place(mark: Any, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1, 1)


def _character(text: str, mark: Any) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[mark.column : mark.column + 1]
