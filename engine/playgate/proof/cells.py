"""The values that the tests of a playbook can tell apart: each type is cut into cells.

Between two neighbouring constants of a playbook all values pass the same tests, so that one of
them, tried with the compiled tests themselves, answers for all. Cells are numbered, and a set of
them is the bits of a whole number. Cell 0 is the absent value.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, inf, isfinite, nextafter
from typing import Any, cast

from playgate.conditions.comparisons import compile_test
from playgate.conditions.durations import Calendar
from playgate.conditions.facts import DealFacts, Moment
from playgate.conditions.literals import GROUP
from playgate.conditions.tree import FieldRef, Test
from playgate.conditions.values import FieldType, Reading, Value, value_reader
from playgate.records import Record

__all__ = ["ABSENT", "Cells", "Domain"]

ABSENT = 1
"""The set that holds only the absent value."""

_EXACT = 2.0**53
"""From this size on every float is whole."""
_MOST_TRIED = 500_000
"""The most values that are tried in all."""
_BOOLEAN_TEXTS = ("true", "yes", "1", "false", "no", "0")
_ON_TEXT = frozenset(("contains", "matches"))
_NOW = Moment(0, 0, 0, "")


class Domain(Record):
    """The cells of a type: a value for each, and sets of cells."""

    values: tuple[Value | None, ...]
    whole: int
    """The set of all cells that have a value."""
    single: int
    """The set of the cells that hold only one value."""
    open_texts: int = 0
    """The set of cells of texts that the playbook does not write.

    Tests of more than a text's beginning may tell texts of one such cell apart.
    """

    @property
    def present(self) -> int:
        """The set of all cells but the absent value."""
        return self.whole & ~ABSENT


class Cells:
    """The domains of one playbook, and which of their cells pass a test."""

    def __init__(
        self, tests: Iterable[tuple[FieldType, Test]], *, calendar: Calendar, reading: Reading
    ) -> None:
        constants: dict[str, set[Any]] = {"number": set(), "instant": set(), "text": set()}
        prefixes = {""}
        for kind, test in tests:
            found = [each for each in test.operands if not isinstance(each, FieldRef)]
            if test.operator == "starts_with":
                prefixes.update(map(str, found))
            elif test.operator not in _ON_TEXT and test.operator != "is":
                constants.setdefault(GROUP[kind.kind], set()).update(found)
        self._constants = constants
        self._beginnings = prefixes
        self._numbers = sorted(each for each in constants["number"] if isfinite(each))
        self._instants = sorted(constants["instant"])
        self._texts = sorted(constants["text"])
        self._prefixes = sorted(prefixes)
        self._calendar = calendar
        self._reading = reading
        self._left = _MOST_TRIED
        self._domains: dict[FieldType, Domain] = {}

    def of(self, kind: FieldType) -> Domain:
        """Returns the domain of a type. Types of numbers share their cells, and so do those of
        dates."""
        key = kind if kind.kind == "choice" else FieldType(kind.kind)
        if key not in self._domains:
            self._domains[key] = self._made(key)
        return self._domains[key]

    def passing(self, kind: FieldType, test: Test) -> int | None:
        """Returns the cells whose values pass a test without a duration or another field.

        Returns `None` if too much was tried already, or if the test's constants make no cells. For
        `contains` and `matches` on text the answer says nothing about `open_texts`.
        """
        if not self._has_cells(kind, test):
            return None
        domain = self.of(kind)
        self._left -= len(domain.values)
        if self._left < 0:
            return None
        passes = compile_test(test, self._calendar)
        deal = cast(DealFacts, None)  # such tests look only at the value
        bits = ["1" if passes(value, deal, _NOW) else "0" for value in domain.values]
        return domain.whole & int("".join(reversed(bits)), 2)

    def _has_cells(self, kind: FieldType, test: Test) -> bool:
        """Whether all values between neighbouring constants pass the test alike."""
        group = GROUP[kind.kind]
        if group == "boolean" or kind.kind == "choice" or test.operator in (*_ON_TEXT, "is"):
            return True
        known = self._beginnings if test.operator == "starts_with" else self._constants[group]
        return known.issuperset(test.operands)

    def _made(self, kind: FieldType) -> Domain:
        match kind.kind:
            case "number":
                return _ordered(self._numbers, -inf, inf, lambda low: nextafter(low, inf))
            case "integer":
                return _ordered(self._numbers, -inf, inf, _next_whole, float.is_integer)
            case "date" | "datetime":
                ends = (self._instants or [0])[0] - 2, (self._instants or [0])[-1] + 2
                return _ordered(self._instants, *ends, lambda low: low + 1)
            case "text":
                return self._text(kind)
            case "choices":
                return Domain((None, "…"), ABSENT | 2, 0)
            case _:
                read = value_reader(kind, self._reading)
                texts = kind.options if kind.kind == "choice" else _BOOLEAN_TEXTS
                values = {read(text): None for text in texts} | {None: None}
                values.pop(None)
                whole = (2 << len(values)) - 1
                in_order = sorted(values) if kind.kind == "boolean" else list(values)  # type: ignore[type-var]
                return Domain((None, *in_order), whole, whole & ~ABSENT)

    def _text(self, kind: FieldType) -> Domain:
        """Makes a cell for each text that is written, and cells for all others by longest
        beginning."""
        read = value_reader(kind, self._reading)
        written = [text for text in self._texts if read(text) is not None]
        sign = _strange_sign((*self._texts, *self._prefixes, *self._reading.placeholders))
        others = [prefix + sign for prefix in self._prefixes]
        known = ((1 << len(written)) - 1) << 1
        rest = ((1 << len(others)) - 1) << (1 + len(written))
        return Domain((None, *written, *others), ABSENT | known | rest, known, rest)


def _ordered(
    cuts: list[Any], first: Any, last: Any, after: Any, exists: Any = lambda cut: True
) -> Domain:
    """Makes cells in order: below the first cut, the cut, between it and the next, and so on."""
    values: list[Value | None] = [None]
    whole, single = ABSENT, 0
    for low, high in zip([first, *cuts], [*cuts, last], strict=True):
        if low is not first:
            single |= 1 << len(values)
            whole |= exists(low) << len(values)
            values.append(low)
        between = after(low)
        whole |= (between < high) << len(values)
        values.append(between)
    return Domain(tuple(values), whole, single)


def _next_whole(low: float) -> float:
    return floor(low) + 1.0 if abs(low) < _EXACT else nextafter(low, inf)


def _strange_sign(texts: Iterable[str]) -> str:
    """Returns a character that is in none of the texts, even if case is ignored."""
    used = set("".join(texts).casefold())
    return next(sign for sign in map(chr, range(0xE000, 0x10FFFF)) if sign not in used)
