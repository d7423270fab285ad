"""The rules of a playbook: everything that can be judged on its own, with id, level and place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from playgate.conditions.describe import describe, describe_activity, describe_patterns
from playgate.errors import Place
from playgate.findings import Level, RuleInfo
from playgate.playbook.model import ActivityDemand, Demand, Playbook, Sequence, Stage
from playgate.records import Record

__all__ = ["Family", "Rule", "glob_matches", "list_rules", "sequence_title"]

Family = Literal[
    "entered",
    "entry",
    "by",
    "activity",
    "within",
    "exit",
    "hold",
    "time",
    "back",
    "reopened",
    "before",
    "after",
    "if",
    "idle",
    "age",
    "fit",
]


class Rule(Record):
    """A rule and what it was made from."""

    info: RuleInfo
    family: Family
    starts: int | None
    """Not in force before this instant."""
    stage: Stage | None = None
    demand: Demand | ActivityDemand | None = None
    sequence: Sequence | None = None


def glob_matches(glob: str, rule_id: str) -> bool:
    """Whether `glob` names the rule; `*` stands for anything, slashes included."""
    first, *pieces = glob.split("*")
    if not pieces:
        return glob == rule_id
    *pieces, last = pieces
    if not rule_id.startswith(first):
        return False
    # Each piece where it stands first: no later place could leave more for the rest.
    position = len(first)
    for piece in pieces:
        position = rule_id.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return len(rule_id) - len(last) >= position and rule_id.endswith(last)


def list_rules(playbook: Playbook) -> tuple[Rule, ...]:
    """All rules in the order of the playbook, settings applied."""
    return tuple(_Lister(playbook).rules())


class _Lister:
    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook

    def rules(self) -> Iterator[Rule]:
        for stage in self.playbook.stages:
            yield from self._of_stage(stage)
        place = self.playbook.place
        yield self._rule("order/back", "back", place, "No move back on the track")
        yield self._rule("order/reopened", "reopened", place, "No move out of a stage with an end")
        for sequence in self.playbook.sequence:
            yield self._of_sequence(sequence)
        limits = self.playbook.limits
        if idle := limits.get("idle"):
            yield self._rule(
                "limit/idle", "idle", idle.place, f"An activity or a move every {idle.length}"
            )
        if age := limits.get("age"):
            yield self._rule("limit/age", "age", age.place, f"Ended within {age.length}")
        if self.playbook.profiles:
            names = ", ".join(profile.id for profile in self.playbook.profiles)
            place = self.playbook.profiles_place
            yield self._rule("profile/fit", "fit", place, f"Fits a profile: {names}")

    def _of_stage(self, stage: Stage) -> Iterator[Rule]:
        if stage.ends is None:
            title = f"{stage.title}: entered"
            yield self._rule(f"{stage.id}/entered", "entered", stage.place, title, stage=stage)
        yield from self._demands(stage, "entry", stage.entry)
        if stage.by:
            title = f"Moved here by {' or '.join(stage.by)}"
            yield self._rule(f"{stage.id}/by", "by", stage.by_place, title, stage=stage)
        for activity in stage.activities:
            yield from self._of_activity(stage, activity)
        yield from self._demands(stage, "exit", stage.exit)
        yield from self._demands(stage, "hold", stage.hold)
        if limit := stage.lengths.get("time_limit"):
            title = f"Left within {limit.length}"
            yield self._rule(f"{stage.id}/time", "time", limit.place, title, stage=stage)

    def _demands(
        self, stage: Stage, family: Literal["entry", "exit", "hold"], demands: tuple[Demand, ...]
    ) -> Iterator[Rule]:
        for demand in demands:
            title = describe(demand.condition)
            rule_id = f"{stage.id}/{family}/{demand.name}"
            yield self._rule(rule_id, family, demand.place, title, stage=stage, demand=demand)

    def _of_activity(self, stage: Stage, demand: ActivityDemand) -> Iterator[Rule]:
        title = describe_activity(demand.count)
        rule_id = f"{stage.id}/activity/{demand.name}"
        yield self._rule(rule_id, "activity", demand.place, title, stage=stage, demand=demand)
        if within := demand.lengths.get("within"):
            title = f"{title}, within {within.length} of entering {stage.id}"
            rule_id = f"{stage.id}/within/{demand.name}"
            yield self._rule(rule_id, "within", demand.place, title, stage=stage, demand=demand)

    def _of_sequence(self, sequence: Sequence) -> Rule:
        title = sequence.title or sequence_title(sequence)
        rule_id = f"sequence/{sequence.id}"
        return self._rule(rule_id, sequence.kind, sequence.place, title, sequence=sequence)

    def _rule(
        self,
        rule_id: str,
        family: Family,
        place: Place,
        title: str,
        *,
        stage: Stage | None = None,
        demand: Demand | ActivityDemand | None = None,
        sequence: Sequence | None = None,
    ) -> Rule:
        stands = demand or sequence
        level, starts = self._settings(rule_id, stage, stands)
        info = RuleInfo(
            id=rule_id,
            family=family,
            stage=stage.id if stage else "",
            level=level,
            title=title,
            place=place,
            why=stands.why if stands else "",
            ask=stands.ask if stands else "",
            tools=demand.tools if isinstance(demand, ActivityDemand) else (),
            playbook=self.playbook.name,
        )
        return Rule(info, family, starts, stage, demand, sequence)

    def _settings(
        self, rule_id: str, stage: Stage | None, stands: Demand | ActivityDemand | Sequence | None
    ) -> tuple[Level, int | None]:
        """Setting by setting: `rules`, what stands in place, the stage's, the playbook's."""
        level: Level | None = None
        starts: int | None = None
        for settings in reversed(self.playbook.settings):
            if glob_matches(settings.glob, rule_id):
                level = level or settings.level
                starts = settings.starts if starts is None else starts
        if level is None and rule_id.startswith("order/"):
            level = "observe"
        level = (
            level
            or (stands.level if stands else None)
            or (stage.level if stage else None)
            or self.playbook.level
            or "block"
        )
        if starts is None and stands is not None:
            starts = stands.starts
        return level, self.playbook.starts if starts is None else starts


def sequence_title(sequence: Sequence) -> str:
    """What a sequence asks, as a phrase; its author's own title is another thing."""
    what = describe_patterns(sequence.matches)
    every = "the first " if sequence.first_only else ""
    if sequence.kind == "before":
        assert sequence.need is not None  # noqa: S101  (`before` always has a condition)
        return f"Before {every}{what}: {describe(sequence.need)}"
    answer = describe_patterns(sequence.answers)
    if sequence.kind == "if":
        return f"With {what} also {answer}"
    within = f", within {sequence.within}" if sequence.within else ""
    return f"After {every}{what}: {answer}{within}"
