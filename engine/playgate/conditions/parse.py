"""Document → condition tree. Every mistake is collected with its place; nothing is raised."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from playgate.conditions import tree
from playgate.conditions.comparisons import OPERATORS, fits_kind
from playgate.conditions.durations import Duration, read_duration
from playgate.conditions.instants import Zone, read_instant
from playgate.conditions.regex import PatternError, compile_re2
from playgate.conditions.values import FieldType, Kind, Value
from playgate.documents.document import Document, Route, nearest
from playgate.errors import Mistake, Place

__all__ = ["ConditionReader", "Names", "Where"]

_HEADS = ("field", "activity", "stage", "signal", "all", "any", "not")
_NOT_IN_PATTERNS = ("times", "no_more_than", "since", "in_last")
_TEXT = FieldType("text")


@dataclass(frozen=True, slots=True)
class Names:
    """What a playbook declares, so far as conditions may speak of it."""

    fields: Mapping[str, FieldType]
    activities: Collection[str]
    signals: Collection[str]
    stages: Collection[str]
    roles: Collection[str]
    zone: Zone


@dataclass(frozen=True, slots=True)
class Where:
    """Where a condition stands, and what may therefore be said in it."""

    in_stage: bool = False
    """`since: stage` has a stage to mean."""
    judged: bool = False
    """An event is judged here, so `actor` has somebody to compare with."""
    nested: bool = False
    """Inside another condition, where no rule's own settings can stand."""


class ConditionReader:
    """Reads the conditions of one document."""

    def __init__(
        self,
        document: Document,
        names: Names,
        *,
        damaged: Iterable[Route] = (),
        mistakes: list[Mistake],
    ) -> None:
        self._document = document
        self._names = names
        self._damaged = frozenset(
            route[:length] for route in damaged for length in range(len(route) + 1)
        )
        self._mistakes = mistakes

    def report(
        self, place: Place, message: str, rule: str, hint: str = "", related: Place | None = None
    ) -> None:
        """Collect a mistake."""
        self._mistakes.append(Mistake(place, message, rule, hint, related=related))

    def is_damaged(self, route: Route) -> bool:
        """Whether the schema found the value at `route`, or something in it, unusable."""
        return route in self._damaged

    def condition(self, route: Route, where: Where) -> tree.Condition | None:
        """The condition at `route`; `None` where it has mistakes (which are reported)."""
        data = self._document.get(route)
        if isinstance(data, str):
            return None if self.is_damaged(route) else self._signal(route, data)
        if isinstance(data, list):
            return self._parts(route, tree.All, where)
        if not isinstance(data, dict):
            return None
        if where.nested:
            self._settings_not_here(route, data)
        heads = [head for head in _HEADS if head in data]
        match heads[0] if heads else "":
            case "field":
                return self._field_test(route, data)
            case "activity":
                return self._activity_count(route, data, where)
            case "stage":
                return self._stage_entered(route, data)
            case "signal":
                return self._signal((*route, "signal"), data["signal"])
            case "all":
                return self._all(route, where)
            case "any":
                return self._parts((*route, "any"), tree.Any, replace(where, nested=True))
            case "not":
                part = self.condition((*route, "not"), replace(where, nested=True))
                return None if part is None else tree.Not(part)
        return None

    def _settings_not_here(self, route: Route, data: dict[str, Any]) -> None:
        for key in ("level", "from"):
            if key in data:
                place = self._document.key_place((*route, key))
                message = f'"{key}" cannot stand on a part of a rule'
                self.report(place, message, "setting-not-here", "put it on the whole condition")

    def _all(self, route: Route, where: Where) -> tree.Condition | None:
        inner = (*route, "all")
        if isinstance(self._document.get(inner), list):
            return self._parts(inner, tree.All, replace(where, nested=True))
        part = self.condition(inner, replace(where, nested=True))
        return None if part is None else tree.All((part,))

    def _parts(
        self, route: Route, kind: type[tree.All] | type[tree.Any], where: Where
    ) -> tree.Condition | None:
        inner = replace(where, nested=True)
        data = self._document.get(route)
        if not isinstance(data, list):
            return None
        parts = [self.condition((*route, index), inner) for index in range(len(data))]
        read = tuple(part for part in parts if part is not None)
        return kind(read) if len(read) == len(parts) and read else None

    def _signal(self, route: Route, name: object) -> tree.Condition | None:
        if not isinstance(name, str) or not self._known(
            "signal", name, self._names.signals, route
        ):
            return None
        return tree.SignalRef(name)

    def _known(self, kind: str, name: str, known: Collection[str], route: Route) -> bool:
        if name in known:
            return True
        if known:
            hint = nearest(name, known)
        else:
            plural = "activities" if kind == "activity" else f"{kind}s"
            hint = f'declare it under "{plural}"'
        place = self._document.place(route)
        quoted = json.dumps(name, ensure_ascii=False)
        self.report(place, f"{kind} {quoted} does not exist", f"unknown-{kind}", hint)
        return False

    def known_names(
        self, kind: str, route: Route, known: Collection[str]
    ) -> tuple[str, ...] | None:
        """The names at `route` (one or a list); `None` where one is unknown."""
        if self.is_damaged(route):
            return None
        data = self._document.get(route)
        if isinstance(data, str):
            return (data,) if self._known(kind, data, known, route) else None
        good = [self._known(kind, name, known, (*route, i)) for i, name in enumerate(data or ())]
        return tuple(data) if data and all(good) else None

    def _stage_entered(self, route: Route, data: dict[str, Any]) -> tree.Condition | None:
        if self.is_damaged(route):
            return None
        known = self._known("stage", data["stage"], self._names.stages, (*route, "stage"))
        if "is" not in data:
            place = self._document.key_place((*route, "stage"))
            self.report(place, "a condition on a stage needs a test", "one-test", "is: entered")
            return None
        return tree.StageEntered(data["stage"]) if known else None

    def _field_test(self, route: Route, data: dict[str, Any]) -> tree.Condition | None:
        if self.is_damaged((*route, "field")):
            return None
        name = data["field"]
        if not self._known("field", name, self._names.fields, (*route, "field")):
            return None
        test = self._test(route, data, f"field {name}", self._names.fields[name])
        return None if test is None else tree.FieldTest(name, test)

    def _test(
        self, route: Route, data: dict[str, Any], subject: str, kind: FieldType
    ) -> tree.Test | None:
        """The one test in a mapping."""
        keys = [key for key in data if key in OPERATORS]
        if len(keys) != 1:
            if not keys and self.is_damaged(route):
                return None
            place = self._document.key_place((*route, keys[1])) if keys else (
                self._document.place(route)
            )
            said = " and ".join(keys) if keys else "none"
            hint = "write one condition for each, in a list" if keys else "for example: is: present"
            self.report(place, f"{subject} needs exactly one test, not {said}", "one-test", hint)
            return None
        operator = keys[0]
        inner = (*route, operator)
        if self.is_damaged(inner):
            return None
        if not fits_kind(operator, kind.kind):
            fitting = [each for each in OPERATORS if fits_kind(each, kind.kind)]
            message = f"{operator} does not fit {subject}, which is {_article(kind.kind)}"
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
        if isinstance(data, list) != (operator in ("one_of", "none_of", "between")):
            message = f"{operator} needs {'one value' if isinstance(data, list) else 'a list'}"
            self.report(self._document.place(route), message, "test-value")
            return None
        routes = [(*route, i) for i in range(len(data))] if isinstance(data, list) else [route]
        if operator == "between" and len(routes) != 2:
            message = f"between needs two values, not {len(routes)}"
            self.report(self._document.place(route), message, "test-value", "[low, high]")
            return None
        operands = [self._operand(each, subject, kind, operator) for each in routes]
        if any(operand is None for operand in operands):
            return None
        read = tuple(operand for operand in operands if operand is not None)
        if operator == "between" and not any(isinstance(each, tree.FieldRef) for each in read):
            low, high = read
            if low > high:  # type: ignore[operator]
                message = "between can never hold: the first value is above the second"
                self.report(self._document.place(route), message, "test-value", "[low, high]")
        return tree.Test(operator, read)

    def _regex(self, route: Route, pattern: str) -> tree.Test | None:
        try:
            compile_re2(pattern)
        except PatternError as error:
            self.report(self._document.place(route), error.message, "regex", error.hint)
            return None
        return tree.Test("matches", (pattern,))

    def _operand(
        self, route: Route, subject: str, kind: FieldType, operator: str
    ) -> tree.Operand | None:
        data = self._document.get(route)
        if isinstance(data, dict):
            return self._field_operand((*route, "field"), data["field"], subject, kind)
        # A choice's text may be a part of an option where only a part is asked for.
        partly = operator in ("contains", "starts_with")
        value, hint = _literal(data, _TEXT if partly else kind, self._names.zone)
        if value is None:
            shown = json.dumps(data, ensure_ascii=False)
            message = f"{shown} is no value of {subject}, which is {_article(kind.kind)}"
            self.report(self._document.place(route), message, "test-value", hint)
        return value

    def _field_operand(
        self, route: Route, name: str, subject: str, kind: FieldType
    ) -> tree.Operand | None:
        if not self._known("field", name, self._names.fields, route):
            return None
        other = self._names.fields[name].kind
        if _GROUP[other] != _GROUP[kind.kind]:
            message = (
                f"field {name} is {_article(other)} and cannot be compared with {subject}, "
                f"which is {_article(kind.kind)}"
            )
            self.report(self._document.place(route), message, "test-type")
            return None
        return tree.FieldRef(name)

    def duration(self, route: Route, *, zero: bool = False) -> Duration | None:
        """The duration at `route`; zero only where that makes sense."""
        if self.is_damaged(route):
            return None
        duration = read_duration(self._document.get(route))
        place = self._document.place(route)
        if duration is None:
            self.report(place, "a duration of more than 200 years", "duration")
        elif duration.amount == 0 and not zero:
            self.report(place, "a duration of nothing makes no sense here", "duration")
            return None
        return duration

    def _activity_count(
        self, route: Route, data: dict[str, Any], where: Where
    ) -> tree.Condition | None:
        if "times" in data and "no_more_than" in data:
            place = self._document.key_place((*route, "no_more_than"))
            hint = "write two conditions, in a list"
            self.report(place, "times and no_more_than exclude each other", "narrowing", hint)
            return None
        return self.demand(route, data, "activity", where)

    def demand(
        self, route: Route, data: dict[str, Any], head: str, where: Where
    ) -> tree.ActivityCount | None:
        """The count that a condition (`activity`) or a stage's activity (`do`) asks for."""
        pattern = self.activity_pattern(route, data, head, judged=where.judged)
        window = self.duration((*route, "in_last")) if "in_last" in data else None
        if "since" in data and not where.in_stage:
            place = self._document.key_place((*route, "since"))
            hint = "only a stage's own entry, activities, exit and hold know their stage"
            self.report(place, "since: stage stands outside a stage", "since-outside-stage", hint)
            return None
        broken = any(self.is_damaged((*route, key)) for key in ("times", "no_more_than", "since"))
        if pattern is None or broken or ("in_last" in data and window is None):
            return None
        return tree.ActivityCount(
            pattern,
            times=data.get("times", 1),
            no_more_than=data.get("no_more_than"),
            since_stage="since" in data,
            in_last=window,
        )

    def activity_pattern(
        self, route: Route, data: dict[str, Any], head: str, *, judged: bool
    ) -> tree.ActivityPattern | None:
        """The activities that a mapping names under `head`, narrowed."""
        names = self.known_names("activity", (*route, head), self._names.activities)
        roles: tuple[str, ...] | None = ()
        if "by" in data:
            roles = self.known_names("role", (*route, "by"), self._names.roles)
        where = self._attribute_tests((*route, "where"), data.get("where", {}))
        if "actor" in data and not judged:
            place = self._document.key_place((*route, "actor"))
            hint = "actor stands in entry, exit, activities (without within) and need"
            self.report(place, "actor has nobody to compare with here", "actor-not-here", hint)
            return None
        if names is None or roles is None or where is None or self.is_damaged((*route, "actor")):
            return None
        if self.is_damaged((*route, "outcome")) or self.is_damaged((*route, "with")):
            return None
        return tree.ActivityPattern(
            names,
            outcome=_listed(data.get("outcome")),
            by=roles,
            parts=_listed(data.get("with")),
            where=where,
            actor=data.get("actor"),
        )

    def _attribute_tests(
        self, route: Route, data: Any
    ) -> tuple[tree.AttributeTest, ...] | None:
        if self.is_damaged(route):
            return None
        tests = [self._attribute_test((*route, name), name, data[name]) for name in data]
        return tuple(test for test in tests if test is not None) if all(tests) else None

    def _attribute_test(
        self, route: Route, name: str, data: Any
    ) -> tree.AttributeTest | None:
        subject = f"attribute {name}"
        if not isinstance(data, dict):
            kind = _kind_of([data])
            value, _ = _literal(data, kind, self._names.zone)
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
                    self.report(place, message, "test-value")
                    return None
        kind = self._attribute_kind(data)
        test = self._test(route, data, subject, kind)
        return None if test is None else tree.AttributeTest(name, kind, test)

    def _attribute_kind(self, data: dict[str, Any]) -> FieldType:
        """The type that an attribute is read as: that of the test's right side."""
        operator = next(iter(data))
        right = data[operator]
        kind = _kind_of(right if isinstance(right, list) else [right])
        if operator in ("older_than", "newer_than", "in_next"):
            return FieldType("datetime")
        if kind.kind == "text" and "number" in OPERATORS[operator] and (
            "text" not in OPERATORS[operator]
        ):
            return FieldType("datetime")
        return kind

    def pattern(self, route: Route, *, judged: bool) -> tuple[tree.Pattern, ...] | None:
        """The pattern at `route`: one, or a list of alternatives."""
        data = self._document.get(route)
        if isinstance(data, list):
            found = [self._pattern((*route, i), each, judged) for i, each in enumerate(data)]
        else:
            found = [self._pattern(route, data, judged)]
        read = tuple(each for each in found if each is not None)
        return read if len(read) == len(found) else None

    def _pattern(self, route: Route, data: Any, judged: bool) -> tree.Pattern | None:
        if isinstance(data, dict):
            self._settings_not_here(route, data)
            if "activity" in data:
                return self._activity_alternative(route, data, judged)
            if "field" in data:
                test = self._field_test(route, data)
                return tree.FieldPattern(test.field, test.test) if (
                    isinstance(test, tree.FieldTest)
                ) else None
            if "stage" in data:
                return self._stage_alternative(route, data)
        if not self.is_damaged(route):
            message = "here stands what happens: an activity, a field with a test, or a stage"
            hint = "write alternatives as a list, and what must hold besides under when"
            self.report(self._document.place(route), message, "pattern", hint)
        return None

    def _activity_alternative(
        self, route: Route, data: dict[str, Any], judged: bool
    ) -> tree.Pattern | None:
        wrong = [key for key in _NOT_IN_PATTERNS if key in data]
        for key in wrong:
            place = self._document.key_place((*route, key))
            message = f"{key} cannot narrow what happens: each matching activity counts"
            self.report(place, message, "pattern-narrowing")
        pattern = self.activity_pattern(route, data, "activity", judged=judged)
        return None if wrong else pattern

    def _stage_alternative(self, route: Route, data: dict[str, Any]) -> tree.Pattern | None:
        if self.is_damaged(route):
            return None
        if "is" in data:
            place = self._document.key_place((*route, "is"))
            message = "here stands a move into the stage, without a test"
            self.report(place, message, "pattern", "leave out is")
            return None
        if not self._known("stage", data["stage"], self._names.stages, (*route, "stage")):
            return None
        return tree.StagePattern(data["stage"])


_GROUP: dict[Kind, str] = {
    "text": "text",
    "choice": "text",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "date": "instant",
    "datetime": "instant",
}


def _literal(data: Any, kind: FieldType, zone: Zone) -> tuple[Value | None, str]:
    """The literal as a value of this type, or `None` and a hint."""
    match kind.kind:
        case "number" | "integer":
            if isinstance(data, bool) or not isinstance(data, int | float):
                return None, "write a number, without quotes"
            if kind.kind == "integer" and not float(data).is_integer():
                return None, "an integer field holds whole numbers only"
            return float(data), ""
        case "boolean":
            return (data, "") if isinstance(data, bool) else (None, "write true or false")
        case "date" | "datetime":
            instant = read_instant(data, zone) if isinstance(data, str) else None
            return instant, "write a date as 2026-03-31 or 2026-03-31T09:00:00+01:00"
        case "choice":
            if data in kind.options and isinstance(data, str):
                return data, ""
            return None, nearest(str(data), kind.options)
        case _:
            if isinstance(data, str):
                return data, ""
            return None, f'put it in quotes: "{json.dumps(data)}"'


def _kind_of(values: list[Any]) -> FieldType:
    if all(isinstance(value, bool) for value in values):
        return FieldType("boolean")
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return FieldType("number")
    return _TEXT


def _listed(data: Any) -> tuple[str, ...]:
    if data is None:
        return ()
    return (data,) if isinstance(data, str) else tuple(data)


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "integer" else ("text" if kind == "text" else f"a {kind}")
