"""Document → playbook model. Reads every part, reports every mistake, and stops for none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any, Literal

from playgate.conditions import tree
from playgate.conditions.calendar import WEEKDAYS, Calendar
from playgate.conditions.durations import Duration
from playgate.conditions.instants import load_zone, read_instant
from playgate.conditions.parse import ConditionReader, Where
from playgate.conditions.values import Reading
from playgate.documents.document import Document, Route, quoted, resembles
from playgate.errors import Mistake
from playgate.findings import Level
from playgate.model.playbook import (
    ActivityDemand,
    ActivityKind,
    Demand,
    Holidays,
    Migration,
    Playbook,
    Profile,
    Sequence,
    SetBy,
    Settings,
    Stage,
    Timed,
)
from playgate.playbook.declared import read_names, timezone_hint
from playgate.playbook.holidays import read_holidays
from playgate.playbook.naming import name_all, own_name
from playgate.rules.families import FAMILIES, KeySection

__all__ = ["build"]

_STAGE = Where(in_stage=True, judged=True)
_UNJUDGED_STAGE = Where(in_stage=True)
_NOWHERE = Where()

# What stands in for broken parts, so that their rules keep their ids; such a playbook is not used.
_BROKEN = tree.SignalRef("")
_BROKEN_DURATION = Duration(1, "day")


def build(
    document: Document, damaged: frozenset[Route], mistakes: list[Mistake]
) -> Playbook | None:
    """Reads the playbook in `document`; parts with mistakes are left out, and reported to
    `mistakes`.

    `None` where the document is no mapping with stages at all.
    """
    if not isinstance(document.data, dict):
        return None
    return _PlaybookBuilder(document, damaged, mistakes).playbook()


class _PlaybookBuilder:
    def __init__(
        self, document: Document, damaged: frozenset[Route], mistakes: list[Mistake]
    ) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.mistakes = mistakes
        self._damaged = damaged
        zone_name = self.data.get("timezone", "UTC")
        self.zone_name = zone_name if isinstance(zone_name, str) else "UTC"
        self.zone = load_zone(self.zone_name) or UTC
        self.names = read_names(document, damaged, mistakes, zone=self.zone)
        self.reader = ConditionReader(document, self.names, damaged=damaged, mistakes=mistakes)

    def playbook(self) -> Playbook:
        data = self.data
        if load_zone(self.zone_name) is None:
            message = f"time zone {quoted(self.zone_name)} does not exist"
            hint = timezone_hint(self.zone_name)
            self._report(("timezone",), message, "unknown-timezone", hint)
        placeholders = frozenset(text.strip().casefold() for text in self._texts(("placeholders",)))
        holidays = read_holidays(self.document, self._damaged, self.mistakes)
        return Playbook(
            name=self._text(("playbook",)),
            version=data["version"] if isinstance(data.get("version"), int | str) else "",
            title=self._text(("title",)) or self._text(("playbook",)),
            file=self.document.file,
            sha256=self.document.sha256,
            place=self.document.place(()),
            zone=self.zone,
            zone_name=self.zone_name,
            calendar=self._calendar(holidays),
            holidays=holidays,
            reading=Reading(placeholders, self.zone),
            level=self._level(()),
            starts=self._instant(("from",)),
            grace=self._duration(("grace",), zero=True),
            late_after=self._duration(("late_after",), zero=True),
            applies_to=self._condition(("applies_to",), _NOWHERE),
            roles=self._texts(("roles",)),
            may_waive=self._may_waive(()),
            parts=self.names.parts,
            fields=self.names.fields,
            set_by=self._set_by(),
            activities=self._activity_kinds(),
            signals=self._signals(),
            profiles=self._profiles(),
            profiles_place=self.document.key_place(("profiles",)),
            stages=self._stages(),
            sequence=self._sequences(),
            limits=self._lengths(("limits",), "limits"),
            settings=self._settings(),
            migration=self._migration(),
        )

    # Small pieces

    def _report(self, route: Route, message: str, rule: str, hint: str = "") -> None:
        self.reader.report(self.document.place(route), message, rule, hint)

    def _mapping(self, route: Route) -> Mapping[str, Any]:
        data = self.document.get(route)
        return data if isinstance(data, dict) else {}

    def _keys(self, key: str) -> tuple[str, ...]:
        return tuple(self._mapping((key,)))

    def _list(self, route: Route) -> list[Any]:
        data = self.document.get(route)
        return data if isinstance(data, list) else []

    def _text(self, route: Route) -> str:
        data = self.document.get(route)
        return data if isinstance(data, str) else ""

    def _texts(self, route: Route) -> tuple[str, ...]:
        """Returns one text or a list of them."""
        data = self.document.get(route)
        if isinstance(data, str):
            return (data,)
        return (
            tuple(each for each in data if isinstance(each, str))
            if (isinstance(data, list))
            else ()
        )

    def _level(self, route: Route) -> Level | None:
        data = self.document.get((*route, "level"))
        return data if data in ("block", "warn", "observe") else None

    def _duration(self, route: Route, *, zero: bool = False) -> Duration | None:
        if route[-1] not in self._mapping(route[:-1]):
            return None
        return self.reader.duration(route, zero=zero) or _BROKEN_DURATION

    def _lengths(self, route: Route, section: KeySection) -> dict[str, Timed]:
        """The deadlines that a section says, by their key."""
        found = {}
        for row in FAMILIES.values():
            if row.section == section and row.takes_length:
                length = self._duration((*route, row.key))
                if length is not None:
                    found[row.key] = Timed(length, self.document.key_place((*route, row.key)))
        return found

    def _instant(self, route: Route) -> int | None:
        data = self.document.get(route)
        if not isinstance(data, str):
            return None
        instant = read_instant(data, self.zone)
        if instant is None:
            message = f"{quoted(data)} is no date"
            self._report(route, message, "date", "write a date as 2026-03-31")
        return instant

    def _condition(self, route: Route, where: Where) -> tree.Condition | None:
        if self.document.get(route) is None:
            return None
        return self.reader.condition(route, where) or _BROKEN

    def _may_waive(self, route: Route) -> tuple[str, ...] | None:
        """Returns the roles that may make exceptions; `None` where `route` does not say."""
        if "may_waive" not in self._mapping(route):
            return None
        return self.reader.known_names("role", (*route, "may_waive"), self.names.roles) or ()

    def _title(self, route: Route, fallback: str) -> str:
        return self._text((*route, "title")) or fallback

    # The top of the playbook

    def _calendar(self, holidays: tuple[Holidays, ...]) -> Calendar:
        usual = Calendar(self.zone)
        workdays = frozenset(map(WEEKDAYS.index, self._known_workdays()))
        calendar = Calendar(
            self.zone,
            frozenset[date]().union(*(each.dates for each in holidays)),
            frozenset[tuple[int, int]]().union(*(each.yearly for each in holidays)),
            workdays or usual.workdays,
            self._hours() or usual.hours,
        )
        if not calendar.has_business_days:
            message, hint = "every day of the year is a holiday", "leave some days for work"
            self._report(("holidays",), message, "holidays", hint)
        return calendar

    def _known_workdays(self) -> list[str]:
        return [day for day in self._texts(("workdays",)) if day in WEEKDAYS]

    def _hours(self) -> tuple[int, int] | None:
        route = ("hours",)
        if self.data.get("hours") is None or self.reader.is_damaged(route):
            return None
        low, high = (60 * int(text[:2]) + int(text[3:]) for text in self._texts(route))
        if low >= high:
            message = f"working hours that end at {self._texts(route)[1]} begin too late"
            self._report(route, message, "hours", 'write the earlier first: ["09:00", "17:00"]')
            return None
        return low, high

    def _set_by(self) -> tuple[SetBy, ...]:
        found = []
        for name in self._mapping(("fields",)):
            route = ("fields", name)
            said = self._mapping(route)
            if "by" in said:
                found.append(self._owned(route, name))
                continue
            misspelt = any(resembles(key, ("by",)) for key in said)
            for key in (key for key in _BESIDE_BY if key in said and not misspelt):
                place = self.document.key_place((*route, key))
                message = f"{key} says nothing of a field that everybody may set"
                hint = "write by, and the roles that may set it, or leave it out"
                self.reader.report(place, message, "field-by", hint)
        return tuple(found)

    def _owned(self, route: Route, name: str) -> SetBy:
        roles = self.reader.known_names("role", (*route, "by"), self.names.roles)
        return SetBy(
            field=name,
            roles=roles or ("",),
            place=self.document.key_place((*route, "by")),
            when=self._condition((*route, "when"), _NOWHERE),
            level=self._level(route),
            starts=self._instant((*route, "from")),
            may_waive=self._may_waive(route),
        )

    def _activity_kinds(self) -> dict[str, ActivityKind]:
        return {
            name: ActivityKind(
                self._title(("activities", name), name),
                self._texts(("activities", name, "tools")),
                words,
            )
            for name, words in self.names.activities.items()
        }

    def _signals(self) -> dict[str, tree.Condition]:
        found = {
            name: self.reader.condition(("signals", name), _NOWHERE) for name in self.names.signals
        }
        return {name: condition for name, condition in found.items() if condition is not None}

    def _profiles(self) -> tuple[Profile, ...]:
        profiles = []
        for name in self._keys("profiles"):
            route = ("profiles", name)
            groups = {
                group: self._condition((*route, "fit", group), _NOWHERE)
                for group in self._mapping((*route, "fit"))
            }
            profiles.append(
                Profile(
                    id=name,
                    title=self._title(route, name),
                    story=self._text((*route, "story")),
                    fit={group: each for group, each in groups.items() if each is not None},
                    place=self.document.key_place(route),
                )
            )
        return tuple(profiles)

    def _settings(self) -> tuple[Settings, ...]:
        return tuple(
            Settings(
                glob,
                self._level(("rules", glob)),
                self._instant(("rules", glob, "from")),
                self.document.key_place(("rules", glob)),
                self._condition(("rules", glob, "when"), _NOWHERE),
                self._may_waive(("rules", glob)),
            )
            for glob in self._mapping(("rules",))
        )

    def _migration(self) -> Migration:
        if "migration" not in self.data:
            return Migration()
        from playgate.playbook.migration import read_migration  # most playbooks have none

        return read_migration(document=self.document, reader=self.reader, names=self.names)

    # Stages

    def _stages(self) -> tuple[Stage, ...]:
        stages = []
        for index, data in enumerate(self._list(("stages",))):
            if isinstance(data, dict) and isinstance(data.get("stage"), str):
                stages.append(self._stage(("stages", index), data))
        return tuple(stages)

    def _stage(self, route: Route, data: dict[str, Any]) -> Stage:
        ends: Any = data.get("ends")
        by: tuple[str, ...] = ()
        if "by" in data:
            by = self.reader.known_names("role", (*route, "by"), self.names.roles) or ("",)
        return Stage(
            id=data["stage"],
            title=self._title(route, data["stage"]),
            place=self.document.place((*route, "stage")),
            ends=ends if ends in ("won", "lost") else None,
            counts_as_won=data.get("counts_as") == "won",
            when=self._condition((*route, "when"), _NOWHERE),
            optional=data.get("optional") is True,
            entry=self._demands((*route, "entry"), _STAGE),
            activities=self._activities((*route, "activities")),
            exit=self._demands((*route, "exit"), _STAGE),
            hold=self._demands((*route, "hold"), _UNJUDGED_STAGE),
            by=by,
            by_place=self.document.key_place((*route, "by")),
            lengths=self._lengths(route, "stages"),
            level=self._level(route),
            inputs=self._texts((*route, "inputs")),
            story=self._text((*route, "story")),
        )

    def _demands(self, route: Route, where: Where) -> tuple[Demand, ...]:
        items = self._list(route)
        given = self._check_ids(route, items)
        names = name_all(given, [own_name(item) for item in items])
        return tuple(
            Demand(
                name=name,
                condition=self.reader.condition((*route, index), where) or _BROKEN,
                place=self.document.place((*route, index)),
                named=isinstance(given[index], str),
                when=self._condition((*route, index, "when"), _NOWHERE),
                level=self._level((*route, index)),
                starts=self._instant((*route, index, "from")),
                may_waive=self._may_waive((*route, index)),
                why=self._text((*route, index, "why")),
                ask=self._text((*route, index, "ask")),
            )
            for index, name in enumerate(names)
        )

    def _check_ids(self, route: Route, items: list[Any]) -> list[Any]:
        """Returns the ids given in a list, each of which may stand only once."""
        given = [item.get("id") if isinstance(item, dict) else None for item in items]
        first: dict[str, int] = {}
        for index, name in enumerate(given):
            if not isinstance(name, str):
                continue
            if name in first:
                place = self.document.place((*route, index, "id"))
                related = self.document.place((*route, first[name], "id"))
                message = f"id {quoted(name)} stands twice (first on line {related.line})"
                hint = "give each its own"
                self.reader.report(place, message, "duplicate-id", hint, related=related)
            first.setdefault(name, index)
        return given

    def _activities(self, route: Route) -> tuple[ActivityDemand, ...]:
        items = self._list(route)
        given = self._check_ids(route, items)
        names = name_all(given, [own_name(item) for item in items])
        return tuple(
            self._activity((*route, index), item, names[index], isinstance(given[index], str))
            for index, item in enumerate(items)
        )

    def _activity(self, route: Route, item: Any, name: str, named: bool) -> ActivityDemand:
        if isinstance(item, str):
            names = self.reader.known_names("activity", route, self.names.activities)
            count = tree.ActivityCount(tree.ActivityPattern(names)) if names else None
        elif isinstance(item, dict) and "do" in item:
            timed, repeated = "within" in item, "every" in item
            judged = not (timed or repeated)
            where = Where(in_stage=True, judged=judged, timed=timed, repeated=repeated)
            count = self.reader.demand(route, item, "do", where)
        else:
            count = None
        count = count or tree.ActivityCount(tree.ActivityPattern((name,)))
        tools = self._texts((*route, "tools"))
        if not tools:
            tools = self._texts(("activities", count.pattern.names[0], "tools"))
        return ActivityDemand(
            name=name,
            count=count,
            place=self.document.place(route),
            named=named,
            lengths=self._lengths(route, "activities"),
            when=self._condition((*route, "when"), _NOWHERE),
            level=self._level(route),
            starts=self._instant((*route, "from")),
            may_waive=self._may_waive(route),
            why=self._text((*route, "why")),
            ask=self._text((*route, "ask")),
            tools=tools,
        )

    # Sequences

    def _sequences(self) -> tuple[Sequence, ...]:
        items = self._list(("sequence",))
        self._check_ids(("sequence",), items)
        found = [
            self._sequence(("sequence", index), item)
            for index, item in enumerate(items)
            if isinstance(item, dict)
        ]
        return tuple(sequence for sequence in found if sequence is not None)

    def _sequence(self, route: Route, data: dict[str, Any]) -> Sequence | None:
        kinds = [kind for kind in _KINDS if kind in data]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "none"
            message = f"a sequence needs exactly one of before, after, if and until, not {said}"
            hint = "make two rules of it" if kinds else "write which events the rule is about"
            place = self.document.key_place((*route, kinds[1] if kinds else ""))
            if not any((*route, key) in self._damaged and key not in _SEQUENCE for key in data):
                self.reader.report(place, message, "sequence", hint)
        if not kinds:
            return None
        kind: Any = kinds[0]
        for key, (takers, hint) in _TAKES.items():
            if key in data and kind not in takers:
                place = self.document.key_place((*route, key))
                self.reader.report(place, f"{key} does not go with {kind}", "sequence", hint)
        return self._complete_sequence(route, data, kind)

    def _complete_sequence(
        self, route: Route, data: dict[str, Any], kind: Literal["before", "after", "if", "until"]
    ) -> Sequence | None:
        of_date = kind == "until"
        until = self.reader.date((*route, kind)) if of_date else None
        matches = () if of_date else self.reader.pattern((*route, kind), judged=False)
        need, answers = None, None
        if "need" in data:
            if kind in _OF_CONDITIONS:
                need = self.reader.condition((*route, "need"), Where(judged=not of_date))
            else:
                answers = self.reader.pattern((*route, "need"), judged=True)
        within = self._duration((*route, "within"))
        when = self._condition((*route, "when"), _NOWHERE)
        starts = self._instant((*route, "from"))
        if not isinstance(data.get("id"), str):
            return None
        return Sequence(
            id=data["id"],
            title=self._text((*route, "title")),
            kind=kind,
            matches=(tree.StagePattern(""),) if matches is None else matches,
            need=need or (_BROKEN if kind in _OF_CONDITIONS else None),
            answers=answers or (),
            place=self.document.place((*route, "id")),
            first_only=data.get("which") == "first",
            later=data.get("later") is True,
            within=within,
            until=until,
            when=when,
            level=self._level(route),
            starts=starts,
            may_waive=self._may_waive(route),
            why=self._text((*route, "why")),
            ask=self._text((*route, "ask")),
        )


_BESIDE_BY = ("when", "level", "from", "may_waive")
_KINDS = [row.key for row in FAMILIES.values() if row.section == "sequence"]
_SEQUENCE = (*_KINDS, "need", "id")
_TAKES = {
    "within": (("after",), "of sequences only after takes within"),
    "which": (("before", "after", "if"), "until asks at the date that stands then"),
    "later": (("if",), "of sequences only if takes later; what after asks for comes later anyway"),
}
_OF_CONDITIONS = ("before", "until")
