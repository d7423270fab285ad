"""Says what a YAML parser could not read, in words for people who do not know YAML's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playgate.documents.document import quoted
from playgate.documents.signs import Said, blamed_line
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
    (
        "entries are not allowed",
        "a list begins behind its key",
        "begin it on the next line, each item with a dash",
        False,
    ),
    (
        "mapping keys are not allowed",
        "a question mark begins a key",
        "put text that begins with ? in quotes",
        False,
    ),
    (
        "decimal number",
        "a backslash in double quotes without the digits of its sign",
        "write the sign itself, or single quotes",
        True,
    ),
    (
        "invalid Unicode character",
        "a backslash in double quotes that names no sign",
        "write the sign itself",
        True,
    ),
    ("tag handle", "! begins a tag", "put text that begins with ! in quotes", True),
    ("expected '>'", "! begins a tag", "put text that begins with ! in quotes", True),
    (
        "comment or line break",
        "| and > stand alone behind their key",
        "write the text on the lines below, indented",
        False,
    ),
    ("node content", "no value begins so", "put the text in quotes", False),
    ("document start", "something behind the end", "close each { and [ once", False),
    (
        "document indicator",
        "a quotation mark that is not closed",
        "put it at the end of the text, too",
        True,
    ),
    ("directive", "a line that begins with %", "leave it out", False),
    ("expected digit", "a line that begins with %", "leave it out", False),
    ("expected '-' indicator", "this line does not fit into the list above", _FIT, False),
    ("expected <block end>", "this line does not fit the lines above", _FIT, False),
    ("expected key", "this line does not fit the lines above", _FIT, False),
)
_LINES = re.compile("\r\n|[\r\n]")
_TAB = re.compile(r"[ -]*\t")
_COLON = re.compile(r"[ -]*[^\W\d]\w*:(?=[^\s:/])")
_DASH = re.compile(r"( *)-(?=[^\s-])")


def syntax_mistake(error: Exception, text: str, file: str, tokens: Iterator[Any]) -> Mistake:
    """Returns the mistake behind a parser's exception, at the place to look at.

    `tokens` are those of the text, up to the one that cannot be read.
    """
    start = getattr(error, "context_mark", None)
    mark = getattr(error, "problem_mark", None) or start
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "nesting level" in problem:  # libyaml 0.2.6 reads no deeper than a thousand
        return Mistake(_place(mark, file), "nested too deep", "too-deep")
    if mark is not None:
        likely = _likely(_LINES.split(text), mark, start, tokens, file)
        if likely is not None:
            return likely
    if "cannot start any token" in problem and mark is not None:
        return Mistake(_place(mark, file), *_bad_start(_character(text, mark)))
    for said, meant, hint, is_start in _SAID:
        if said in problem:
            place = _place(start if is_start and start is not None else mark, file)
            return Mistake(place, f"not valid YAML: {meant}", "yaml-syntax", hint)
    return Mistake(_place(mark, file), f"not valid YAML: {problem}", "yaml-syntax")


def _likely(
    lines: list[str], mark: Any, start: Any, tokens: Iterator[Any], file: str
) -> Mistake | None:
    """Returns what people mistype most, where the parser, who reads on, blames a later sign."""
    quotes = _quotes(lines, mark, _last_quoted(tokens, mark), file)
    if quotes is not None:
        return quotes
    for line in dict.fromkeys(
        (mark.line, start.line if start is not None else mark.line, mark.line - 1)
    ):
        written = lines[line] if 0 <= line < len(lines) else ""
        found = _mistyped(written) if line <= mark.line else None
        if found is not None:
            column, said = found
            return Mistake(Place(file, line + 1, column + 1), *said)
    return None


def _mistyped(line: str) -> tuple[int, Said] | None:
    tab = _TAB.match(line)
    if tab is not None:
        message = "not valid YAML: a tab where a line begins"
        return tab.end() - 1, Said(message, "yaml-syntax", "tabs cannot indent in YAML: use spaces")
    dash = _DASH.match(line)
    if dash is not None:
        hint = f"put a space after the dash: {quoted('- ' + line[dash.end() :].strip())[1:-1]}"
        return dash.end() - 1, Said("not valid YAML: a dash without a space", "yaml-syntax", hint)
    colon = _COLON.match(line)
    if colon is not None:
        said = f"{line[: colon.end()].strip()} {line[colon.end() :].strip()}"
        message = "not valid YAML: a colon without a space"
        hint = f"put a space after the colon: {quoted(said)[1:-1]}"
        return colon.end() - 1, Said(message, "yaml-syntax", hint)
    return None if line.isascii() else blamed_line(line)


def _last_quoted(tokens: Iterator[Any], mark: Any) -> Any:
    """Returns the last text in quotes that ends before the problem, or `None`."""
    last = None
    try:
        for token in tokens:
            if token.end_mark.index > mark.index:
                break
            if getattr(token, "style", None) in ('"', "'"):
                last = token
    except Exception:  # noqa: S110  (the text is known to be wrong: these are its tokens)
        pass
    return last


def _quotes(lines: list[str], mark: Any, token: Any, file: str) -> Mistake | None:
    """Returns that a text in quotes does not end where its author thought, if it seems so."""
    if token is None or token.end_mark.line != mark.line:
        return None
    place, sign = Place(file, token.start_mark.line + 1, token.start_mark.column + 1), token.style
    if token.start_mark.line < token.end_mark.line:
        message = f"not valid YAML: a quotation mark {sign} that is not closed"
        hint = f"put it at the end of the text, too: read on, it ends on line {mark.line + 1}"
        return Mistake(place, message, "yaml-syntax", hint)
    between = lines[mark.line][token.end_mark.column : mark.column]
    if between.strip() or lines[mark.line][mark.column : mark.column + 1] in ("", ":"):
        return None
    message = f"not valid YAML: text goes on after its closing {sign}"
    other = '"' if sign == "'" else "'"
    hint = (
        f"write {sign}{sign} for one inside it, or put {other} around the whole text"
        if (sign == "'")
        else f'write \\" for one inside it, or put {other} around the whole text'
    )
    return Mistake(place, message, "yaml-syntax", hint)


def _bad_start(character: str) -> Said:
    message = f"not valid YAML: {quoted(character)} cannot begin a value"
    return Said(message, "yaml-syntax", "put the text in quotes")


def _place(mark: Any, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1, 1)


def _character(text: str, mark: Any) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[mark.column : mark.column + 1]
