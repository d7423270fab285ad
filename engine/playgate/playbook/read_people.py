"""Document → tasks and goals by role, and the first weeks of who is new; reports every mistake and
stops for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playgate.conditions.names import Names
from playgate.conditions.parse import ConditionReader
from playgate.documents.document import Document, Route, nearest, quoted, shortened
from playgate.model.numbers import Kpi
from playgate.model.people import Aim, Certificate, FirstStep, Onboarding, RoleWork
from playgate.playbook.read_occurrence import read_occurrence

__all__ = ["PeopleReader"]

_PER = ("count", "sum")
"""The kinds of KPIs that add up over time."""


class PeopleReader:
    """Reads `roles` and `onboarding`; `aims` reads what a KPI of a kind is to be, and `report`
    takes a mistake: its route, message, rule and hint."""

    def __init__(
        self,
        document: Document,
        conditions: ConditionReader,
        names: Names,
        *,
        kpis: Mapping[str, Kpi],
        aims: Callable[[Route, str], tuple[float | None, float | None]],
        share: Callable[[Route], float | None],
        report: Callable[..., None],
    ) -> None:
        self._document = document
        self._conditions = conditions
        self._names = names
        self._kpis = kpis
        self._aims = aims
        self._share = share
        self._report = report

    def _mapping(self, route: Route) -> Mapping[str, Any]:
        data = self._document.get(route)
        return data if isinstance(data, dict) else {}

    # Roles

    def roles(self) -> Iterator[RoleWork]:
        """Yields the roles that have tasks or goals."""
        for name, data in self._mapping(("roles",)).items():
            if not isinstance(data, dict) or not ("tasks" in data or "kpis" in data):
                continue
            route, title, tasks = ("roles", name), data.get("title"), data.get("tasks")
            yield RoleWork(
                name,
                title if isinstance(title, str) else name,
                tuple(each for each in _listed(tasks) if isinstance(each, str)),
                tuple(self._role_aims((*route, "kpis"))),
                self._document.key_place(route),
            )

    def _role_aims(self, route: Route) -> Iterator[Aim]:
        declared = self._mapping(("kpis",))
        for name, data in self._mapping(route).items():
            if name not in declared:
                message = f"KPI {quoted(name)} does not exist"
                hint = nearest(name, declared) or 'declare it under "kpis"'
                self._report((*route, name), message, "unknown-kpi", hint)
            elif name in self._kpis and isinstance(data, dict):
                yield self._aim((*route, name), self._kpis[name], data)

    def _aim(self, route: Route, kpi: Kpi, data: Mapping[str, Any]) -> Aim:
        low, high = self._aims(route, kpi.kind)
        per = data.get("per")
        if "at_least" not in data and "at_most" not in data:
            message = f"what {shortened(kpi.id)} is to be is not said"
            self._report(route, message, "kpi", "write at_least or at_most")
        if per is not None and kpi.kind not in _PER:
            message = f"per does not go with {shortened(kpi.id)}, which does not add up over time"
            hint = "leave per out: its own period counts"
            self._report((*route, "per"), message, "kpi", hint)
        if per is None and kpi.kind == "sum":
            message = f"a sum grows with time, and {shortened(kpi.id)} does not say in how much"
            self._report(route, message, "kpi", "write per: month beside it")
        return Aim(
            kpi=kpi.id,
            place=self._document.key_place(route),
            at_least=low,
            at_most=high,
            per=(per or "week") if kpi.kind in _PER else None,
        )

    # Who is new

    def onboarding(self) -> Onboarding | None:
        """Reads the section; `None` where there is none."""
        data = self._mapping(("onboarding",))
        weeks = data.get("weeks")
        if not isinstance(weeks, int):
            return None
        roles: tuple[str, ...] = ()
        if "roles" in data:
            route = ("onboarding", "roles")
            roles = self._conditions.known_names("role", route, self._names.roles) or ()
        steps = tuple(self._steps(data.get("activities"), weeks))
        return Onboarding(weeks, roles, steps, self._certificate())

    def _steps(self, data: Any, weeks: int) -> Iterator[FirstStep]:
        seen: dict[str, int] = {}
        for index, item in enumerate(_listed(data)):
            route = ("onboarding", "activities", index)
            name = item.get("id") if isinstance(item, dict) else None
            if not isinstance(name, str):
                continue
            week, times, title = (item.get(key) for key in ("week", "times", "title"))
            if name in seen:
                line = self._document.place(("onboarding", "activities", seen[name])).line
                message = f"id {quoted(name)} stands twice (first on line {line})"
                self._report((*route, "id"), message, "duplicate-id", "give each its own")
            seen.setdefault(name, index)
            week = week if isinstance(week, int) else weeks
            if week > weeks:
                message = f"week {week} comes after the {weeks} weeks are over"
                self._report(
                    (*route, "week"), message, "onboarding", "raise weeks, or do it before"
                )
            if "times" in item and "count" not in item:
                message = "a lesson is done once: times goes with count"
                self._report((*route, "times"), message, "onboarding", "say what is counted")
            yield FirstStep(
                name,
                title if isinstance(title, str) else name,
                week,
                times if isinstance(times, int) else 1,
                read_occurrence((*route, "count"), self._document, self._conditions, self._names)
                if "count" in item
                else None,
                self._document.place(route),
            )

    def _certificate(self) -> Certificate | None:
        route = ("onboarding", "certify")
        deals, followed = self._mapping(route).get("deals"), self._share((*route, "followed"))
        if followed is None:
            return None
        if not 0 < followed <= 1:
            message = f"{followed:g} is no share of steps that can be followed"
            hint = "a share is written as 80 %, or as 0.8"
            self._report((*route, "followed"), message, "target-value", hint)
        return Certificate(followed, deals if isinstance(deals, int) else 1)


def _listed(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]
