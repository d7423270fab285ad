"""A history → a draft: its stages in order, what deals did and knew in them, as proposals.

Everything proposed has a comment with what was seen. The history is walked twice: once to find the
stages, their order and their ends, and once to count what was done and known when each was left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil

from playgate.conditions.instants import Zone
from playgate.conditions.values import Reading
from playgate.drafting.draft import (
    Asked,
    Draft,
    DraftActivity,
    DraftField,
    DraftStage,
    End,
    end_of,
    id_of,
)
from playgate.drafting.seen import HistorySeen, moves_of
from playgate.errors import InputError
from playgate.history.event import Event

__all__ = ["Deals", "draft_of_history"]

Deals = Callable[[], Iterable[Sequence[Event]]]
"""Gives the events of each deal, in order, as often as it is asked."""

_MOST_STAGES = 60
_MOST_OBSERVED = 40
_FEWEST = 3
"""Of fewer deals nothing is proposed."""
_MOST = 0.8
_MANY = 0.6
_SELDOM_LEFT = 0.2
_NEVER_LEFT = 0.02
_MANY_WAYS = 3
_SILENCES = 0.95
_SHORTEST = 7
_MOST_OUTCOMES = 10
_OWNER = "owner"


def draft_of_history(
    deals: Deals, *, name: str, zone: Zone, timezone: str, approvers: tuple[str, ...] = ()
) -> Draft:
    """Returns the draft that a history proposes; raises `InputError` where it has no stages."""
    seen = HistorySeen(Reading(frozenset(), zone))
    for events in deals():
        seen.see(events)
    _check(seen)
    ends = _ends(seen)
    track = seen.in_order(stage for stage in seen.entered if ends[stage] != "lost")
    track = [each for each in track if not ends[each]] + [each for each in track if ends[each]]
    left = _Left(track, ends)
    for events in deals():
        left.see(events)
    return _Proposal(seen, ends, left).draft(name=name, timezone=timezone, approvers=approvers)


def _check(seen: HistorySeen) -> None:
    if not seen.entered:
        message = f"there is no stage in the history of {_deals(seen.deals)}"
        hint = "rows of kind stage say which stage a deal came into; a mapping makes them: --map"
        raise InputError(message, hint=hint, code="nothing-to-judge")
    if len(seen.entered) > _MOST_STAGES:
        message = f"{len(seen.entered)} stages are too many to propose a playbook"
        hint = "is another column taken for the stage? see the mapping's rows of kind stage"
        raise InputError(message, hint=hint, code="wrong-value")


def _deals(number: int) -> str:
    return f"{number:,} deal{'' if number == 1 else 's'}"


def _ends(seen: HistorySeen) -> dict[str, End]:
    """Returns how each stage ends a deal: by its name, or as hardly any deal ever left it."""
    found: dict[str, End] = dict.fromkeys(seen.entered, "")
    order = seen.in_order(seen.entered)
    for stage, entered in seen.entered.items():
        share_left = seen.left[stage] / entered
        if end_of(stage) and share_left <= _SELDOM_LEFT:
            found[stage] = end_of(stage)
        elif share_left <= _NEVER_LEFT and entered >= _FEWEST:
            from_many = len(seen.came_from.get(stage, ())) >= _MANY_WAYS
            is_last = stage == next((each for each in reversed(order) if not end_of(each)), "")
            found[stage] = "won" if is_last else "lost" if from_many else ""
    if all(found.values()):
        # A deal must be able to be open somewhere: the stage that most deals left.
        found[max(seen.entered, key=lambda each: (seen.left[each], seen.entered[each]))] = ""
    return found


class _Left:
    """Counts what was done and known when deals passed each stage, or came to their end."""

    def __init__(self, track: Sequence[str], ends: Mapping[str, End]) -> None:
        self.track = tuple(track)
        self._place = {stage: place for place, stage in enumerate(track)}
        self._ends = ends
        self.passed: Counter[str] = Counter()
        """How many deals passed each stage, and how many of them had been in it."""
        self.been: Counter[str] = Counter()
        self.done: Counter[tuple[str, str]] = Counter()
        """By stage and activity, how many of those that had been in it had done it by then."""
        self.known: Counter[tuple[str, str]] = Counter()
        """By stage and field, how many of them knew it; of an end, of those that came into it."""
        self.first_done: dict[str, Counter[str]] = {}
        """By activity, how many deals did it first in each stage."""

    def see(self, events: Sequence[Event]) -> None:
        """Takes one deal."""
        moves = moves_of(events)
        done: set[str] = set()
        known: set[str] = set()
        been: set[str] = set()
        furthest, stage = -1, ""
        into = dict(zip(moves.at, moves.stages, strict=True))
        for position, event in enumerate(events):
            if position in into:
                stage = into[position]
                furthest = self._moved(stage, furthest, been, done, known)
                been.add(stage)
            elif event.kind == "activity" and event.name not in done:
                done.add(event.name)
                self.first_done.setdefault(event.name, Counter())[stage] += 1
            elif event.kind == "field":
                (known.add if event.value.strip() else known.discard)(event.name)

    def _moved(
        self, stage: str, furthest: int, been: set[str], done: set[str], known: set[str]
    ) -> int:
        """Counts a move for the stages that it is the first to pass, and returns how far the deal
        has come."""
        place = self._place.get(stage, -1)
        for passed in self.track[max(furthest, 0) : max(place, 0)]:
            if self._ends[passed]:
                continue
            self.passed[passed] += 1
            if passed in been:
                self.been[passed] += 1
                self.done.update((passed, name) for name in done)
                self.known.update((passed, name) for name in known)
        if self._ends[stage] and stage not in been:
            self.been[stage] += 1
            self.known.update((stage, name) for name in known)
        return max(furthest, place)

    def share(self, counts: Counter[tuple[str, str]], stage: str, name: str) -> float:
        """Returns the share of the deals that had been in a stage; 0 of too few."""
        been = self.been[stage]
        return counts[stage, name] / been if been >= _FEWEST else 0.0


class _Proposal:
    """Puts what was seen into a draft."""

    def __init__(self, seen: HistorySeen, ends: Mapping[str, End], left: _Left) -> None:
        self._seen = seen
        self._ends = ends
        self._left = left
        stages: dict[str, str] = {}
        for stage in (*left.track, *(each for each in seen.entered if ends[each] == "lost")):
            stages[stage] = id_of(stage, taken=stages.values(), keep=True) or f"stage-{len(stages)}"
        self._stages = stages
        self._fields = _ids(each for each in seen.fields if each != _OWNER)
        self._activities = _ids(seen.activities)

    def draft(self, *, name: str, timezone: str, approvers: tuple[str, ...]) -> Draft:
        idle, note = self._idle()
        placeholders = {each for field in self._seen.fields.values() for each in field.placeholders}
        return Draft(
            name=name,
            title=f"What {_deals(self._seen.deals)} show",
            timezone=timezone,
            level="warn",
            stages=tuple(self._all_stages()),
            fields=tuple(self._field(*each) for each in self._fields.items()),
            activities=tuple(self._activity(*each) for each in self._activities.items()),
            approvers=approvers,
            idle=idle,
            idle_note=note,
            placeholders=tuple(sorted(placeholders)),
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        yield (
            f"Proposed from a history of {_deals(self._seen.deals)}. What stands behind a # was "
            "seen; what is asked is a proposal. Change it until it says how you mean to sell."
        )
        ids = {**self._stages, **self._fields, **self._activities}
        renamed = ", ".join(f'"{_plain(old)}" → {new}' for old, new in ids.items() if old != new)
        if renamed:
            yield f"No ids, so that a mapping has to translate them (names): {renamed}."

    # Stages

    def _all_stages(self) -> Iterator[DraftStage]:
        yield from (self._stage(stage) for stage in self._left.track if not self._ends[stage])
        for end in ("won", "lost"):
            found = [stage for stage in self._stages if self._ends[stage] == end]
            yield from (self._end(stage, end) for stage in found)
            if not found:
                new = id_of(end, taken=self._stages.values())
                note = f"No stage of the history looks like one that ends a deal as {end}."
                yield DraftStage(id=new, title=new, ends=end, note=note)

    def _stage(self, stage: str) -> DraftStage:
        passed, been = self._left.passed[stage], self._left.been[stage]
        entered = self._seen.entered[stage]
        note = f"{_deals(entered)} came here"
        if passed:
            note += f"; of {passed:,} that passed it {been:,} had been here"
        return DraftStage(
            id=self._stages[stage],
            title=_title(stage),
            optional=passed >= _FEWEST and been < passed / 2,
            do=tuple(self._do(stage)),
            known=tuple(self._known(stage)),
            note=note + ".",
        )

    def _end(self, stage: str, end: End) -> DraftStage:
        entered, left = self._seen.entered[stage], self._seen.left[stage]
        why = (
            f"{_deals(entered)} ended here"
            if not left
            else (f"{_deals(entered)} came here, and {left:,} went on")
        )
        note = f"{why}: taken for an end as {end}."
        known = tuple(self._known(stage)) if end == "lost" else ()
        return DraftStage(
            id=self._stages[stage], title=_title(stage), ends=end, known=known, note=note
        )

    def _do(self, stage: str) -> Iterator[Asked]:
        """Yields the activities that most deals did by the time they passed the stage in which
        they are done first."""
        for name, new in self._activities.items():
            home = self._left.first_done[name].most_common(1)[0][0]
            if home == stage and self._left.share(self._left.done, stage, name) >= _MANY:
                done, been = self._left.done[stage, name], self._left.been[stage]
                yield Asked(name=new, note=f"done in {done:,} of {been:,}")

    def _known(self, stage: str) -> Iterator[Asked]:
        for name, new in self._fields.items():
            homes = self._homes(name)
            known, been = self._left.known[stage, name], self._left.been[stage]
            note = f"known in {known:,} of {been:,}"
            if stage in homes:
                yield Asked(name=new, note=note)
            elif not homes and stage == self._last and name in self._observed:
                yield Asked(name=new, level="observe", note=note)

    def _homes(self, field: str) -> list[str]:
        """Returns the first stage by whose end nearly all know a field, else the lost ends that
        nearly all know it at."""
        share = self._left.share
        open_stages = [each for each in self._left.track if not self._ends[each]]
        for stage in open_stages:
            if share(self._left.known, stage, field) >= _MOST:
                return [stage]
        lost = [each for each in self._stages if self._ends[each] == "lost"]
        return [each for each in lost if share(self._left.known, each, field) >= _MOST]

    @property
    def _last(self) -> str:
        return [each for each in self._left.track if not self._ends[each]][-1]

    @property
    def _observed(self) -> set[str]:
        """The fields, those that most deals have first, that are only watched."""
        fields = sorted(self._fields, key=lambda each: -self._seen.fields[each].deals)
        return {*[each for each in fields if not self._homes(each)][:_MOST_OBSERVED]}

    # What is declared

    def _field(self, name: str, new: str) -> DraftField:
        seen = self._seen.fields[name]
        note = f"in {_deals(seen.deals)}"
        if seen.unread:
            note += f"; {seen.unread:,} of {seen.values:,} values do not read as such"
        return DraftField(id=new, kind=seen.kind, options=seen.options, note=note)

    def _activity(self, name: str, new: str) -> DraftActivity:
        seen = self._seen.activities[name]
        kinds = sorted(seen.outcomes, key=lambda each: (-seen.outcomes[each], each))
        is_short = 1 < len(kinds) <= _MOST_OUTCOMES and all(
            each.isprintable() and each == each.strip() and seen.outcomes[each] > 1
            for each in kinds
        )
        note = f"{seen.times:,} times in {_deals(seen.deals)}"
        outcomes = tuple(kinds) if is_short else ()
        return DraftActivity(id=new, title=_title(name), outcomes=outcomes, note=note)

    def _idle(self) -> tuple[str, str]:
        """Returns the time that nearly all silences are shorter than."""
        silences = self._seen.silences
        total, passed = sum(silences.values()), 0
        if total < _FEWEST:
            return "", ""
        for days in sorted(silences):
            passed += silences[days]
            if passed >= ceil(total * _SILENCES):
                break
        days = max(days + 1, _SHORTEST)
        return f"{days} days", f"95 of 100 silences between two steps were shorter ({total:,} seen)"


def _ids(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        new = id_of(name, joint="_", taken=found.values(), keep=True)
        found[name] = new or f"name_{len(found) + 1}"
    return found


def _title(name: str) -> str:
    """Returns a name as a title: `needs_interview` as `Needs interview`."""
    words = " ".join(_plain(name).replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:] if words else "?"


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
