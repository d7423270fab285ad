"""What to look at deal by deal: what to do on open ones, and what happened on those with findings.

Two passes over a history. The first judges every deal and keeps a line of each that is open or has
a finding; the second reads again the few that are shown. So a history of any length takes little
memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from heapq import nlargest
from math import inf
from typing import NamedTuple

from playgate.enforce.decide import decide
from playgate.enforce.remedy import Remedy, remedies
from playgate.enforce.standing import deadlines_ahead, next_stage
from playgate.enforce.values import Ahead
from playgate.findings import LEVELS, Finding
from playgate.history.deal import Deal, no_roles
from playgate.history.event import Event
from playgate.history.people import People
from playgate.history.walk import Rows, walk
from playgate.judge.after_verdict import done_at, is_made_good
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.model.numbers import Occurrence
from playgate.model.playbook import Playbook
from playgate.numbers.history import History, some_deals
from playgate.numbers.occurrences import Reader, responsible
from playgate.numbers.period import Period
from playgate.records import Record

__all__ = ["Band", "Dossier", "Told", "Worklist", "worklist"]

_EDGES = (0.0, 0.5, 0.75, 0.9, 1.0)
"""The bounds of the shares of steps followed by which deals are grouped; the last group followed
all."""


class Told(Record):
    """A finding, and what would make it good."""

    finding: Finding
    remedies: tuple[Remedy, ...]


class Dossier(Record, kw_only=True):
    """A deal: where it stands, what was found, the way on, and all that happened."""

    deal: str
    owner: str
    is_open: bool
    has_work: bool
    """Whether something that was missed on the open deal can still be made good."""
    stage: str
    since: int | None
    findings: tuple[Told, ...]
    """All at `block` and `warn`, the open ones first."""
    next_stage: str
    way: tuple[Told, ...]
    """What refuses the move into the next stage, apart from what `findings` tell."""
    ahead: tuple[Ahead, ...]
    events: tuple[Event, ...]

    @property
    def to_do(self) -> tuple[Told, ...]:
        """What can be done about it today: to make good what is open, then to move on."""
        if not self.is_open:
            return ()
        is_open = (told for told in self.findings if told.finding.state == "open")
        return tuple(told for told in (*is_open, *self.way) if told.remedies)


class Band(Record):
    """Decided deals that came to the landmark, and until there followed a like share of their
    steps: how many, and how many were won."""

    low: float
    high: float
    deals: int
    won: int


class Worklist(Record, kw_only=True):
    """What a report shows deal by deal; `to_do` counts open deals with an open finding, `listed`
    those that are open or have a finding."""

    open: int
    to_do: int
    listed: int
    dossiers: tuple[Dossier, ...]
    landmark: str
    """The stage in the middle of the track."""
    bands: tuple[Band, ...]


class _Urgency(NamedTuple):
    """What brings a deal to the front: an open deal with work to do, an open one, then the
    gravest, then the latest."""

    has_work: bool
    is_open: bool
    block: int
    warn: int
    latest: int
    deal: str


def worklist(
    playbook: Playbook,
    history: History,
    *,
    people: People | None,
    as_of: int,
    period: Period,
    most: int,
    progress: Callable[[int], None] | None = None,
) -> Worklist:
    """Returns the `most` deals that most need a look, of those that are open or have a finding due
    in the period; open ones without work to do stand in the order of what falls due."""
    found = _WorklistPass(playbook, people, as_of, period)
    for deal in found.deals(history.deals(), progress):
        found.add(deal)
    keys = nlargest(most, found.keys)
    chosen = {key.deal: place for place, key in enumerate(keys)}
    dossiers = [
        found.dossier(deal, has_work=keys[chosen[deal.id]].has_work)
        for deal in found.deals(some_deals(history, chosen))
    ]

    def order(each: Dossier) -> tuple[bool, bool, float, int]:
        due = each.ahead[0].due_at if each.ahead and not each.has_work else inf
        return not each.has_work, not each.is_open, due, chosen[each.deal]

    return Worklist(
        open=found.open,
        to_do=sum(key.has_work for key in found.keys),
        listed=len(found.keys),
        dossiers=tuple(sorted(dossiers, key=order)),
        landmark=found.landmark,
        bands=found.bands(),
    )


class _WorklistPass:
    def __init__(
        self, playbook: Playbook, people: People | None, as_of: int, period: Period
    ) -> None:
        self._judge = Judge(playbook, has_people=people is not None)
        self._reader = self._judge.reader(people.roles if people else no_roles)
        self._explainer = Explainer(self._judge)
        self._outcomes = Reader(self._judge)
        self._as_of = as_of
        self._period = period
        self._adheres = [rule.rule.info.level != "observe" for rule in self._judge.rules]
        stages = self._judge.track.open
        self.landmark = stages[len(stages) // 2] if stages else ""
        halfway = Occurrence(reached=(self.landmark,)) if stages else Occurrence()
        self._halfway = self._outcomes.positions(halfway)
        self._won: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.keys: list[_Urgency] = []
        self.open = 0

    def deals(self, rows: Rows, progress: Callable[[int], None] | None = None) -> Iterator[Deal]:
        """Those that are judged, of which the playbook knows an event."""
        governs, as_of = self._judge.ever_governs, self._as_of
        for walked in walk(rows, self._reader, governs, as_of=as_of, progress=progress):
            if walked.governed:
                yield walked.deal

    # The first pass

    def add(self, deal: Deal) -> None:
        """Judges a deal and keeps a line of it where it is open or something was found."""
        self.open += deal.is_open
        outcome = self._outcomes.outcome(deal)
        decided = outcome.ended if outcome.sold is None else outcome.sold
        # Deals lost early had few steps to miss: only those that came halfway can be compared, by
        # what they had done until there.
        reached = self._halfway(deal)
        halfway = deal.happened[reached[0]] if reached else None
        met = unmet = latest = 0
        found: list[tuple[bool, str]] = []
        for index, verdict in enumerate(self._judge.judge(deal)):
            if verdict is None or not self._adheres[index] or verdict.verdict == "waived":
                continue
            rule, at = self._judge.rules[index], verdict.due.at
            if done_at(rule, deal, verdict) not in self._period:
                continue
            if halfway is not None and at <= halfway:
                met += verdict.verdict == "met"
                unmet += verdict.verdict == "unmet"
            if verdict.verdict == "unmet":
                is_work = deal.is_open and rule.rule.row.is_work
                is_work = is_work and not is_made_good(rule, deal, verdict)
                found.append((is_work, rule.rule.info.level))
                latest = max(latest, at)
        if met + unmet and decided is not None:
            band = self._won[_band(met / (met + unmet))]
            band[0] += 1
            band[1] += outcome.sold is not None
        if found or deal.is_open:
            work = any(is_work for is_work, _ in found)
            levels = [level for is_work, level in found if is_work or not work]
            counts = levels.count("block"), levels.count("warn")
            latest = latest or deal.happened[-1]
            self.keys.append(_Urgency(work, deal.is_open, *counts, latest, deal.id))

    def bands(self) -> tuple[Band, ...]:
        """Returns won and decided deals, by how much of the playbook they followed."""
        highs = (*_EDGES[1:], 1.0)
        return tuple(
            Band(low, high, *self._won[place])
            for place, (low, high) in enumerate(zip(_EDGES, highs, strict=True))
            if place in self._won
        )

    # The second

    def dossier(self, deal: Deal, *, has_work: bool) -> Dossier:
        """Returns a deal with all that is told of it."""
        told = sorted(self._told(deal), key=_by_weight)
        stage = deal.stage_at(self._as_of)
        way, following = self._way(deal) if deal.is_open else ((), "")
        known = {each.finding.rule.id for each in told if each.finding.state == "open"}
        return Dossier(
            deal=deal.id,
            owner=responsible(deal, len(deal.events) - 1),
            is_open=deal.is_open,
            has_work=has_work,
            stage=stage,
            since=deal.move_at[-1] if deal.move_at else None,
            findings=tuple(told),
            next_stage=following,
            way=tuple(each for each in way if each.finding.rule.id not in known),
            ahead=self._ahead(deal) if deal.is_open else (),
            events=tuple(deal.events),
        )

    def _told(self, deal: Deal) -> list[Told]:
        found = []
        for index, verdict in enumerate(self._judge.judge(deal)):
            if verdict is None or verdict.verdict == "met" or not self._adheres[index]:
                continue
            rule = self._judge.rules[index]
            if done_at(rule, deal, verdict) not in self._period:
                continue
            finding = self._explainer.finding(rule, deal, verdict)
            can_be = finding.state == "open" and deal.is_open
            ways = remedies(self._judge, rule, deal, verdict) if can_be else []
            found.append(Told(finding, tuple(ways)))
        return found

    def _way(self, deal: Deal) -> tuple[tuple[Told, ...], str]:
        following = next_stage(self._judge.playbook, self._judge, deal, deal.stage_at(self._as_of))
        if following is None:
            return (), ""
        # Nobody is known who will make the move: the deal's own people are the best guess.
        mover = responsible(deal, len(deal.events) - 1)
        attempt = Event(
            deal.id, self._as_of, "stage", following.id, "", mover, self._as_of, "\0", "", 0, 0
        )
        ruling = decide(
            self._judge, self._reader, deal.events, attempt, since=None, now=self._as_of
        )
        return tuple(
            Told(
                self._explainer.finding(each.rule, ruling.deal, each.verdict),
                tuple(remedies(self._judge, each.rule, ruling.deal, each.verdict)),
            )
            for each in ruling.answers
            if each.refuses
        ), following.id

    def _ahead(self, deal: Deal) -> tuple[Ahead, ...]:
        levels = {rule.rule.info.id: rule.rule.info.level for rule in self._judge.rules}
        ahead: Sequence[Ahead] = deadlines_ahead(
            self._judge, self._reader, deal.id, deal.events, at=self._as_of, now=self._as_of
        )
        return tuple(each for each in ahead if levels[each.rule] != "observe")


def _band(share: float) -> int:
    return max(place for place, low in enumerate(_EDGES) if share >= low)


def _by_weight(told: Told) -> tuple[int, int, int]:
    states = ("open", "made-good", "waived")
    finding = told.finding
    return states.index(finding.state), LEVELS.index(finding.rule.level), finding.due_at
