"""Values that a mapping names, as expressions: the same as `playgate.history.values`.

An expression reads the common spellings. It need not read all that our own code does: what it does
not read is `bad`, and our own code looks at those rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import NamedTuple, TypeVar

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.reading.read_rows import as_text, is_blank_text
from playgate.bulk.values.arithmetic import part
from playgate.bulk.values.expressions import Expr, any_of, is_in
from playgate.bulk.values.instants import at_text, beyond_micros, event_at, is_whole, shown
from playgate.bulk.values.regular_expressions import SPACE
from playgate.bulk.values.reused_values import GrowingTable
from playgate.conditions.instants import Zone
from playgate.history.mapping import ValueSource as Value
from playgate.history.ndjson import canonical_json
from playgate.history.number_forms import NumberForm
from playgate.history.plain_forms import CODES, SHORT
from playgate.history.time_forms import EPOCH, EPOCH_MS, ISO

__all__ = ["MappedCells", "MappedValue"]

_T = TypeVar("_T")

_LONGEST = 10**6
_SPACES = "[\t-\r ]*"
_THIN = "[ \u00a0\u202f\u2009]"
_MARK = "\x02"
_CODES = {**CODES, "y": "[0-9]{2}"}
_CODE = re.compile("%(.)|(\\s+)|([^%\\s]+)")


class MappedValue(NamedTuple):
    """A value has a text; it says where it does not read, and where its row is left out."""

    text: Expr
    bad: Expr | None = None
    left_out: Expr | None = None


class MappedCells:
    """Values are read from the cells of a table's rows."""

    def __init__(
        self, growing: GrowingTable, columns: Mapping[str, str], zone: Zone, backend: str
    ) -> None:
        self.growing = growing
        self._columns = columns
        self._zone = zone
        self._backend = backend
        self._texts: dict[str, Expr] = {}
        self._terms: list[tuple[Value, MappedValue]] = []
        self._instants: list[tuple[Value, Expr]] = []

    def text(self, column: str) -> Expr:
        """Returns a column's cells as text."""
        if column not in self._texts:
            cells = self.growing.table[self._columns[column]]
            self._texts[column] = self.growing.keep(as_text(cells, self._backend))
        return self._texts[column]

    def picked(self, value: Value) -> Expr:
        """Returns the value before anything becomes of it: the first cell that is not blank."""
        if not value.columns:
            return ibis.literal(value.text)
        if len(value.columns) == 1:
            return self.text(value.columns[0])
        cells = [self.text(column) for column in value.columns]
        return ibis.cases(*((~is_blank_text(cell), cell) for cell in cells), else_="")

    def term(self, value: Value | None) -> MappedValue:
        """Returns the value as text."""
        if value is None:
            return MappedValue(ibis.literal(""))
        return _remembered(self._terms, value, self._term)

    def at(self, value: Value) -> Expr:
        """Returns the value as an instant; NULL where it does not read."""
        return _remembered(self._instants, value, self._at)

    def _term(self, value: Value) -> MappedValue:
        if value.currency:
            raise CannotExpressError(f"the currency beside a number: {value.currency}")
        text = self.picked(value)
        names = {} if value.split else value.names
        known = is_in(text, list(names))
        translated = [(text == name, ibis.literal(said)) for name, said in names.items()]
        if names and value.only:
            return MappedValue(ibis.cases(*translated, else_=""), left_out=~known)
        plain = self._formed(value, text)
        if not names:
            return plain
        bad = None if plain.bad is None else plain.bad & ~known
        return MappedValue(ibis.cases(*translated, else_=plain.text), bad)

    def rest(self, value: Value) -> Expr:
        """Returns the digits of the value beyond the microsecond."""
        if _first(value.format):
            return ibis.literal("")
        text = self.picked(value)
        return beyond_micros(self._column(value, text), text)

    def _at(self, value: Value) -> Expr:
        keep = self.growing.keep
        text = self.picked(value)
        form = _first(value.format)
        if form:
            text = keep(_rewritten(text, form, self.growing))
        column = text if form else self._column(value, text)
        return keep(event_at(column, text, self._backend, self._zone, keep))

    def _column(self, value: Value, text: Expr) -> Expr:
        """Returns the column that holds the value as it is, where there is only one."""
        one = len(value.columns) == 1
        return self.growing.table[self._columns[value.columns[0]]] if one else text

    def _instant(self, text: Expr, form: str) -> Expr:
        rfc = self.growing.keep(_rewritten(text, form, self.growing) if form else text)
        return at_text(rfc, self._backend, self._zone, self.growing.keep)

    def _formed(self, value: Value, text: Expr) -> MappedValue:
        if value.number is not None:
            return _number(text, value.number, self.growing)
        if not (value.format or value.date):
            return MappedValue(text)
        keep = self.growing.keep
        if value.date:
            form = _first(value.date)
            rfc = keep(_rewritten(text, form, self.growing)) if form else text
            date = keep(
                ibis.ifelse(
                    at_text(rfc, self._backend, UTC, keep).isnull(),
                    ibis.null("string"),
                    part(rfc, 0, 10),
                )
            )
        else:
            date = shown(keep(self._instant(text, _first(value.format))), keep)
        date = keep(date)
        return MappedValue(date.fill_null(""), date.isnull() & ~is_blank_text(text))

    def attrs(self, attrs: Mapping[str, Value]) -> MappedValue:
        """Returns the attributes as canonical JSON."""
        bad: list[Expr] = []
        joined: Expr = ibis.literal("")
        for name, value in sorted(attrs.items()):
            term = self.term(value)
            text = self.growing.keep(term.text)
            said = _json(text, name, value)
            given = ~is_blank_text(text)
            bad.append(given & said.bad if term.bad is None else term.bad | (given & said.bad))
            key = canonical_json(name)
            joined += ibis.ifelse(given, "," + key + ":" + said.text, ibis.literal(""))
        joined = self.growing.keep(joined)
        whole = "{" + part(joined, 1, _LONGEST) + "}"
        return MappedValue(ibis.ifelse(joined == "", "", whole), any_of(bad) if bad else None)


def _remembered(known: list[tuple[Value, _T]], value: Value, work_out: Callable[[Value], _T]) -> _T:
    """Works out what follows from a value once, for all rules that read the same."""
    for other, found in known:
        if other == value:
            return found
    known.append((value, work_out(value)))
    return known[-1][1]


def _json(text: Expr, name: str, value: Value) -> MappedValue:
    """Writes a text that is not blank as JSON."""
    if value.split:
        return _list(text, value)
    if value.number is not None:
        # What a float shows otherwise is left to our own code.
        trimmed = ibis.ifelse(text.contains("."), text.re_replace("0+$", ""), text)
        trimmed = ibis.ifelse(trimmed.re_search("[.]$"), trimmed + "0", trimmed)
        same = "0|-?[1-9][0-9]{0,14}|-?(0|[1-9][0-9]{0,7})[.]([0-9]{0,3}[1-9]|0)"
        return MappedValue(trimmed, ~is_whole(trimmed, same))
    quoted = '"' + text + '"'
    return MappedValue("[" + quoted + "]" if name == "with" else quoted, _needs_escape(text))


def _needs_escape(text: Expr) -> Expr:
    return text.re_search('["\\\\\x01-\x1f]')


def _list(text: Expr, value: Value) -> MappedValue:
    """Lists the items between separators, trimmed, translated, without empty ones."""
    if "," in value.names or any(set(said) & set('"\\') for said in value.names.values()):
        raise CannotExpressError(f"names of items such as {sorted(value.names)[0]}")
    space = f"[{SPACE}]*"
    separators = f"({space}{re.escape(value.split)}{space})+"
    bare = text.re_replace(f"^{separators}|{separators}$", "")
    bare = bare.re_replace(f"^{space}|{space}$", "")
    listed = '"' + bare.re_replace(separators, '","') + '"'
    for name, said in value.names.items():
        listed = listed.replace(f'"{name}"', _MARK + said + _MARK)  # what is done matches no more
    return MappedValue("[" + listed.replace(_MARK, '"') + "]", _needs_escape(text) | (bare == ""))


def _number(text: Expr, form: NumberForm, growing: GrowingTable) -> MappedValue:
    marks = "|".join(re.escape(mark) for mark in sorted(form.currency, key=len, reverse=True))
    if any(set(mark) & set("+-0123456789") for mark in form.currency):
        raise CannotExpressError(f"a currency that looks like a number: {form.currency}")
    currency = f"({marks})?" if marks else "()"
    thousands = _THIN if form.thousands == " " else re.escape(form.thousands)
    grouped = f"[0-9]{{1,3}}({thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}}|" if thousands else ""
    front = f"([+-]?{_SPACES}{currency}{_SPACES}|{currency}{_SPACES}[+-])"
    decimals = f"({re.escape(form.decimal)}[0-9]+)?"
    pattern = f"{front}({grouped}[0-9]+){decimals}{_SPACES}{currency}"
    spaced = f"[{SPACE}]*{pattern}[{SPACE}]*"
    right = growing.keep(is_whole(text, spaced))
    found = [text.re_extract(f"^{spaced}$", group).fill_null("") for group in (1, 4)]
    tail = text.re_extract(f"^{spaced}$", 6 if grouped else 5).fill_null("")
    digits = growing.keep(found[1].re_replace("[^0-9]", "").re_replace("^0+", ""))
    said = (
        ibis.ifelse(found[0].contains("-"), "-", "")
        + ibis.ifelse(digits == "", "0", digits)
        + ibis.ifelse(tail == "", "", "." + tail.re_replace("[^0-9]", ""))
    )
    return MappedValue(growing.keep(ibis.ifelse(right, said, "")), ~right & ~is_blank_text(text))


def _rewritten(text: Expr, form: str, growing: GrowingTable) -> Expr:
    """Writes a stamp of this form (as of `strptime`) in RFC 3339; empty where it is none."""
    pattern, places = _pattern(form)
    whole = f"^[{SPACE}]*{pattern}[{SPACE}]*$"
    right = is_whole(text, f"[{SPACE}]*{pattern}[{SPACE}]*")
    found = {code: text.re_extract(whole, group).fill_null("") for code, group in places.items()}
    year = found.get("Y")
    if year is None:
        year = ibis.ifelse(found["y"] >= "69", "19" + found["y"], "20" + found["y"])
    clock = [_padded(found.get(code)) for code in "HMS"]
    if "I" in found:
        clock[0] = _hour(_padded(found["I"]), found.get("p"))
    stamp = year + "-" + _padded(found["m"]) + "-" + _padded(found["d"])
    stamp += "T" + clock[0] + ":" + clock[1] + ":" + clock[2]
    if "f" in found:
        stamp += "." + found["f"]
    return growing.keep(ibis.ifelse(right, stamp, ""))


def _first(forms: Sequence[str]) -> str:
    """Returns the first form, which an expression reads (our own code sees to the others); empty
    for ISO 8601."""
    form = forms[0] if forms else ISO
    if form in (EPOCH, EPOCH_MS):
        raise CannotExpressError(f"the time format {form}")
    return "" if form == ISO else form


def _padded(digits: Expr | None) -> Expr:
    if digits is None:
        return ibis.literal("00")
    return ibis.ifelse(digits.length() == 1, "0" + digits, digits)


def _hour(hour: Expr, half: Expr | None) -> Expr:
    """Turns an hour of 12 into one of 24."""
    later = is_in(half, ["PM", "Pm", "pM", "pm"]) if half is not None else ibis.literal(False)
    hours = [f"{each:02}" for each in (12, *range(1, 12))]
    morning = ibis.cases(*((hour == each, f"{at:02}") for at, each in enumerate(hours)), else_="")
    evening = ibis.cases(
        *((hour == each, f"{at + 12:02}") for at, each in enumerate(hours)), else_=""
    )
    return ibis.ifelse(later, evening, morning)


def _pattern(form: str) -> tuple[str, dict[str, int]]:
    """Returns the regular expression of a form's stamps, and the group of each code."""
    tokens = _CODE.findall(form)
    places: dict[str, int] = {}
    pattern = ""
    for index, (code, spaces, literal) in enumerate(tokens):
        if spaces:
            pattern += "[\t-\r ]+"
        elif literal or code == "%":
            pattern += re.escape(literal or code)
        elif code not in _CODES or code in places:
            raise CannotExpressError(f'the time format "{form}": %{code}')
        else:
            beside = [tokens[at][0] for at in (index - 1, index + 1) if 0 <= at < len(tokens)]
            # Between digits nothing but their number says where one code ends.
            short = "" if any(beside) else SHORT.get(code, "")
            pattern += f"({_CODES[code]}{short and '|'}{short})"
            places[code] = len(places) + 1
    return pattern, places
