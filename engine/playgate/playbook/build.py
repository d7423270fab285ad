"""Document → playbook model. Reads every part, reports every mistake, and stops for none."""

from __future__ import annotations

from datetime import date
from typing import Any

from playgate.conditions import tree
from playgate.conditions.calendar import WEEKDAYS, Calendar
from playgate.conditions.instants import load_zone
from playgate.conditions.parse import Where
from playgate.conditions.values import Reading
from playgate.documents.document import Document, Route, quoted, resembles
from playgate.errors import Mistake
from playgate.model.experiments import arm_version
from playgate.model.playbook import (
    ActivityDemand,
    ActivityKind,
    Demand,
    Experiment,
    Holidays,
    Migration,
    Playbook,
    Profile,
    SetBy,
    Settings,
    Stage,
)
from playgate.playbook.declared import timezone_hint
from playgate.playbook.holidays import read_holidays
from playgate.playbook.naming import name_all, own_name
from playgate.playbook.pieces import BROKEN, NOWHERE
from playgate.playbook.read_sequences import SequenceReader

__all__ = ["build"]

_STAGE = Where(in_stage=True, judged=True)
_UNJUDGED_STAGE = Where(in_stage=True)


def build(
    document: Document, damaged: frozenset[Route], mistakes: list[Mistake]
) -> Playbook | None:
    """Reads the playbook in `document`; parts with mistakes are left out, and reported to
    `mistakes`.

    `None` where the document is no mapping with stages at all.
    """
    if not isinstance(document.data, dict):
        return None
    if "arm" in document.data:
        from playgate.playbook.arm import as_armed  # few playbooks are one side of an experiment

        document = as_armed(document)
    return _PlaybookBuilder(document, damaged, mistakes).playbook()


class _PlaybookBuilder(SequenceReader):
    def playbook(self) -> Playbook:
        data = self.data
        if load_zone(self.zone_name) is None:
            message = f"time zone {quoted(self.zone_name)} does not exist"
            hint = timezone_hint(self.zone_name)
            self._report(("timezone",), message, "unknown-timezone", hint)
        placeholders = frozenset(text.strip().casefold() for text in self._texts(("placeholders",)))
        holidays = read_holidays(self.document, self._damaged, self.mistakes)
        experiments, arm = self._experiments()
        version = data["version"] if isinstance(data.get("version"), int | str) else ""
        return Playbook(
            name=self._text(("playbook",)),
            version=arm_version(version, arm) if arm else version,
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
            applies_to=self._condition(("applies_to",), NOWHERE),
            roles=tuple(self.names.roles),
            may_waive=self._may_waive(()),
            automation=self._texts(("automation",)),
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
            experiments=experiments,
            arm=arm,
        )

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
            when=self._condition((*route, "when"), NOWHERE),
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
            name: self.reader.condition(("signals", name), NOWHERE) for name in self.names.signals
        }
        return {name: condition for name, condition in found.items() if condition is not None}

    def _profiles(self) -> tuple[Profile, ...]:
        profiles = []
        for name in self._keys("profiles"):
            route = ("profiles", name)
            groups = {
                group: self._condition((*route, "fit", group), NOWHERE)
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
                self._condition(("rules", glob, "when"), NOWHERE),
                self._may_waive(("rules", glob)),
            )
            for glob in self._mapping(("rules",))
        )

    def _migration(self) -> Migration:
        if "migration" not in self.data:
            return Migration()
        from playgate.playbook.migration import read_migration  # most playbooks have none

        return read_migration(document=self.document, reader=self.reader, names=self.names)

    def _experiments(self) -> tuple[tuple[Experiment, ...], str]:
        """Returns the experiments, or which of them this playbook has the change of: then none
        is tried with it again."""
        if "experiments" not in self.data:
            return (), ""
        from playgate.playbook.read_experiments import read_experiments  # most playbooks have none

        found = read_experiments(self.document, self.reader, self.zone)
        arm = self.data.get("arm")
        return ((), str(arm)) if any(each.id == arm for each in found) else (found, "")

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
            when=self._condition((*route, "when"), NOWHERE),
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
                condition=self.reader.condition((*route, index), where) or BROKEN,
                place=self.document.place((*route, index)),
                named=isinstance(given[index], str),
                when=self._condition((*route, index, "when"), NOWHERE),
                level=self._level((*route, index)),
                starts=self._instant((*route, index, "from")),
                may_waive=self._may_waive((*route, index)),
                why=self._text((*route, index, "why")),
                ask=self._text((*route, index, "ask")),
            )
            for index, name in enumerate(names)
        )

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
            when=self._condition((*route, "when"), NOWHERE),
            level=self._level(route),
            starts=self._instant((*route, "from")),
            may_waive=self._may_waive(route),
            why=self._text((*route, "why")),
            ask=self._text((*route, "ask")),
            tools=tools,
        )


_BESIDE_BY = ("when", "level", "from", "may_waive")
