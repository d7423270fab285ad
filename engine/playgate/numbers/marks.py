"""Which facts look as if they were recorded so that a rule passes: marks on what counts as met.

One pass over the deals notes, of each rule that was met, the events on which it rests, and of all
deals the texts and the activities that are on record. Only then can be told which texts stand in
many deals, and which activities were logged in a batch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from playgate.conditions.instants import to_datetime
from playgate.history.deal import Deal
from playgate.history.event import Event, read_attrs
from playgate.judge.after_verdict import charged_to, done_at
from playgate.judge.judge import Judge
from playgate.judge.verdict import Verdict
from playgate.model.numbers import Batch, Quality, SameText
from playgate.model.playbook import Playbook
from playgate.numbers.evidence import Evidence, Find, finder
from playgate.numbers.period import Period, week_reader

__all__ = ["MARKS", "Chance", "Mark", "Noted"]

Mark = Literal["just_before", "same_text", "batch", "at_threshold"]
MARKS: tuple[Mark, ...] = ("just_before", "same_text", "batch", "at_threshold")

_Text = tuple[str, str]
"""Where a text stands, and what it says: without case, spaces as one."""


class Chance(NamedTuple):
    """A rule that was met on a deal, by whom, in which week the latest of its facts was recorded,
    and what marks these have."""

    rule: int
    rep: str
    deal: str
    week: int
    marks: frozenset[Mark]


class _Met(NamedTuple):
    """What is kept of a rule that was met until all deals are known."""

    rule: int
    rep: str
    deal: str
    week: int
    marks: tuple[Mark, ...]
    texts: tuple[_Text, ...]
    activities: tuple[tuple[str, int], ...]
    """Who logged them, and when."""
    gate: int | None
    """When the move came that needs it."""


class Noted:
    """What is noted of the deals that go by, and the marks in the end."""

    def __init__(
        self, playbook: Playbook, quality: Quality, *, period: Period, programs: Collection[str]
    ) -> None:
        self._playbook = playbook
        self._quality = quality
        self._period = period
        self._programs = frozenset(programs)
        self._week = week_reader(playbook.zone)
        same = quality.same_text
        self._letters = same.letters if same is not None else 0
        self._prose = {name for name, each in playbook.fields.items() if each.kind == "text"}
        self._finders: list[Find | None] = []
        self._judge: Judge | None = None
        self._lost: frozenset[str] = frozenset()
        self._met: list[_Met] = []
        self._deals_with: Counter[_Text] = Counter()
        self._filled: Counter[str] = Counter()
        self._logged: dict[str, list[int]] = defaultdict(list)

    def begin(self, judge: Judge) -> None:
        """Begins with the judge by whom the deals are read."""
        self._judge = judge
        self._lost = judge.track.lost
        self._finders = [
            None if rule.rule.info.level == "observe" else finder(judge, rule)
            for rule in judge.rules
        ]

    # Deal by deal

    def add(self, deal: Deal, verdicts: Sequence[Verdict | None]) -> None:
        """Notes what is on record of a deal, and which rules were met by it."""
        assert self._judge is not None  # noqa: S101  (the caller began)
        self._note_records(deal)
        for place, (find, verdict) in enumerate(zip(self._finders, verdicts, strict=True)):
            if find is None or verdict is None or verdict.verdict != "met":
                continue
            if done_at(self._judge.rules[place], deal, verdict) in self._period:
                found = [
                    each for each in find(deal, verdict.due.moment) if self._is_own(deal, each)
                ]
                if found:
                    self._met.append(self._met_by(deal, place, verdict, found))

    def _is_own(self, deal: Deal, found: Evidence) -> bool:
        return deal.events[found.position].actor not in self._programs

    def _note_records(self, deal: Deal) -> None:
        texts: set[_Text] = set()
        for event in deal.events:
            if event.kind == "activity":
                self._logged[event.actor].append(event.recorded_at)
            texts.update(self._texts(event))
        self._deals_with.update(texts)
        self._filled.update({where for where, _ in texts})

    def _texts(self, event: Event) -> Iterator[_Text]:
        """Yields the long texts of a field or of an activity's attributes; choices are none."""
        if event.kind == "field" and event.name in self._prose:
            told = [(event.name, event.value)]
        elif event.kind == "activity" and len(event.attrs) > self._letters:
            told = [(f"{event.name} {name}", each) for name, each in read_attrs(event).items()]
        else:
            return
        for where, said in told:
            if isinstance(said, str) and len(said.strip()) >= self._letters:
                yield where, " ".join(said.split()).casefold()

    def _met_by(self, deal: Deal, rule: int, verdict: Verdict, found: list[Evidence]) -> _Met:
        events = [deal.events[each.position] for each in found]
        gate = self._gate(deal, verdict)
        marks: list[Mark] = []
        if self._quality.at_threshold and any(each.at_bound for each in found):
            marks.append("at_threshold")
        if gate is not None and any(self._is_just_before(deal, each, gate) for each in found):
            marks.append("just_before")
        return _Met(
            rule,
            charged_to(deal, verdict.due),
            deal.id,
            self._week(max(event.recorded_at for event in events)),
            tuple(marks),
            tuple(text for event in events for text in self._texts(event)),
            tuple((each.actor, each.recorded_at) for each in events if each.kind == "activity"),
            gate,
        )

    def _gate(self, deal: Deal, verdict: Verdict) -> int | None:
        """Returns when the move was made that needed the rule; `None` where no move was judged, of
        the first, which opens the deal, and where it was lost, as why is known only then."""
        position = verdict.due.position
        if position < 0 or deal.events[position].kind != "stage" or position == deal.moves[0]:
            return None
        is_lost = deal.events[position].name in self._lost
        return None if is_lost else verdict.due.at

    def _is_just_before(self, deal: Deal, found: Evidence, gate: int) -> bool:
        """Whether a field got its value only so short before the move."""
        limit, event = self._quality.just_before, deal.events[found.position]
        if limit is None or event.kind != "field":
            return False
        track = deal.fields[event.name]
        place = track.positions.index(found.position)
        while place and track.values[place - 1] == track.values[place]:
            place -= 1
        return limit.before(self._playbook.calendar)(gate) <= track.instants[place] <= gate

    # All of them

    def chances(self) -> Iterator[Chance]:
        """Yields every rule that was met by facts, with their marks."""
        same, batch = self._quality.same_text, self._quality.batch
        often = set() if same is None else set(self._often(same))
        batched = {} if batch is None else self._batched(batch)
        for each in self._met:
            marks = set(each.marks)
            if not often.isdisjoint(each.texts):
                marks.add("same_text")
            if batch is not None and any(
                at in batched.get(actor, ()) and self._is_at_end(batch, at, each.gate)
                for actor, at in each.activities
            ):
                marks.add("batch")
            yield Chance(each.rule, each.rep, each.deal, each.week, frozenset(marks))

    def _often(self, same: SameText) -> Iterator[_Text]:
        for text, deals in self._deals_with.items():
            least: float = same.deals or 2
            if same.share is not None:
                least = max(least, same.share * self._filled[text[0]])
            if deals >= least:
                yield text

    def _batched(self, batch: Batch) -> dict[str, set[int]]:
        """Returns by actor the instants at which activities were logged in a batch."""
        within = batch.within.elapsed or 0
        found: dict[str, set[int]] = {}
        for actor, logged in self._logged.items():
            logged.sort()
            own = found[actor] = set()
            for first, at in enumerate(logged):
                last = bisect_right(logged, at + within)
                if last - first >= batch.activities:
                    own.update(logged[first:last])
        return found

    def _is_at_end(self, batch: Batch, at: int, gate: int | None) -> bool:
        """Whether an instant lies at the end of a week, or just before a gate."""
        if gate is not None and 0 <= gate - at <= (batch.within.elapsed or 0):
            return True
        last = max(self._playbook.calendar.workdays)
        return to_datetime(at, self._playbook.zone).weekday() >= last
