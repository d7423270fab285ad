"""The `experiments` of a playbook: one change each, who tries it, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from playgate.conditions.instants import day_end, read_instant
from playgate.conditions.names import NameReader
from playgate.documents.document import Document, Route, nearest, quoted
from playgate.errors import Mistake, Place
from playgate.model.experiments import STEPS_FOLLOWED, Arms
from playgate.model.numbers import Numbers
from playgate.model.playbook import Experiment, Playbook
from playgate.playbook.arm import CHANGED_BY_RULES, as_armed, route_of
from playgate.records import replace
from playgate.rules.list import list_rules

__all__ = ["USUAL", "check_experiments", "check_measures", "read_experiments"]

_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%", re.ASCII)
_SECTION = "experiments"
_OWN_KEYS = {"by": ("by",), "time": ("time_limit",), "idle": ("idle",)}
_IDENTITY = ("id", "do")
USUAL = ("closing-ratio", "cycle", "new-deals")
"""The KPIs of a playbook that declares none."""


def read_experiments(document: Document, reader: NameReader, zone: Any) -> tuple[Experiment, ...]:
    """Reads the experiments as their author meant them, and reports what is wrong with each."""
    data = document.get((_SECTION,))
    found = []
    for name, said in data.items() if isinstance(data, dict) else ():
        if isinstance(said, dict) and not reader.is_damaged((_SECTION, name)):
            experiment = _Reader(document, reader, zone, name, said).experiment()
            found += [experiment] if experiment is not None else []
    return tuple(found)


class _Reader:
    def __init__(
        self, document: Document, reader: NameReader, zone: Any, name: str, data: Mapping[str, Any]
    ) -> None:
        self._document = document
        self._reader = reader
        self._zone = zone
        self._name = name
        self._data = data
        self._route: Route = (_SECTION, name)

    def experiment(self) -> Experiment | None:
        """Returns the experiment, `None` where what it is cannot be told."""
        change, arms = self._data.get("change"), self._data.get("arms")
        starts, until = self._instant("from"), self._instant("until", end=True)
        if not isinstance(change, dict) or not isinstance(arms, dict):
            return None
        read = self._arms(arms)
        if starts is None or until is None or read is None:
            return None
        if until < starts:
            self._report(
                ("until",), "it ends before it begins", "experiment", "exchange from and until"
            )
        guard = self._data.get("guard", [])
        return Experiment(
            id=self._name,
            title=str(self._data.get("title") or self._name),
            rule=str(change.get("rule")),
            change={key: value for key, value in change.items() if key != "rule"},
            arms=read,
            starts=starts,
            until=until,
            measure=str(self._data.get("measure")),
            guard=_texts(guard),
            detect=self._detect(),
            place=self._document.key_place(self._route),
        )

    def _report(self, route: Route, message: str, rule: str, hint: str) -> None:
        place = self._document.key_place((*self._route, *route))
        self._reader.report(place, message, rule, hint)

    def _instant(self, key: str, *, end: bool = False) -> int | None:
        text = self._data.get(key)
        if not isinstance(text, str):
            return None
        found = day_end(text, self._zone) if end else read_instant(text, self._zone)
        if end and found is None:
            found = read_instant(text, self._zone)
        if found is None:
            place = self._document.place((*self._route, key))
            self._reader.report(
                place, f"{quoted(text)} is no date", "date", "write a date as 2026-03-31"
            )
        return found

    def _arms(self, data: Mapping[str, Any]) -> Arms | None:
        kinds = [kind for kind in ("teams", "reps", "share") if kind in data]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "none"
            message = f"who tries the change is exactly one of teams, reps or share, not {said}"
            self._report(("arms", *kinds[1:2]), message, "experiment", "such as share: 50 %")
            return None
        arms = Arms(
            teams=_texts(data.get("teams")),
            reps=_texts(data.get("reps")),
            share=_share(data.get("share")),
            against=_texts(data.get("against")),
            key=str(data.get("key", "")),
        )
        self._check_arms(arms, data)
        return arms

    def _check_arms(self, arms: Arms, data: Mapping[str, Any]) -> None:
        drawn = "share" in data
        if drawn and (arms.share is None or not 0 < arms.share < 1):
            message = "a share of all deals or of none leaves nothing to compare"
            self._report(("arms", "share"), message, "experiment", "such as share: 50 %")
        for key, wrong in (("against", drawn), ("key", not drawn)):
            if key in data and wrong:
                message = f"{key} does not go with {'share' if drawn else 'who is named'}"
                self._report(("arms", key), message, "experiment", f"leave {key} out")
        both = sorted(set(arms.named) & set(arms.against))
        if both:
            message = f"{quoted(both[0])} would be on both sides"
            self._report(("arms", "against"), message, "experiment", "leave it out of one of them")

    def _detect(self) -> float | None:
        if "detect" not in self._data:
            return None
        found = _share(self._data["detect"])
        if found is None or found <= 0:
            message = "a difference that would matter is more than 0"
            self._report(("detect",), message, "experiment", "such as 10 % for a share")
        return found


def _texts(data: object) -> tuple[str, ...]:
    items = data if isinstance(data, list) else [data]
    return tuple(dict.fromkeys(each for each in items if isinstance(each, str)))


def _share(data: object) -> float | None:
    """Reads a share (`65 %`), or a number."""
    found = _SHARE.fullmatch(data) if isinstance(data, str) else None
    if found:
        return float(found[1]) / 100
    is_number = isinstance(data, int | float) and not isinstance(data, bool)
    return float(data) if is_number and abs(data) < 1e15 else None  # type: ignore[arg-type]


# What only the whole playbook shows


def check_experiments(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    """Yields the mistakes of changes that change no rule, and of experiments that would change the
    same deals at the same time."""
    rules = {rule.info.id for rule in list_rules(playbook)}
    arm = document.get(("arm",))
    known = [each.id for each in playbook.experiments]
    if isinstance(arm, str) and arm not in known and not playbook.arm:
        message = f"experiment {quoted(arm)} does not exist"
        hint = nearest(arm, known) or "leave arm out"
        yield Mistake(document.place(("arm",)), message, "experiment", hint)
    for place, experiment in enumerate(playbook.experiments):
        yield from _change(experiment, document, rules)
        for earlier in playbook.experiments[:place]:
            if _clash(earlier, experiment):
                yield _overlap(experiment, earlier)


def _change(experiment: Experiment, document: Document, rules: set[str]) -> Iterator[Mistake]:
    route = (_SECTION, experiment.id, "change")
    if experiment.rule not in rules:
        message = f"no rule is called {quoted(experiment.rule)}"
        hint = nearest(experiment.rule, rules)
        yield Mistake(document.place((*route, "rule")), message, "unknown-rule", hint)
        return
    takes = _takes(experiment.rule, route_of(document, experiment.rule))
    for key in experiment.change:
        wrong = key in _IDENTITY if takes is None else key not in takes
        if wrong:
            message = f"{quoted(key)} is nothing that the change of {experiment.rule} can say"
            hint = f"it takes {', '.join(takes)}" if takes else "name another rule, or a new one"
            yield Mistake(document.key_place((*route, key)), message, "experiment", hint)
    armed = replace(document, data={**document.data, "arm": experiment.id})
    if as_armed(armed).data == armed.data:
        message = f"{experiment.id} changes nothing: the rule says so already"
        hint = "both arms would be judged alike"
        yield Mistake(document.key_place(route), message, "experiment", hint)


def _takes(rule: str, route: Route | None) -> tuple[str, ...] | None:
    """Returns the keys of a rule that can be changed, `None` where its schema says which."""
    settings = (*CHANGED_BY_RULES, "when")
    if route is None:
        return settings
    if route[0] == "limits":
        return (rule.partition("/")[2], *settings)
    if route[-2] == "stages":
        return (*_OWN_KEYS[rule.split("/")[1]], *settings)
    return None


def _clash(one: Experiment, other: Experiment) -> bool:
    """Whether both would change deals that may be the same."""
    if one.until < other.starts or other.until < one.starts:
        return False
    teams = bool(one.arms.teams and other.arms.teams)
    reps = bool(one.arms.reps and other.arms.reps)
    parted = (teams or reps) and one.arms.against and other.arms.against
    sides = ({*each.arms.named, *each.arms.against} for each in (one, other))
    return not parted or not set.isdisjoint(*sides)


def _overlap(experiment: Experiment, earlier: Experiment) -> Mistake:
    related: Place = earlier.place
    message = (
        f"{experiment.id} would change the same deals as {earlier.id} (line {related.line}) at the"
        " same time: nobody could tell which of the two it was"
    )
    hint = "let one end before the other begins, or part them by teams or reps with against"
    return Mistake(experiment.place, message, "experiments-overlap", hint, related=related)


def check_measures(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    """Yields the mistakes of measures and guards that are no KPIs."""
    kpis = {kpi.id for kpi in (playbook.numbers or Numbers()).kpis} or set(USUAL)
    for experiment in playbook.experiments:
        named = [("measure", experiment.measure), *(("guard", each) for each in experiment.guard)]
        for key, name in named:
            place = document.key_place((_SECTION, experiment.id, key))
            if name not in kpis and name != STEPS_FOLLOWED:
                message = f"KPI {quoted(name)} does not exist"
                hint = nearest(name, {*kpis, STEPS_FOLLOWED})
                yield Mistake(place, message, "unknown-kpi", hint)
            elif key == "guard" and name == experiment.measure:
                message = f"{name} is the measure: while the experiment runs it is not shown"
                yield Mistake(place, message, "experiment", "guard something else")
