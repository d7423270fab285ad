"""Reads a document's conditions as trees; it collects each mistake with its place, raising none."""

from __future__ import annotations

from itertools import chain
from typing import Any, TypeVar

from playgate.conditions import tree
from playgate.conditions.activity_words import undeclared_words
from playgate.conditions.different import Different
from playgate.conditions.literals import GROUP, article
from playgate.conditions.narrowing import Narrowing, Where
from playgate.conditions.narrowings import OF_ACTIVITIES, SPANS, By
from playgate.conditions.parse_tests import ValueTestReader
from playgate.documents.document import Route, shortened
from playgate.records import replace

__all__ = ["ConditionReader", "Where"]

_HEADS = ("field", "changes", "activity", "stage", "signal", "all", "any", "not")
_NOT_IN_PATTERNS = ("times", "no_more_than", Different.key, *(each.key for each in SPANS))
_DIRECTIONS = {"instant": ("later", "earlier"), "number": ("higher", "lower")}
_N = TypeVar("_N", bound=Narrowing)


class ConditionReader(ValueTestReader):
    """Reads the conditions of one document."""

    def condition(self, route: Route, where: Where) -> tree.Condition | None:
        """Returns the condition at `route`; `None` where it has mistakes, which are reported."""
        data = self._document.get(route)
        if isinstance(data, str):
            return self._signal(route, data)
        if isinstance(data, list):
            return self._parts(route, tree.All, where)
        if not isinstance(data, dict):
            return None
        if where.nested or not where.in_stage:
            self._settings_not_here(route, data, in_rule=where.in_stage)
        heads = [head for head in _HEADS if head in data]
        match heads[0] if heads else "":
            case "field":
                return self._field_test(route, data)
            case "changes":
                return self._change_count(route, data, where)
            case "activity":
                return self._activity_count(route, data, where)
            case "stage":
                return self._stage_entered(route, data)
            case "signal":
                return self._signal((*route, "signal"), data["signal"])
            case "all":
                return self._all(route, where)
            case "any":
                return self._any(route, data, replace(where, nested=True))
            case "not":
                part = self.condition((*route, "not"), replace(where, nested=True))
                return None if part is None else tree.Not(part)
        return None

    def _settings_not_here(self, route: Route, data: dict[str, Any], *, in_rule: bool) -> None:
        hint = "put it on the " + ("whole condition" if in_rule else "rule that asks this")
        for key in ("when", "level", "from", "may_waive"):
            if key in data:
                place = self._document.key_place((*route, key))
                message = f'"{key}" cannot stand on a part of a rule'
                self.report(place, message, "setting-not-here", hint)

    def _all(self, route: Route, where: Where) -> tree.Condition | None:
        inner = (*route, "all")
        if isinstance(self._document.get(inner), list):
            return self._parts(inner, tree.All, replace(where, nested=True))
        part = self.condition(inner, replace(where, nested=True))
        return None if part is None else tree.All((part,))

    def _any(self, route: Route, data: dict[str, Any], where: Where) -> tree.Condition | None:
        found = self._parts((*route, "any"), tree.Any, where)
        at_least = data.get("at_least", 1)
        if self.is_damaged((*route, "at_least")) or not isinstance(data["any"], list):
            return None
        if at_least > len(data["any"]):
            place = self._document.place((*route, "at_least"))
            message = f"at_least {at_least} can never hold: the list has {len(data['any'])}"
            self.report(place, message, "any-at-least", "ask for fewer, or list more")
            return None
        return replace(found, at_least=at_least) if isinstance(found, tree.Any) else None

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
        if self.is_damaged(route) or not isinstance(name, str):
            return None
        if not self._known("signal", name, self._names.signals, route):
            return None
        return tree.SignalRef(name)

    def _stage_entered(self, route: Route, data: dict[str, Any]) -> tree.Condition | None:
        stage = self._stage(route, data)
        if "is" not in data and not self.is_damaged(route):
            place = self._document.key_place((*route, "stage"))
            hint = "write {stage: NAME, is: entered}"
            self.report(place, "a condition on a stage needs a test", "one-test", hint)
        often = self._how_often(route, data)
        if stage is None or often is None or self.is_damaged(route):
            return None
        return tree.StageEntered(stage, *often)

    def _how_often(self, route: Route, data: dict[str, Any]) -> tuple[int, int | None] | None:
        """Returns `times` and `no_more_than` of a mapping; `None` where they have mistakes."""
        if "times" in data and "no_more_than" in data:
            place = self._document.key_place((*route, "no_more_than"))
            hint = "write two conditions, in a list"
            self.report(place, "times and no_more_than exclude each other", "narrowing", hint)
            return None
        if any(self.is_damaged((*route, key)) for key in ("times", "no_more_than")):
            return None
        return data.get("times", 1), data.get("no_more_than")

    def _stage(self, route: Route, data: dict[str, Any]) -> str | None:
        """Returns the stage that a mapping names; `None` where it is unknown."""
        inner = (*route, "stage")
        if self.is_damaged(inner):
            return None
        stage: str = data["stage"]
        return stage if self._known("stage", stage, self._names.stages, inner) else None

    def date(self, route: Route) -> tree.FieldRef | None:
        """Returns the instant so long before the date of a field, both named by the mapping at
        `route`; `None` where they have mistakes."""
        inner, data = (*route, "field"), self._document.get(route)
        if any(self.is_damaged((*route, *key)) for key in ((), ("field",), ("minus",))):
            return None
        shift = self.duration((*route, "minus"), zero=True)
        if not self._known("field", data["field"], self._names.fields, inner) or shift is None:
            return None
        kind = self._names.fields[data["field"]].kind
        if GROUP[kind] != "instant" and data["field"] not in self._names.untyped:
            message = f"field {shortened(data['field'])} is {article(kind)}, and no date"
            self.report(self._document.place(inner), message, "test-type", "name a field of dates")
            return None
        stepped = kind == "date" and shift.unit in ("day", "week")
        return tree.FieldRef(data["field"], shift=shift, sign=-1, stepped=stepped)

    def _activity_count(
        self, route: Route, data: dict[str, Any], where: Where
    ) -> tree.Condition | None:
        return self.demand(route, data, "activity", where)

    def demand(
        self, route: Route, data: dict[str, Any], head: str, where: Where
    ) -> tree.ActivityCount | None:
        """Returns the count that a condition (`activity`) or a stage's activity (`do`) asks for."""
        if where.repeated:
            self._not_repeated(route, data)
        pattern = self.activity_pattern(route, data, head, where)
        spans = self._narrowings(SPANS, route, data, where)
        often = self._how_often(route, data)
        if pattern is None or spans is None or often is None:
            return None
        return tree.ActivityCount(pattern, *often, spans)

    def _not_repeated(self, route: Route, data: dict[str, Any]) -> None:
        """Reports what says how often something happens where it is asked for again and again."""
        for key in (key for key in _NOT_IN_PATTERNS if key in data):
            hint = "each activity is followed by another: make two items of it"
            place = self._document.key_place((*route, key))
            self.report(place, f"{key} and every exclude each other", "narrowing", hint)

    def _change_count(
        self, route: Route, data: dict[str, Any], where: Where
    ) -> tree.ChangeCount | None:
        pattern = self._change_pattern(route, data, where)
        spans = self._narrowings(SPANS, route, data, where)
        often = self._how_often(route, data)
        if pattern is None or spans is None or often is None:
            return None
        return tree.ChangeCount(pattern, *often, spans)

    def _change_pattern(
        self, route: Route, data: dict[str, Any], where: Where
    ) -> tree.ChangePattern | None:
        """Returns the changes of a field that a mapping names, with what narrows them."""
        name, to = data["changes"], data.get("to", "")
        narrowings = self._narrowings((By,), route, data, where)
        if self.is_damaged((*route, "changes")) or self.is_damaged((*route, "to")):
            return None
        if not self._known("field", name, self._names.fields, (*route, "changes")):
            return None
        kind = self._names.fields[name].kind
        fitting = _DIRECTIONS.get(GROUP[kind], ())
        if to and to not in fitting and name not in self._names.untyped:
            message = f"to: {to} does not fit field {shortened(name)}, which is {article(kind)}"
            hint = f"fitting: {', '.join(fitting)}" if fitting else "leave it out"
            self.report(self._document.place((*route, "to")), message, "test-type", hint)
            return None
        return None if narrowings is None else tree.ChangePattern(name, to, narrowings)

    def activity_pattern(
        self, route: Route, data: dict[str, Any], head: str, where: Where
    ) -> tree.ActivityPattern | None:
        """Returns the activities that a mapping names under `head`, with what narrows them."""
        names = self.known_names("activity", (*route, head), self._names.activities)
        narrowings = self._narrowings(OF_ACTIVITIES, route, data, where)
        if names is None or narrowings is None:
            return None
        declared, parts = self._names.activities, self._names.parts
        for each in undeclared_words(names, narrowings, declared, parts):
            place = self.word_place((*route, each.key), each.word)
            self.report(place, each.message, each.rule, each.hint)
        return tree.ActivityPattern(names, narrowings)

    def _narrowings(
        self, kinds: tuple[type[_N], ...], route: Route, data: dict[str, Any], where: Where
    ) -> tuple[_N, ...] | None:
        found = [
            self._narrowing(kind, (*route, kind.key), data[kind.key], where)
            for kind in kinds
            if kind.key in data
        ]
        read = [each for each in found if each is not None]
        return tuple(chain.from_iterable(read)) if len(read) == len(found) else None

    def _narrowing(
        self, kind: type[_N], route: Route, data: Any, where: Where
    ) -> tuple[_N, ...] | None:
        if self.is_damaged(route):
            return None
        refusal = kind.refused(where, data)
        if refusal is not None:
            place = self._document.key_place(route)
            self.report(place, refusal.message, refusal.rule, refusal.hint)
        read = kind.read(self, route, data)
        return read if refusal is None else None

    def roles(self, route: Route) -> tuple[str, ...] | None:
        """Returns the roles at `route`; `None` where one is unknown."""
        return self.known_names("role", route, self._names.roles)

    def stage(self, route: Route) -> str | None:
        """Returns the stage at `route`; `None` where it is unknown."""
        return self._stage(route[:-1], {"stage": self._document.get(route)})

    def event(self, route: Route) -> tree.Counted | None:
        """Returns the pattern of an activity or a change; `None` where it has mistakes."""
        data = self._document.get(route)
        if "changes" in data:
            return self._change_pattern(route, data, Where())
        return self.activity_pattern(route, data, "activity", Where())

    def pattern(self, route: Route, *, judged: bool) -> tuple[tree.Pattern, ...] | None:
        """Returns the patterns at `route`, one or a list of alternatives; `None` where one has
        mistakes."""
        data, where = self._document.get(route), Where(judged=judged)
        if isinstance(data, list):
            found = [self._pattern((*route, i), each, where) for i, each in enumerate(data)]
        else:
            found = [self._pattern(route, data, where)]
        read = tuple(each for each in found if each is not None)
        return read if len(read) == len(found) else None

    def _pattern(self, route: Route, data: Any, where: Where) -> tree.Pattern | None:
        if isinstance(data, dict):
            self._settings_not_here(route, data, in_rule=False)
            if "activity" in data:
                return self._activity_alternative(route, data, where)
            if "changes" in data:
                return self._change_alternative(route, data, where)
            if "field" in data:
                test = self._field_test(route, data)
                return (
                    tree.FieldPattern(test.field, test.test)
                    if (isinstance(test, tree.FieldTest))
                    else None
                )
            if "stage" in data:
                return self._stage_alternative(route, data)
        if not self.is_damaged(route):
            message = "what happens must be an activity, a change, a field with a test, or a stage"
            said = (
                self._as_condition(data).replace(", is: entered", "")
                if (isinstance(data, str))
                else ""
            )
            hint = said or "write alternatives as a list, and what must hold besides under when"
            self.report(self._document.place(route), message, "pattern", hint)
        return None

    def _activity_alternative(
        self, route: Route, data: dict[str, Any], where: Where
    ) -> tree.Pattern | None:
        wrong = self._not_in_patterns(route, data, "activity")
        pattern = self.activity_pattern(route, data, "activity", where)
        return None if wrong else pattern

    def _change_alternative(
        self, route: Route, data: dict[str, Any], where: Where
    ) -> tree.Pattern | None:
        wrong = self._not_in_patterns(route, data, "change")
        pattern = self._change_pattern(route, data, where)
        return None if wrong else pattern

    def _not_in_patterns(self, route: Route, data: dict[str, Any], what: str) -> bool:
        """Reports what says how often something happens; returns whether there is such a key."""
        wrong = [key for key in _NOT_IN_PATTERNS if key in data]
        for key in wrong:
            place = self._document.key_place((*route, key))
            message = f"{key} cannot stand here: each matching {what} is one that happens"
            self.report(place, message, "pattern-narrowing", f"leave out {key}")
        return bool(wrong)

    def _stage_alternative(self, route: Route, data: dict[str, Any]) -> tree.Pattern | None:
        stage = self._stage(route, data)
        for key in ("is", "times", "no_more_than"):
            if key in data:
                place = self._document.key_place((*route, key))
                message = f"a move into a stage takes no {'test' if key == 'is' else key} here"
                self.report(place, message, "pattern", f"leave out {key}")
                return None
        return None if stage is None or self.is_damaged(route) else tree.StagePattern(stage)
