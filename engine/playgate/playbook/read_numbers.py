"""Document → what a playbook declares for its numbers; reports every mistake and stops for none.

Nothing of it decides whether a deal may move: the live gate never reads these parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from playgate.conditions.durations import Duration
from playgate.conditions.names import Names
from playgate.conditions.parse import ConditionReader, Where
from playgate.conditions.tree import Condition, SignalRef
from playgate.documents.document import Document, Route, nearest, quoted, shortened
from playgate.errors import Mistake
from playgate.model.numbers import (
    KINDS,
    LARGEST,
    LOOKS,
    SMALLEST,
    Coaching,
    Forecasting,
    Kpi,
    Numbers,
    Occurrence,
    Practising,
    Quality,
    Segment,
    Targets,
)
from playgate.model.playbook import Playbook
from playgate.playbook.declared import read_names
from playgate.playbook.read_occurrence import read_occurrence
from playgate.playbook.read_people import PeopleReader
from playgate.playbook.read_products import read_products
from playgate.playbook.read_quality import read_quality
from playgate.rules.list import glob_matches, list_rules

__all__ = ["SECTIONS", "read_numbers"]

SECTIONS = (
    *("kpis", "targets", "segments", "products", "coaching"),
    *("quality", "practices", "forecast", "onboarding"),
)

_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%", re.ASCII)
_NUMERIC = ("number", "integer")
_FIRST = {"ratio": "of", "time": "from", "mean": "at", "sum": "at"}
_NOWHERE = Where()
_TARGET = "target"
_APART = {"mean": 0.4, "time": 0.3}
_WORDS = {
    "ratio": "a ratio",
    "time": "a time",
    "mean": "a mean",
    "sum": "a sum",
    "count": "a count",
}


def read_numbers(
    document: Document, playbook: Playbook, damaged: frozenset[Route], mistakes: list[Mistake]
) -> Numbers:
    """Reads what `document`, from which `playbook` was read, declares; parts with mistakes are left
    out."""
    data = document.data
    if not isinstance(data, dict) or not (
        any(key in data for key in SECTIONS) or isinstance(data.get("roles"), dict)
    ):
        return Numbers()
    names = read_names(document, damaged, [], zone=playbook.zone)
    return _NumbersReader(document, playbook, names, damaged, mistakes).numbers()


class _NumbersReader:
    def __init__(
        self,
        document: Document,
        playbook: Playbook,
        names: Names,
        damaged: frozenset[Route],
        mistakes: list[Mistake],
    ) -> None:
        self._document = document
        self._playbook = playbook
        self._names = names
        self._mistakes = mistakes
        self._conditions = ConditionReader(document, names, damaged=damaged, mistakes=mistakes)

    def numbers(self) -> Numbers:
        segments = tuple(self._segments())
        kpis = tuple(self._kpis({segment.id for segment in segments}))
        people = PeopleReader(
            self._document,
            self._conditions,
            self._names,
            kpis={kpi.id: kpi for kpi in kpis},
            aims=self._aims,
            share=self._share,
            report=self._report,
        )
        return Numbers(
            kpis=kpis,
            targets=self._targets({kpi.id: kpi for kpi in kpis}),
            segments=segments,
            products=read_products(
                self._document,
                self._conditions,
                self._names,
                duration=self._duration,
                report=self._report,
            ),
            coaching=self._coaching(),
            quality=self._quality(),
            practices=self._practices({kpi.id: kpi for kpi in kpis}),
            forecast=self._forecast(),
            roles=tuple(people.roles()),
            onboarding=people.onboarding(),
        )

    # Small pieces

    def _mapping(self, route: Route) -> Mapping[str, Any]:
        data = self._document.get(route)
        return data if isinstance(data, dict) else {}

    def _text(self, route: Route, fallback: str = "") -> str:
        data = self._document.get(route)
        return data if isinstance(data, str) else fallback

    def _texts(self, route: Route) -> tuple[str, ...]:
        data = self._document.get(route)
        items = data if isinstance(data, list) else [data]
        return tuple(each for each in items if isinstance(each, str))

    def _report(
        self, route: Route, message: str, rule: str, hint: str = "", *, warning: bool = False
    ) -> None:
        place = self._document.key_place(route)
        level: Any = "warning" if warning else "error"
        self._mistakes.append(Mistake(place, message, rule, hint, level=level))

    def _share(self, route: Route) -> float | None:
        """Reads a share: `65 %`, or a fraction of 1."""
        data = self._document.get(route)
        found = _SHARE.fullmatch(data) if isinstance(data, str) else None
        return float(found[1]) / 100 if found else _number(data)

    def _duration(self, route: Route) -> Duration | None:
        if route[-1] not in self._mapping(route[:-1]):
            return None
        found = self._conditions.duration(route)
        if found is not None and found.unit == "business hour":
            message = f"{quoted(str(route[-1]))} counts days, not {found}"
            self._report(route, message, "duration", "write days, weeks or business days")
        return found

    def _condition(self, route: Route) -> Condition | None:
        if self._document.get(route) is None:
            return None
        return self._conditions.condition(route, _NOWHERE)

    def _occurrence(self, route: Route) -> Occurrence:
        return read_occurrence(route, self._document, self._conditions, self._names)

    # KPIs

    def _kpis(self, segments: set[str]) -> Iterator[Kpi]:
        for name, data in self._mapping(("kpis",)).items():
            route = ("kpis", name)
            kinds = [kind for kind in KINDS if isinstance(data, dict) and kind in data]
            if len(kinds) == 1:
                yield self._kpi(route, name, data, kinds[0], segments)
            elif isinstance(data, dict):
                said = " and ".join(kinds) or "none"
                message = f"a KPI is exactly one of {', '.join(KINDS)}, not {said}"
                self._report(
                    (*route, kinds[1]) if kinds else route,
                    message,
                    "kpi",
                    "make two KPIs of it" if kinds else "say how it is counted",
                )

    def _kpi(
        self, route: Route, name: str, data: Mapping[str, Any], kind: Any, segments: set[str]
    ) -> Kpi:
        what = (*route, kind)
        first = self._occurrence((*what, _FIRST[kind]) if kind in _FIRST else what)
        then = self._occurrence((*what, "to")) if kind in ("ratio", "time") else None
        within = None
        if kind == "ratio" and "within" in self._mapping(what):
            within = self._conditions.duration((*what, "within"))
        at_least, at_most = self._aims((*route, _TARGET), kind)
        field = self._field(what) if kind in ("mean", "sum") else ""
        apart = self._share((*route, "apart"))
        self._misplaced(route, data, kind)
        return Kpi(
            id=name,
            title=self._text((*route, "title"), name),
            kind=kind,
            first=first,
            place=self._document.key_place(route),
            then=then,
            within=within,
            field=field,
            unit=self._names.fields[field].unit if field in self._names.fields else "",
            only_first=data.get("which") == "first",
            when=self._condition((*route, "when")),
            customers=self._customers((*route, "customers"), segments),
            period=self._text((*route, "period")),
            at_least=at_least,
            at_most=at_most,
            tips=self._texts((*route, "tips")),
            apart=_APART.get(kind) if apart is None else apart,
            alarm=data.get("alarm", "low" if kind in ("count", "ratio") else "none"),
        )

    def _misplaced(self, route: Route, data: Mapping[str, Any], kind: str) -> None:
        for key, kinds in (("which", ("count",)), ("alarm", ("count", "ratio"))):
            if key in data and kind not in kinds:
                message = f"{key} does not go with {_WORDS[kind]}"
                self._report((*route, key), message, "kpi", f"leave {key} out")

    def _field(self, what: Route) -> str:
        route = (*what, "field")
        found = self._conditions.known_names("field", route, self._names.fields)
        if not found:
            return ""
        kind = self._names.fields[found[0]].kind
        if kind not in _NUMERIC and found[0] not in self._names.untyped:
            message = f"field {shortened(found[0])} is no number: there is nothing to add up"
            self._report(route, message, "kpi-field", "name a field of type number or integer")
        return found[0]

    def _customers(self, route: Route, segments: set[str]) -> tuple[str, ...]:
        """Reads names of segments and profiles, and `target`, which is whoever fits a profile."""
        profiles = {profile.id for profile in self._playbook.profiles}
        known = segments | profiles | ({_TARGET} if profiles else set())
        named = self._texts(route)
        for name in named:
            if name not in known:
                message = f"segment {quoted(name)} does not exist"
                hint = nearest(name, known)
                if name == _TARGET:
                    message = "there are no target customers: no profile is declared"
                    hint = 'declare them under "profiles"'
                self._report(route, message, "unknown-segment", hint)
        return named

    def _aims(self, route: Route, kind: str) -> tuple[float | None, float | None]:
        """Reads what a KPI is to be at least and at most, which stands under `route`."""
        aims = [self._aim((*route, key), kind) for key in ("at_least", "at_most")]
        low, high = aims
        if low is not None and high is not None and low > high:
            message = "no number can be both: at_least is above at_most"
            self._report(
                (*route, "at_most"),
                message,
                "contradictory-target",
                "exchange the two, or leave one out",
            )
        return low, high

    def _aim(self, route: Route, kind: str) -> float | None:
        data = self._document.get(route)
        value = self._share(route)
        if value is None:
            return None
        is_share = kind == "ratio"
        if isinstance(data, str) and not is_share:
            message = f"{quoted(data)} is a share, and {_WORDS[kind]} is none"
            self._report(route, message, "target-value", "write the number itself")
            return None
        if value < 0 or (is_share and value > 1):
            what = "below 0" if value < 0 else "more than all"
            message = f"{shortened(str(data))} is {what}, and {_WORDS[kind]} never is"
            hint = "a share is written as 65 %, or as 0.65" if is_share else "write it from 0 on"
            self._report(route, message, "target-value", hint)
            return None
        return value

    # Targets

    def _targets(self, kpis: Mapping[str, Kpi]) -> Targets | None:
        data = self._mapping(("targets",))
        goal = _number(data.get("goal"))
        if goal is None:
            return None
        said = {name: _number(value) for name, value in self._mapping(("targets", "reps")).items()}
        reps = {name: value for name, value in said.items() if value is not None}
        self._check_goals(goal, reps)
        return Targets(
            goal=goal,
            per=data.get("per", "year"),
            reps=reps,
            revenue=_first(self._named("revenue", kpis, "mean")),
            ratios=self._named("ratios", kpis, "ratio"),
            opportunities=_first(self._named("opportunities", kpis, "count")),
            activities=self._named("activities", kpis, "count"),
            cycle=_first(self._named("cycle", kpis, "time")),
            place=self._document.key_place(("targets",)),
        )

    def _check_goals(self, goal: float, reps: Mapping[str, float]) -> None:
        for name, value in {"goal": goal, **reps}.items():
            if value < SMALLEST and (value or name == "goal"):
                route = ("targets", "goal") if name == "goal" else ("targets", "reps", name)
                self._report(
                    route,
                    f"a goal of {value:g} asks for nothing",
                    "target-value",
                    "write how much is to be sold",
                )
        if sum(reps.values()) > goal > 0:
            message = f"the reps' goals add up to {sum(reps.values()):g}, more than the goal"
            self._report(
                ("targets", "reps"),
                message,
                "contradictory-target",
                "raise the goal, or lower theirs",
            )

    def _named(self, key: str, kpis: Mapping[str, Kpi], kind: str) -> tuple[str, ...]:
        """Reads the ids of KPIs that a key names."""
        route = ("targets", key)
        names = self._texts(route)
        declared = self._mapping(("kpis",))
        for name in names:
            if name not in declared:
                message = f"KPI {quoted(name)} does not exist"
                hint = nearest(name, declared) or 'declare it under "kpis"'
                self._report(route, message, "unknown-kpi", hint)
            elif name in kpis and kpis[name].kind != kind:
                message = f"{key} must be {_WORDS[kind]}, and {name} is {_WORDS[kpis[name].kind]}"
                fitting = [each.id for each in kpis.values() if each.kind == kind]
                hint = f"fitting: {', '.join(fitting)}" if fitting else ""
                self._report(route, message, "kpi-kind", hint)
        return names

    # Segments, products, coaching

    def _segments(self) -> Iterator[Segment]:
        for name in self._mapping(("segments",)):
            route = ("segments", name)
            when = self._condition((*route, "when")) or SignalRef("")
            yield Segment(
                name,
                self._text((*route, "title"), name),
                when,
                self._document.key_place(route),
                self._known_by((*route, "known_by")),
            )

    def _known_by(self, route: Route) -> str:
        if self._document.get(route) is None:
            return ""
        named = _first(self._conditions.known_names("stage", route, self._names.stages) or ())
        ends = {stage.id for stage in self._playbook.stages if stage.ends is not None}
        if named in ends:
            message = f"stage {quoted(named)} ends the deal: no deal passes it"
            self._report(route, message, "known-by", "name the stage in which it becomes known")
        return named

    def _coaching(self) -> Coaching:
        data = self._mapping(("coaching",))
        default = Coaching()
        roles: tuple[str, ...] = ()
        if "roles" in data:
            route = ("coaching", "roles")
            roles = self._conditions.known_names("role", route, self._names.roles) or ()
        minimum, most = data.get("minimum"), data.get("sessions_per_week")
        return Coaching(
            roles=roles,
            minimum=minimum if isinstance(minimum, int) else default.minimum,
            every=self._duration(("coaching", "every")) or default.every,
            intensive=self._duration(("coaching", "intensive")) or default.intensive,
            sessions_per_week=most if isinstance(most, int) else None,
            ramp=self._duration(("coaching", "ramp")),
            session=self._occurrence(("coaching", "session")) if "session" in data else None,
            questions=self._texts(("coaching", "questions")),
            training=self._duration(("coaching", "training")),
        )

    def _quality(self) -> Quality | None:
        return read_quality(
            self._document,
            duration=self._conditions.duration,
            share=self._share,
            report=self._report,
        )

    def _practices(self, kpis: Mapping[str, Kpi]) -> Practising | None:
        if "practices" not in self._document.data:
            return None
        data = self._mapping(("practices",))
        outcome = self._text(("practices", "outcome"))
        if outcome and (outcome not in kpis or kpis[outcome].kind != "ratio"):
            message = f"{quoted(outcome)} is no KPI that is a ratio"
            fitting = [kpi.id for kpi in kpis.values() if kpi.kind == "ratio"]
            hint = nearest(outcome, fitting) or "its `to` is the outcome; declare it under kpis"
            self._report(("practices", "outcome"), message, "unknown-kpi", hint)
        return Practising(outcome, self._landmark(), tuple(data.get("look", LOOKS)))

    def _landmark(self) -> str:
        """Reads a stage that others stand before and after."""
        route = ("practices", "landmark")
        landmark = self._text(route)
        between = [stage.id for stage in self._playbook.track if stage.ends is None][1:]
        if landmark and landmark not in between:
            message = f"{quoted(landmark)} is no stage between the first and an end"
            hint = nearest(landmark, between) or f"fitting: {', '.join(between) or 'none'}"
            self._report(route, message, "unknown-stage", hint)
        return landmark

    def _forecast(self) -> Forecasting | None:
        if "forecast" not in self._document.data:
            return None
        data = self._mapping(("forecast",))
        days, commit = data.get("days"), self._texts(("forecast", "commit"))
        known = [rule.info.id for rule in list_rules(self._playbook)]
        for glob in commit:
            if not any(glob_matches(glob, each) for each in known):
                message = f"no rule is called {quoted(glob)}"
                self._report(("forecast", "commit"), message, "unknown-rule", nearest(glob, known))
        field = self._field(("forecast",)) if "field" in data else ""
        default = Forecasting()
        return Forecasting(days if isinstance(days, int) else default.days, commit, field)


def _first(names: tuple[str, ...]) -> str:
    return names[0] if names else ""


def _number(data: object) -> float | None:
    """Returns the number, where it is one that a float can hold."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        return None
    return float(data) if abs(data) < LARGEST else None
