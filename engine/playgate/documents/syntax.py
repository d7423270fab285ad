"""Says what a YAML parser could not read, in words for people who do not know YAML's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from playgate.documents.document import quoted
from playgate.documents.signs import Said, blamed_line
from playgate.errors import Mistake, Place

__all__ = ["syntax_mistake"]


class _Meant(NamedTuple):
    """What a parser means."""

    words: tuple[str, ...]
    """Its own words, in both its versions."""
    meant: str
    hint: str
    at_start: bool = False
    """Whether the fault lies where it began to read, not where it stopped."""


_QUOTE = "put the text in quotes"
_FIT = "compare its indentation and signs with the lines above it"
_MEANT = (
    _Meant(
        ("mapping values are not allowed",),
        "a colon stands where no key can be",
        "put text with a colon in quotes, or check the indentation",
    ),
    _Meant(
        ("could not find expected ':'",),
        "a key without a colon",
        'write "key: value", or put the text of several lines in quotes',
        at_start=True,
    ),
    _Meant(
        ("unexpected end of stream", "document indicator"),
        "a quotation mark that is not closed",
        "put it at the end of the text, too",
        at_start=True,
    ),
    _Meant(
        ("',' or ']'",),
        "a [ that is not closed",
        "put ] after the last item, commas between",
        at_start=True,
    ),
    _Meant(
        ("',' or '}'",),
        "a { that is not closed",
        "put } after the last pair, commas between",
        at_start=True,
    ),
    _Meant(
        ("unknown escape character",),
        "a backslash in double quotes that begins no known sign",
        "write single quotes, or \\\\ for a backslash",
        at_start=True,
    ),
    _Meant(
        ("alphabetic or numeric character",),
        "* and & begin an alias or an anchor",
        _QUOTE,
        at_start=True,
    ),
    _Meant(
        ("entries are not allowed",),
        "a list begins behind its key",
        "begin it on the next line, each item with a dash",
    ),
    _Meant(
        ("mapping keys are not allowed",),
        "a question mark begins a key",
        "put text that begins with ? in quotes",
    ),
    _Meant(
        ("decimal number",),
        "a backslash in double quotes without the digits of its sign",
        "write the sign itself, or single quotes",
        at_start=True,
    ),
    _Meant(
        ("invalid Unicode character",),
        "a backslash in double quotes that names no sign",
        "write the sign itself",
        at_start=True,
    ),
    _Meant(
        ("tag handle", "expected '>'"),
        "! begins a tag",
        "put text that begins with ! in quotes",
        at_start=True,
    ),
    _Meant(
        ("comment or line break",),
        "| and > stand alone behind their key",
        "write the text on the lines below, indented",
    ),
    _Meant(("node content",), "no value begins so", _QUOTE),
    _Meant(("document start",), "something behind the end", "close each { and [ once"),
    _Meant(("directive", "expected digit"), "a line that begins with %", "leave it out"),
    _Meant(("expected '-' indicator",), "this line does not fit into the list above", _FIT),
    _Meant(
        ("expected <block end>", "expected key"), "this line does not fit the lines above", _FIT
    ),
)
_MISTYPED = (  # how such a line begins, up to the sign · what is wrong · hint, with it mended
    (r"[ -]*\t", "a tab where a line begins", "tabs cannot indent in YAML: use spaces"),
    (r" *-(?=[^\s-])", "a dash without a space", "put a space after the dash: {}"),
    (r"[ -]*[^\W\d]\w*:(?=[^\s:/])", "a colon without a space", "put a space after the colon: {}"),
)
_LINES = re.compile("\r\n|[\r\n]")


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
        return Mistake(
            _place(mark, file),
            *_no_yaml(f"{quoted(_character(text, mark))} cannot begin a value", _QUOTE),
        )
    for each in _MEANT:
        if any(words in problem for words in each.words):
            place = _place(start if each.at_start and start is not None else mark, file)
            return Mistake(place, *_no_yaml(each.meant, each.hint))
    return Mistake(_place(mark, file), *_no_yaml(problem))


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
    for begins, wrong, hint in _MISTYPED:
        found = re.match(begins, line)
        if found is not None:
            end = found.end()
            mended = quoted(f"{line[:end].strip()} {line[end:].strip()}")[1:-1]
            return end - 1, _no_yaml(wrong, hint.format(mended))
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
        wrong = f"a quotation mark {sign} that is not closed"
        hint = f"put it at the end of the text, too: read on, it ends on line {mark.line + 1}"
        return Mistake(place, *_no_yaml(wrong, hint))
    between = lines[mark.line][token.end_mark.column : mark.column]
    if between.strip() or lines[mark.line][mark.column : mark.column + 1] in ("", ":"):
        return None
    inside, around = ("''", '"') if sign == "'" else ('\\"', "'")
    hint = f"write {inside} for one inside it, or put {around} around the whole text"
    return Mistake(place, *_no_yaml(f"text goes on after its closing {sign}", hint))


def _no_yaml(wrong: str, hint: str = "") -> Said:
    return Said(f"not valid YAML: {wrong}", "yaml-syntax", hint)


def _place(mark: Any, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1, 1)


def _character(text: str, mark: Any) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[mark.column : mark.column + 1]
