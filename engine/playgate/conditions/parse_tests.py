"""Reads tests of values: which one a mapping names, and what stands on its right side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from playgate.conditions import tree
from playgate.conditions.comparisons import OPERATORS, fits_kind
from playgate.conditions.literals import GROUP, article, kind_of, read_literal
from playgate.conditions.names import NameReader
from playgate.conditions.regex import MOST_STEPS, PatternError, compile_re2
from playgate.conditions.values import FieldType
from playgate.documents.document import Route, quoted, shortened, written
from playgate.documents.hints import number_hint, thousands_meant
from playgate.records import replace

__all__ = ["ValueTestReader"]

_OF_LISTS = ("one_of", "none_of", "between", "includes_any", "includes_all")
_TEXT = FieldType("text")


class ValueTestReader(NameReader):
    """Reads the tests of one document, of fields and of attributes."""

    def _field_test(self, route: Route, data: dict[str, Any]) -> tree.Condition | None:
        if self.is_damaged((*route, "field")):
            return None
        name = data["field"]
        if not self._known("field", name, self._names.fields, (*route, "field")):
            return None
        if name in self._names.untyped:
            return None
        test = self._test(route, data, f"field {shortened(name)}", self._names.fields[name])
        return None if test is None else tree.FieldTest(name, test)

    def _test(
        self, route: Route, data: dict[str, Any], subject: str, kind: FieldType
    ) -> tree.Test | None:
        """Returns the one test in a mapping; `None` where it has mistakes."""
        keys = [key for key in data if key in OPERATORS]
        if len(keys) != 1:
            if not keys and self.is_damaged(route):
                return None
            place = (
                self._document.key_place((*route, keys[1]))
                if keys
                else (self._document.place(route))
            )
            said = " and ".join(keys) if keys else "none"
            hint = "write one condition for each, in a list" if keys else "for example: is: present"
            if set(keys) == {"at_least", "at_most"}:
                hint = f"write between: [{written(data['at_least'])}, {written(data['at_most'])}]"
            self.report(place, f"{subject} needs exactly one test, not {said}", "one-test", hint)
            return None
        operator = keys[0]
        inner = (*route, operator)
        if self.is_damaged(inner):
            return None
        if not fits_kind(operator, kind.kind):
            fitting = [each for each in OPERATORS if fits_kind(each, kind.kind)]
            message = f"{operator} does not fit {subject}, which is {article(kind.kind)}"
            place = self._document.key_place(inner)
            self.report(place, message, "test-type", "fitting: " + ", ".join(fitting))
            return None
        return self._right_side(inner, operator, subject, kind)

    def _right_side(
        self, route: Route, operator: str, subject: str, kind: FieldType
    ) -> tree.Test | None:
        data = self._document.get(route)
        if operator == "is":
            return tree.Test("is", (data,))
        if operator in ("older_than", "newer_than", "in_next"):
            duration = self.duration(route)
            return None if duration is None else tree.Test(operator, duration=duration)
        if operator == "matches":
            return self._regex(route, data)
        if isinstance(data, list) != (operator in _OF_LISTS):
            message = f"{operator} needs {'one value' if isinstance(data, list) else 'a list'}"
            self.report(self._document.place(route), message, "test-value")
            return None
        routes = [(*route, i) for i in range(len(data))] if isinstance(data, list) else [route]
        if operator == "between" and len(routes) != 2:
            message = f"between needs two values, not {len(routes)}"
            rest = next((each for each in data if isinstance(each, str)), "")
            hint = number_hint(rest) if rest[:1] == "0" else "write [low, high]"
            self.report(self._document.place(route), message, "test-value", hint)
            return None
        operands = [self._operand(each, subject, kind, operator) for each in routes]
        if any(operand is None for operand in operands):
            return None
        read = tuple(operand for operand in operands if operand is not None)
        if operator == "between" and not any(isinstance(each, tree.FieldRef) for each in read):
            low, high = read
            if low > high:  # type: ignore[operator]
                message = "between can never hold: the first value is above the second"
                hint = "write the lower value first"
                self.report(self._document.place(route), message, "test-value", hint)
        return tree.Test(operator, read)

    def _regex(self, route: Route, pattern: str) -> tree.Test | None:
        try:
            if self._steps <= MOST_STEPS and pattern not in self._expressions:
                self._steps += compile_re2(pattern).steps
                self._expressions.add(pattern)
        except PatternError as error:
            inside = f", at character {error.position + 1}" if error.position else ""
            message = error.message + inside
            self.report(self._document.place(route), message, "regex", error.hint)
            return None
        if self._steps > MOST_STEPS:
            message = "too large together with the patterns before it"
            hint = "lower the counts of repeats, or test for parts of the text"
            self.report(self._document.place(route), message, "regex", hint)
            return None
        return tree.Test("matches", (pattern,))

    def _operand(
        self, route: Route, subject: str, kind: FieldType, operator: str
    ) -> tree.Operand | None:
        data = self._document.get(route)
        if isinstance(data, dict):
            found = self._field_operand((*route, "field"), data["field"], subject, kind)
            return found and self._arithmetic(route, data, found, kind)
        # A choice's text may be part of an option only where the test asks for a part.
        partly = operator in ("contains", "starts_with")
        value, hint = read_literal(data, _TEXT if partly else kind, self._names.zone)
        if value is None:
            shown = quoted(data) if isinstance(data, str) else shortened(written(data))
            message = f"{shown} is no value of {subject}, which is {article(kind.kind)}"
            self.report(self._document.place(route), message, "test-value", hint)
        elif (thousands := thousands_meant(data)) is not None:
            self.warn(self._document.place(route), thousands[0], "thousands-point", thousands[1])
        return value

    def _field_operand(
        self, route: Route, name: str, subject: str, kind: FieldType
    ) -> tree.FieldRef | None:
        if not self._known("field", name, self._names.fields, route):
            return None
        other = self._names.fields[name].kind
        fitting = "text" if kind.kind == "choices" else GROUP[kind.kind]  # what may be an option
        if name not in self._names.untyped and GROUP[other] != fitting:
            message = (
                f"field {shortened(name)} is {article(other)} and cannot be compared with "
                f"{subject}, which is {article(kind.kind)}"
            )
            hint = "compare fields of one type, or declare another type"
            self.report(self._document.place(route), message, "test-type", hint)
            return None
        return tree.FieldRef(name)

    def _arithmetic(
        self, route: Route, data: dict[str, Any], found: tree.FieldRef, kind: FieldType
    ) -> tree.FieldRef | None:
        """Returns the operand with `times`, and `plus` or `minus`; `None` where they are wrong."""
        keys = [key for key in ("times", "plus", "minus") if key in data]
        if any(self.is_damaged((*route, key)) for key in keys):
            return None
        wrong = self._misfit(keys, data, GROUP[kind.kind])
        if wrong is not None:
            key, message, hint = wrong
            self.report(self._document.key_place((*route, key)), message, "arithmetic", hint)
            return None
        sign = -1 if "minus" in data else 1
        if GROUP[kind.kind] == "instant" and keys:
            shift = self.duration((*route, keys[0]))
            if shift is None:
                return None
            is_date = self._names.fields[found.field].kind == "date"
            stepped = is_date and shift.unit in ("day", "week")
            return replace(found, shift=shift, sign=sign, stepped=stepped)
        plus = sign * float(data.get("plus", data.get("minus", 0.0)))
        return replace(found, times=float(data.get("times", 1.0)), plus=plus)

    @staticmethod
    def _misfit(
        keys: Iterable[str], data: dict[str, Any], group: str
    ) -> tuple[str, str, str] | None:
        """Returns the first key that does not fit, with message and hint."""
        for key in keys:
            is_length = isinstance(data[key], str)
            if group not in ("number", "instant"):
                return key, f"{key} needs a number or a date", "compare with the field itself"
            if key == "times" and group == "instant":
                return key, "dates take no times", "write plus or minus and a duration"
            if is_length != (group == "instant"):
                wanted = "a duration" if group == "instant" else "a number"
                return (
                    key,
                    f"{key} needs {wanted} here",
                    "a number for numbers, a duration for dates",
                )
        if "plus" in keys and "minus" in keys:
            return "minus", "plus and minus exclude each other", "write one of the two"
        return None

    # Attributes

    def attribute_tests(self, route: Route, data: Any) -> tuple[tree.AttributeTest, ...] | None:
        """Returns the tests of attributes at `route`; `None` where one has mistakes."""
        wrong = [name for name in data if name in OPERATORS]
        if wrong:
            self._no_attribute(route, wrong[0], data)
            return None
        tests = [self._attribute_test((*route, name), name, data[name]) for name in data]
        return tuple(test for test in tests if test is not None) if all(tests) else None

    def _no_attribute(self, route: Route, test: str, data: Any) -> None:
        """Says that where a test stands the name of an attribute must stand."""
        name = data.get("field")
        asks_a_field = isinstance(name, str) and name in self._names.fields
        hint = f"write the attribute: {{NAME: {{{test}: {written(data[test])}}}}}"
        if asks_a_field:
            other = f"{{field: {shortened(name)}, {test}: {written(data[test])}}}"
            hint = f"a field is asked by a condition of its own, under exit or entry: {other}"
        message = f"{test} is a test, and where speaks of attributes of the activity"
        self.report(self._document.key_place((*route, test)), message, "test-value", hint)

    def _attribute_test(self, route: Route, name: str, data: Any) -> tree.AttributeTest | None:
        subject = f"attribute {shortened(name)}"
        if not isinstance(data, dict):
            kind = kind_of([data])
            value, _ = read_literal(data, kind, self._names.zone)
            assert value is not None  # noqa: S101  (the kind was taken from it)
            return tree.AttributeTest(name, kind, tree.Test("equals", (value,)))
        for operator, right in data.items():
            values = right if isinstance(right, list) else [right]
            for index, value in enumerate(values):
                if isinstance(value, dict):
                    place = self._document.place(
                        (*route, operator, index) if isinstance(right, list) else (*route, operator)
                    )
                    message = "an attribute cannot be compared with a field"
                    self.report(place, message, "test-value", "write the value itself")
                    return None
        kind = self._attribute_kind(data)
        test = self._test(route, data, subject, kind)
        return None if test is None else tree.AttributeTest(name, kind, test)

    def _attribute_kind(self, data: dict[str, Any]) -> FieldType:
        """Returns the type as which an attribute is read, taken from the test's right side."""
        operator = next(iter(data))
        right = data[operator]
        kind = kind_of(right if isinstance(right, list) else [right])
        if operator in ("older_than", "newer_than", "in_next"):
            return FieldType("datetime")
        if (
            kind.kind == "text"
            and "number" in OPERATORS[operator]
            and ("text" not in OPERATORS[operator])
        ):
            return FieldType("datetime")
        return kind
