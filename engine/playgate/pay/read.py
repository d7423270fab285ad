"""Text → a pay plan, held against its playbook; every mistake is reported with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from playgate.conditions.parse import Where
from playgate.conditions.tree import ActivityPattern
from playgate.documents.document import Document, Route, nearest, quoted, shortened, written
from playgate.errors import Mistake
from playgate.model.numbers import Kpi
from playgate.model.playbook import Playbook
from playgate.pay.model import Each, Goal, Part, PayPlan, Rate, Step
from playgate.pay.money import ZERO, exact_number
from playgate.playbook.plan_file import PlanReader, read_plan
from playgate.playbook.read_occurrence import read_occurrence
from playgate.rules.due import AtEntry
from playgate.rules.list import glob_matches, list_rules
from playgate.rules.track import Track

__all__ = ["parse_pay"]

_NUMERIC = ("number", "integer")
_NO_CONDITION = Where()


def parse_pay(
    content: bytes, file: str, playbook: Playbook
) -> tuple[PayPlan | None, list[Mistake]]:
    """Reads `content` and returns the plan, or `None`, with every mistake and warning by place."""
    return read_plan(
        content, file, playbook, schema="pay", read=lambda *given: _PayReader(*given).plan()
    )


class _PayReader(PlanReader):
    def __init__(
        self,
        document: Document,
        playbook: Playbook,
        damaged: frozenset[Route],
        mistakes: list[Mistake],
    ) -> None:
        super().__init__(document, playbook, damaged, mistakes)
        self._units: dict[str, Route] = {}
        self._currency_fields: dict[str, Route] = {}
        """The fields that have the currency of those that parts are of, where they say it."""

    def plan(self) -> PayPlan | None:
        document, data = self._document, self._data
        named = data.get("pay")
        if isinstance(named, str) and named != self._playbook.name:
            message = f"this is pay of {quoted(named)}, not of {quoted(self._playbook.name)}"
            self._report(("pay",), message, "other-playbook", "name the playbook beside it")
        parts = tuple(self._parts())
        due = self._due()
        only_if = tuple(self._only_if(due))
        claw_back = self._conditions.duration(("claw_back",)) if "claw_back" in data else None
        roles = self._conditions.known_names("role", ("roles",), self._names.roles)
        currency = self._currency()
        currency_field = self._currency_field()
        if self._damaged:
            return None
        return PayPlan(
            playbook=self._playbook.name,
            file=document.file,
            sha256=document.sha256,
            title=self._text(("title",)),
            per=data["per"],
            base=self._number(("base",)) or ZERO,
            base_place=document.key_place(("base",)),
            parts=parts,
            due=due,
            due_place=document.place(("due", "stage")),
            only_if=only_if,
            claw_back=claw_back,
            claw_back_place=document.place(("claw_back",)),
            roles=roles or self._numbers.coaching.roles,
            currency=currency,
            currency_field=currency_field,
            decimals=data.get("decimals", 2),
            rounding=data.get("rounding", "half-up"),
        )

    # Small pieces

    def _is_damaged(self, route: Route) -> bool:
        return self._conditions.is_damaged(route)

    def _number(self, route: Route) -> Decimal | None:
        data = self._document.get(route)
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        return exact_number(data) if is_number else None

    def _share(self, route: Route) -> Decimal | None:
        """Reads `2 %` or a fraction of 1."""
        data = self._document.get(route)
        if isinstance(data, str) and not self._is_damaged(route):
            return Decimal(data.rstrip("% ")).scaleb(-2)
        return self._number(route)

    def _field(self, route: Route, *, numeric: bool) -> str:
        if self._document.get(route) is None:
            return ""
        found = self._conditions.known_names("field", route, self._names.fields)
        if not found:
            return ""
        kind = self._names.fields[found[0]]
        if numeric and kind.kind not in _NUMERIC:
            message = f"field {shortened(found[0])} is no number: there is no share of it"
            self._report(route, message, "pay-field", "name a field of type number or integer")
        if numeric and kind.currency:
            self._currency_fields.setdefault(kind.currency, route)
        if numeric and kind.unit:
            self._units.setdefault(kind.unit, route)
        return found[0]

    # Parts

    def _parts(self) -> Iterator[Part]:
        for name, data in self._mapping(("parts",)).items():
            route = ("parts", name)
            if not isinstance(data, dict):
                continue
            pays, key = self._pays(route, data)
            when = None
            if "when" in data:
                when = self._conditions.condition((*route, "when"), _NO_CONDITION)
            if pays is not None:
                place = self._document.key_place((*route, key))
                yield Part(name, self._text((*route, "title")) or name, pays, when, place)

    def _pays(self, route: Route, data: Mapping[str, Any]) -> tuple[Rate | Each | Goal | None, str]:
        if "of" in data:
            return self._rate(route), "rate"
        if "product" in data:
            return self._each(route), "each"
        if "kpi" in data:
            return self._goal(route), "kpi"
        return None, ""

    def _rate(self, route: Route) -> Rate | None:
        at = None
        if "at" in self._mapping((*route, "of")):
            inner = (*route, "of", "at")
            at = read_occurrence(inner, self._document, self._conditions, self._names)
        field = self._field((*route, "of", "field"), numeric=True)
        over = self._field((*route, "over", "field"), numeric=True)
        rate = self._share((*route, "rate"))
        if rate is None:
            return None
        if not 0 < rate <= 1:
            said = "nothing" if rate <= 0 else "more than the deal brings"
            hint = "a share is written as 2 %, or as 0.02"
            self._report((*route, "rate"), f"the rate pays {said}", "pay-rate", hint)
        said = written(self._document.get((*route, "rate")))
        return Rate(field, at, over, rate, said)

    def _each(self, route: Route) -> Each | None:
        named, pays = self._text((*route, "product")), self._number((*route, "each"))
        products = {product.id: product for product in self._numbers.products}
        if named not in products:
            hint = nearest(named, products) or 'declare it under "products" of the playbook'
            message = f"product {quoted(named)} does not exist"
            self._report((*route, "product"), message, "unknown-product", hint)
            return None
        if products[named].when is None:
            message = f"nothing says which deals are of product {shortened(named)}"
            self._report((*route, "product"), message, "product-when", "give it a when")
            return None
        return None if pays is None else Each(products[named], pays)

    # Goals

    def _goal(self, route: Route) -> Goal | None:
        named = self._text((*route, "kpi"))
        kpis = {kpi.id: kpi for kpi in self._numbers.kpis}
        if named not in kpis:
            hint = nearest(named, kpis) or 'declare it under "kpis" of the playbook'
            self._report(
                (*route, "kpi"), f"KPI {quoted(named)} does not exist", "unknown-kpi", hint
            )
            return None
        kpi = kpis[named]
        self._check_kpi(route, kpi)
        reps = {
            name: goal
            for name in self._mapping((*route, "goals"))
            if (goal := self._number((*route, "goals", name))) is not None
        }
        goal = self._number((*route, "goal"))
        own_goal = goal is not None or bool(reps)
        if goal is None and kpi.at_least is not None:
            goal = exact_number(kpi.at_least)
        steps = tuple(self._steps(route, kpi))
        self._check_steps(route, steps)
        if any(step.of_goal for step in steps):
            self._check_goal(route, kpi, has_goal=goal is not None, own=own_goal)
        return Goal(kpi, goal, reps, steps)

    def _check_kpi(self, route: Route, kpi: Kpi) -> None:
        if kpi.kind == "time":
            message = f"{shortened(kpi.id)} is a time, and nobody is paid by how long it takes"
            hint = "name a sum, a count, a mean or a ratio"
            self._report((*route, "kpi"), message, "kpi-kind", hint)
        patterns = kpi.first.patterns
        if kpi.kind == "count" and any(isinstance(each, ActivityPattern) for each in patterns):
            message = f"{shortened(kpi.id)} counts activities: this pays for mere traffic"
            hint = "pay for what comes of them, such as a sum or a ratio"
            self._report((*route, "kpi"), message, "pays-for-traffic", hint, level="warning")

    def _steps(self, route: Route, kpi: Kpi) -> Iterator[Step]:
        items = self._document.get((*route, "steps"))
        for index in range(len(items) if isinstance(items, list) else 0):
            inner = (*route, "steps", index)
            at_least, pays = self._share((*inner, "at_least")), self._number((*inner, "pays"))
            if at_least is None or pays is None:
                continue
            data = self._document.get((*inner, "at_least"))
            of_goal = isinstance(data, str) and kpi.kind != "ratio"
            place = self._document.place(inner)
            yield Step(at_least, of_goal, pays, written(data), place)

    def _check_steps(self, route: Route, steps: tuple[Step, ...]) -> None:
        for index, (lower, step) in enumerate(pairwise(steps), 1):
            inner = (*route, "steps", index)
            if lower.of_goal is not step.of_goal:
                message = "a step is a share of the goal, and another is none"
                self._report(inner, message, "pay-steps", "write all of them alike")
            elif step.at_least <= lower.at_least or step.pays < lower.pays:
                message = "a later step must ask for more, and not pay less"
                self._report(inner, message, "pay-steps", "order them from low to high")

    def _check_goal(self, route: Route, kpi: Kpi, *, has_goal: bool, own: bool) -> None:
        inner = (*route, "kpi")
        if not has_goal:
            message = f"{shortened(kpi.id)} has no goal to be a share of"
            hint = "write goal beside it, or give the KPI a target with at_least"
            self._report(inner, message, "no-goal", hint)
        elif not own and kpi.kind == "sum" and kpi.period != self._data.get("per"):
            said = kpi.period or "no period"
            message = f"the target of {shortened(kpi.id)} is for {said}, and pay is by the "
            message += shortened(self._text(("per",)))
            self._report(inner, message, "goal-period", "write goal beside it")

    # When, for whom, in what

    def _due(self) -> str:
        found = self._conditions.known_names("stage", ("due", "stage"), self._names.stages)
        if not found:
            return ""
        if self._playbook.stage(found[0]).ends == "lost":
            message = f"in {shortened(found[0])} a deal is lost: there is nothing to pay for"
            self._report(("due", "stage"), message, "due-lost", "name a stage of the track")
        return found[0]

    def _only_if(self, due: str) -> Iterator[str]:
        rules = {rule.info.id: rule for rule in list_rules(self._playbook)}
        place = Track(self._playbook).place
        globs = self._data.get("only_if")
        for index, glob in enumerate(globs if isinstance(globs, list) else ()):
            route: Route = ("only_if", index)
            if self._is_damaged(route):
                continue
            matched = [each for each in rules if glob_matches(glob, each)]
            if not matched:
                message = f"rule {quoted(glob)} does not exist"
                self._report(route, message, "unknown-rule", nearest(glob, rules))
            for each in matched:
                stage = rules[each].info.stage
                later = place.get(stage, -1) - place.get(due, len(place))
                entry = isinstance(rules[each].due, AtEntry)
                if later > 0 or (later == 0 and not entry):
                    message = f"{shortened(each)} is not asked yet when a deal comes into {due}"
                    hint = "name a rule of the way there"
                    self._report(route, message, "rule-too-late", hint, level="warning")
            yield from matched

    def _currency(self) -> str:
        said = self._text(("currency",))
        units = dict(self._units)
        first = said or next(iter(units), "")
        for unit, route in units.items():
            if unit != first:
                place = self._document.place(route)
                related = self._document.place(("currency",) if said else units[first])
                message = f"{quoted(unit)} and {quoted(first)} cannot be added up"
                hint = "a plan pays in one currency: make two plans of it"
                found = Mistake(place, message, "mixed-currencies", hint, related=related)
                self._mistakes.append(found)
        return first

    def _currency_field(self) -> str:
        """Returns the field that says in which currency a deal is: one alone, so that no amount is
        paid in a currency that another field says."""
        said = self._field(("currency_field",), numeric=False)
        first = said or next(iter(self._currency_fields), "")
        for name, route in self._currency_fields.items():
            if name != first:
                message = f"{quoted(name)} has the currency here, and not {quoted(first)}"
                hint = "leave `currency_field` out" if said else "make two plans of it"
                place, related = self._document.place(route), None
                if said:
                    related = self._document.place(("currency_field",))
                self._mistakes.append(
                    Mistake(place, message, "mixed-currencies", hint, related=related)
                )
        return first
