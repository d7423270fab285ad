"""Says what may have been meant where a value has another form than it must have."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any

from playgate.documents.document import Document, Route, WrittenNumber, quoted, shortened, written
from playgate.documents.signs import name_of

__all__ = ["HINTS", "dash_hint", "from_elsewhere", "number_hint", "slip_hint", "thousands_meant"]

_GAP = "'’_ \u00a0\u202f"
_AMOUNT = (
    rf"(?P<minus>-?)\s*(?:[^\W\d_]{{1,3}}|[$€£¥])?\s*(?P<digits>[0-9](?:[0-9.,{_GAP}]*[0-9])?)"
    r"\s*(?P<unit>[^\W\d_]{0,4}|[$€£¥])"
)
_PLAIN = r"[0-9]+(?:\.[0-9]+)?"
_WITH_COMMAS = rf"[0-9]{{1,3}}(?:[,{_GAP}][0-9]{{3}})+(?:\.[0-9]+)?"
_WITH_POINTS = rf"(?:[0-9]{{1,3}}(?:[.{_GAP}][0-9]{{3}})+|[0-9]+)(?:,[0-9]+)?"
_THOUSANDS = {"k": 1, "tsd": 1, "m": 2, "mn": 2, "mio": 2, "bn": 3}
_POINTED = r"-?[1-9][0-9]{0,2}\.[0-9]{2}0"
"""A number as nobody writes decimals: three of them, the last a zero."""
_LAST_DIGITS = r"[0-9]{3}"

_COMPARED = (
    r"(?P<name>[^\s<>=!≥≤≠]+)\s*"
    r"(?P<sign>[<>=!]=|<>|[<>=≥≤≠]|\b(?:is not|is|not in|in|at least|at most|more than|less than"
    r"|contains|equals)\b)\s*(?P<value>[^<>=!]+)"
)
_TESTS = {
    "at_least": (">=", "≥", "at least"),
    "at_most": ("<=", "≤", "at most"),
    "more_than": (">", "more than"),
    "less_than": ("<", "less than"),
    "equals": ("=", "==", "is", "equals"),
    "not_equals": ("!=", "<>", "≠", "is not"),
    "one_of": ("in",),
    "none_of": ("not in",),
    "contains": ("contains",),
}
_TEST = {sign: test for test, signs in _TESTS.items() for sign in signs}
_COUNTS = {
    "at_least": ("times", 0),
    "more_than": ("times", 1),
    "equals": ("times", 0),
    "at_most": ("no_more_than", 0),
    "less_than": ("no_more_than", -1),
}
_PRESENT = ("present", "set", "known", "filled", "given")
_ABSENT = ("absent", "empty", "missing", "null", "none", "unknown")
_DONE = ("done", "completed", "happened")
_SAFE = r"[^\W\d][\w .-]*"
_FORMS = "{field: NAME, at_least: 1}, {activity: NAME} or the name of a signal"

_SIMPLE = r"[\s/*]+"
_WITH_TITLE = ("fields", "activities", "profiles", "segments", "products")
_UNDERSCORED = ("fields", "field", "activities", "activity", "do", "signals", "signal")
_LONGEST_ID = 60
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")


def number_hint(data: object) -> str:
    """Returns how to write what stands in place of a number."""
    text = data.strip() if isinstance(data, str) else ""
    if re.fullmatch(_LAST_DIGITS, text) and text[0] == "0":
        return "a comma ends a value: write 25000 for 25,000"
    meant = _number_meant(text)
    if not meant:
        return "write a number like 1000 or 2.5, without quotes or other signs"
    return f"write {meant}, without quotes" if meant == text else f"write {meant}"


def _number_meant(text: str) -> str:
    """Returns the number that a text like `25,000`, `30k` or `1.000,50 EUR` means, as it is to be
    written; empty where that is not clear."""
    found = re.fullmatch(_AMOUNT, text.strip())
    if found is None:
        return ""
    digits, unit = found["digits"], found["unit"].lower()
    if re.fullmatch(_WITH_COMMAS, digits):
        digits = re.sub(rf"[,{_GAP}]", "", digits)
    elif not re.fullmatch(_PLAIN, digits):
        if not re.fullmatch(_WITH_POINTS, digits):
            return ""
        digits = re.sub(rf"[.{_GAP}]", "", digits).replace(",", ".")
    whole, _, rest = digits.partition(".")
    zeros = 3 * _THOUSANDS.get(unit, 0)
    whole, rest = whole + rest[:zeros].ljust(zeros, "0"), rest[zeros:]
    return found["minus"] + (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def thousands_meant(data: object) -> tuple[str, str] | None:
    """Returns what to say of a number that is written as many write thousands, and reads as
    decimals; else `None`."""
    if not isinstance(data, WrittenNumber) or not re.fullmatch(_POINTED, data.text):
        return None
    meant = data.text.replace(".", "")
    message = f"{data.text} is {float(data):g}: a point stands before decimals"
    return message, f"write {meant} where thousands are meant, or {float(data):g}"


def slip_hint(data: Mapping[str, Any], key: str) -> str:
    """Returns a hint where a key is a dash that sticks to its item, or the rest of a number behind
    a comma; else nothing."""
    if key[:1] == "-" and key[1:2].isalpha():
        return dash_hint(key)
    before = None
    for each, value in data.items():
        if each == key and before is not None and value is None and key.isdecimal():
            name, number = before
            point = "" if re.fullmatch(_LAST_DIGITS, key) else "."
            return f"write {name}: {written(number)}{point}{key}: a comma ends the value here"
        before = (each, value) if isinstance(value, int | float) else None
    return ""


def dash_hint(text: str) -> str:
    """Returns what to say of a dash without a space before an item."""
    return f"put a space after the dash: - {shortened(text.split()[0][1:])}"


def from_elsewhere(word: object, words: Mapping[str, list[str]], known: Collection[str]) -> str:
    """Returns a hint for a word that others use for one of those known here; else nothing.

    `words` gives for each what it may be here, or a sentence that says what to do.
    """
    folded = re.sub(r"[\s_-]+", "", written(word)).casefold()
    for ours in words.get(folded, ()):
        if " " in ours:
            return ours
        if ours in known:
            return f"here it is {quoted(ours)}"
    return ""


def _of_name(document: Document, route: Route, value: Any) -> str:
    if not isinstance(value, str):
        is_scalar = isinstance(value, int | float)
        return f'put it in quotes: "{written(value)}"' if is_scalar else ""
    for sign in value:
        if sign not in " \t\n" and unicodedata.category(sign) in _UNSEEN:
            return f"there is {name_of(sign)} in it, which nobody sees: leave it out"
    keys = [step for step in route if isinstance(step, str)]
    key = keys[-2] if keys and keys[-1] == value and len(keys) > 1 else keys[-1] if keys else ""
    join = "_" if key in _UNDERSCORED else "-"
    simple = re.sub(_SIMPLE, join, value.strip().casefold()).strip(join)[:_LONGEST_ID]
    if not simple:
        return ""
    title = f" and title: {shortened(value.strip())}"
    if key == "stage" and len(route) == 3:
        return f"write stage: {simple}{title}"
    return f"write {simple}{title if key in _WITH_TITLE and route[-1] == value else ''}"


def _of_condition(document: Document, route: Route, value: Any) -> str:
    return f"write {_translated(value, document) or _FORMS}"


def _of_field(document: Document, route: Route, value: Any) -> str:
    if isinstance(value, list):
        return "for a choice write {type: choice, options: [one, another]}"
    return f"write {{type: {value if isinstance(value, str) and value else 'text'}}}"


HINTS: dict[str, Callable[[Document, Route, Any], str]] = {
    "name": _of_name,
    "condition": _of_condition,
    "field": _of_field,
}
"""What a schema may name as its `errorHint`, given the document, the place and the value there."""


def _translated(text: str, document: Document) -> str:
    """Returns a condition that was written as in a program, or in words, as it is to be written."""
    for word, head in ((r"or|\|\|", "any"), (r"and|&&", "all")):
        parts = re.split(rf"\s+(?:{word})\s+", text, flags=re.IGNORECASE)
        if len(parts) > 1:
            read = [_translated(part, document) for part in parts]
            return f"{{{head}: [{', '.join(read)}]}}" if all(read) else ""
    first, _, rest = text.strip().partition(" ")
    if first.lower() in ("not", "no", "!"):
        inner = _translated(rest, document)
        return f"{{not: {inner}}}" if inner else ""
    compared = re.fullmatch(_COMPARED, text.strip(), re.IGNORECASE)
    if compared is not None:
        test = _TEST[" ".join(compared["sign"].lower().split())]
        return _comparison(compared["name"], test, compared["value"].strip(), document)
    if rest == "entered":
        return f"{{stage: {first}, is: entered}}"
    if first in _declared(document, "activities"):
        return _of_activity(first, "equals", rest or "done")
    if first in _declared(document, "fields") and rest in (*_PRESENT, *_ABSENT):
        return _comparison(first, "equals", rest, document)
    return ""


def _declared(document: Document, section: str) -> Collection[str]:
    found = document.get((section,))
    return found if isinstance(found, dict) else ()


def _comparison(name: str, test: str, value: str, document: Document) -> str:
    if name in _declared(document, "activities"):
        return _of_activity(name, test, value)
    if test in ("equals", "not_equals") and value.lower() in (*_PRESENT, *_ABSENT):
        is_present = (value.lower() in _PRESENT) == (test == "equals")
        return f"{{field: {name}, is: {'present' if is_present else 'absent'}}}"
    if test in ("one_of", "none_of"):
        items = [_value(each) for each in value.strip("[]()").split(",")]
        return f"{{field: {name}, {test}: [{', '.join(items)}]}}"
    said = _value(value)
    if document.get(("fields", name, "type")) == "boolean":
        said = {"yes": "true", "no": "false"}.get(said.lower(), said)
    return f"{{field: {name}, {test}: {said}}}"


def _of_activity(name: str, test: str, value: str) -> str:
    if value.isdecimal() and test in _COUNTS:
        key, more = _COUNTS[test]
        return f"{{activity: {name}, {key}: {int(value) + more}}}"
    if value.lower() in _DONE:
        return f"{{activity: {name}}}"
    return f"{{activity: {name}, outcome: {_value(value)}}}" if test == "equals" else ""


def _value(text: str) -> str:
    text = text.strip()
    bare = text.strip("\"'“”")
    if bare != text:
        return json.dumps(bare, ensure_ascii=False)
    return _number_meant(text) or (text if re.fullmatch(_SAFE, text) else quoted(text))
