"""What to look at deal by deal: what to do on open ones, and what happened on those with findings.

A deal is open while it can still be won: one that is sold is not, though stages may follow. What
was missed on an open deal and can still be done is work for today, by what is at stake; the rest
is to learn from.

Two passes over a history. The first judges every deal and keeps a line of each that is open or has
a finding; the second reads again the few that are shown. So a history of any length takes little
memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from heapq import nlargest
from math import inf
from typing import Any, Literal, NamedTuple

from playgate.enforce.decide import decide
from playgate.enforce.standing import deadlines_ahead, next_stage
from playgate.enforce.values import Ahead
from playgate.findings import LEVELS
from playgate.history.deal import Deal, no_roles, responsible
from playgate.history.event import Event
from playgate.history.money import Rates
from playgate.history.people import People
from playgate.history.walk import Rows, Walked, walk
from playgate.judge.after_verdict import done_at, is_made_good
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.judge.verdict import Verdict
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.cohorts import Cohorts
from playgate.numbers.customers import Customers, belonging, groups_of
from playgate.numbers.history import History, some_deals
from playgate.numbers.marks import Noted
from playgate.numbers.occurrences import Ending, Reader
from playgate.numbers.period import Period, week_reader
from playgate.numbers.prospects import Prospects, standing
from playgate.numbers.stakes import Stake, Worth, stake_order
from playgate.numbers.steps import StepFinder
from playgate.numbers.ways import Ways, way_of
from playgate.numbers.work_result import Dossier, Lesson, OwnStake, Told, Worklist
from playgate.versions.arms import JudgedSides, Side

__all__ = ["worklist"]

_LATEST, _MOST_WAYS, _MOST_MONTHS = 3, 10, 13


class _Line(NamedTuple):
    """What the first pass keeps of a deal."""

    deal: str
    owner: str
    is_open: bool
    has_work: bool
    stake: Stake
    block: int
    warn: int
    latest: int

    @property
    def urgency(self) -> tuple[Any, ...]:
        """What brings a deal to the front: work to do, then being open, each by what is at stake;
        then the gravest, then the latest."""
        return (
            self.has_work,
            self.is_open,
            *(stake_order(self.stake) if self.is_open else (0.0, 0.0)),
            self.block,
            self.warn,
            self.latest,
            self.deal,
        )


def worklist(
    playbook: Playbook,
    history: History,
    *,
    people: People | None,
    as_of: int,
    period: Period,
    prospects: Prospects,
    most: int,
    of_each: bool = False,
    owners: frozenset[str] | None = None,
    rates: Rates | None = None,
    noted: Noted | None = None,
    progress: Callable[[int], None] | None = None,
) -> Worklist:
    """Returns the `most` deals that most need a look, of those that are open or have a finding due
    in the period; open ones without work to do stand in the order of what falls due. `prospects`
    say how often deals like them were sold; `noted` notes the deals that go by, if it is given.

    With `of_each`, so many of each owner; with `owners`, only of those.
    """
    found = _WorklistPass(playbook, people, as_of, period, prospects, noted, rates)
    for walked in found.deals(history.deals(), progress):
        found.add(walked)
    lines = found.lines
    shown = [line for line in lines if owners is None or line.owner in owners]
    chosen = {
        line.deal: (place, line)
        for place, line in enumerate(_most_urgent(shown, most, of_each=of_each))
    }
    dossiers = [
        found.dossier(walked, chosen[walked.deal.id][1])
        for walked in found.deals(some_deals(history, chosen))
    ]

    def order(each: Dossier) -> tuple[bool, bool, float, int]:
        due = each.ahead[0].due_at if each.ahead and each.is_open and not each.has_work else inf
        return not each.has_work, not each.is_open, due, chosen[each.deal][0]

    return Worklist(
        stakes=_stakes(lines),
        unit=found.worth.unit,
        lessons=found.lessons(),
        listed=len(lines),
        listed_of=dict(sorted(Counter(line.owner for line in lines).items())),
        dossiers=tuple(sorted(dossiers, key=order)),
        deals=found.deals_seen,
        ways=found.ways.most(_MOST_WAYS),
        course=found.ways.course(),
        cohorts=found.cohorts.last(_MOST_MONTHS),
        followed={week: (met, unmet) for week, (met, unmet) in sorted(found.followed.items())},
    )


def _most_urgent(lines: Sequence[_Line], most: int, *, of_each: bool) -> list[_Line]:
    def urgency(line: _Line) -> tuple[Any, ...]:
        return line.urgency

    if not of_each:
        return nlargest(most, lines, key=urgency)
    seen: Counter[str] = Counter()
    chosen = []
    for line in sorted(lines, key=urgency, reverse=True):
        seen[line.owner] += 1
        if seen[line.owner] <= most:
            chosen.append(line)
    return chosen


def _stakes(lines: Sequence[_Line]) -> dict[str, OwnStake]:
    found: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        if line.is_open:
            found[line.owner].append(line)
    return {owner: _own_stake(found[owner]) for owner in sorted(found)}


def _own_stake(lines: Sequence[_Line]) -> OwnStake:
    worth = [line.stake.at_stake for line in lines if line.has_work]
    known: dict[str, list[float]] = defaultdict(list)
    for each in filter(None, worth):
        known[each.currency].append(each.value)
    sums = {currency: sum(sorted(values)) for currency, values in sorted(known.items())}
    own = sums.pop("", 0.0)
    return OwnStake(len(lines), len(worth), own, worth.count(None), tuple(sums.items()))


class _Version:
    """A version of the playbook: what judges a deal of one arm, and what can be done about it."""

    def __init__(self, side: Side, people: People | None) -> None:
        self.judge = side.judge
        self.reader = side.reader
        self.places = side.places
        self.explainer = Explainer(side.judge)
        self.steps = StepFinder(side.judge, people)
        self.adheres = [rule.rule.info.level != "observe" for rule in side.judge.rules]


class _WorklistPass:
    def __init__(
        self,
        playbook: Playbook,
        people: People | None,
        as_of: int,
        period: Period,
        prospects: Prospects,
        noted: Noted | None,
        rates: Rates | None,
    ) -> None:
        self._judge = Judge(playbook, has_people=people is not None)
        self._reader = self._judge.reader(people.roles if people else no_roles)
        self._sides = JudgedSides(self._judge, self._reader, people)
        self._people = people
        self._versions: dict[str, _Version] = {}
        self._outcomes = Reader(self._judge)
        self._as_of = as_of
        self._period = period
        self._adheres = [rule.rule.info.level != "observe" for rule in self._judge.rules]
        self.ways = Ways(self._judge)
        self.cohorts = Cohorts(self._judge, self._outcomes, as_of)
        self.deals_seen = 0
        self._week = week_reader(playbook.zone)
        self.followed: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.worth = Worth(playbook, rates)
        self._prospects = prospects
        self._noted = noted
        if noted is not None:
            noted.begin(self._judge)
        numbers = playbook.numbers or Numbers()
        customers = Customers(self._judge, groups_of(playbook, numbers))
        self._groups = belonging(self._judge, customers, numbers)
        self._steps = StepFinder(self._judge, people)
        self.lines: list[_Line] = []
        self._past: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)

    def deals(self, rows: Rows, progress: Callable[[int], None] | None = None) -> Iterator[Walked]:
        """Those that are judged, of which the playbook knows an event."""
        governs, as_of = self._judge.ever_governs, self._as_of
        for walked in walk(rows, self._reader, governs, as_of=as_of, progress=progress):
            if walked.governed:
                yield walked

    def _judging(self, walked: Walked) -> tuple[_Version, Deal]:
        """Returns the version that judges a deal, and the deal as that reads it."""
        side, deal = self._sides.of(walked)
        name = str(side.judge.playbook.version)
        if name not in self._versions:
            self._versions[name] = _Version(side, self._people)
        return self._versions[name], deal

    # The first pass

    def add(self, walked: Walked) -> None:
        """Judges a deal and keeps a line of it where it is open or something was found."""
        deal = walked.deal
        outcome = self._outcomes.outcome(deal)
        self.ways.add(deal, outcome)
        self.cohorts.add(deal, outcome)
        self.deals_seen += 1
        state = _state(deal, outcome)
        found: list[tuple[bool, str]] = []
        latest = 0
        version, judged = self._judging(walked)
        verdicts = version.judge.judge(judged)
        if self._noted is not None:
            own = version.judge is self._judge
            self._noted.add(deal, verdicts if own else self._judge.judge(deal))
        for index, verdict in self._counted(version, judged, verdicts):
            rule, place = version.judge.rules[index], version.places[index]
            is_work = state == "open" and version.steps.can_be_done(rule, judged, verdict)
            found.append((is_work, rule.rule.info.level))
            latest = max(latest, verdict.due.at)
            if not is_work and place is not None and not is_made_good(rule, judged, verdict):
                self._past[place].append((verdict.due.at, deal.id, state == "lost"))
        if not found and not deal.is_open:
            return
        work = any(is_work for is_work, _ in found)
        chance = self._prospects.chance(*standing(deal)) if state == "open" else None
        levels = [level for is_work, level in found if is_work or not work]
        line = _Line(
            deal.id,
            responsible(deal, len(deal.events) - 1),
            state == "open",
            work,
            Stake(self.worth.amount(deal), chance),
            levels.count("block"),
            levels.count("warn"),
            latest or deal.happened[-1],
        )
        self.lines.append(line)

    def _counted(
        self, version: _Version, deal: Deal, verdicts: Sequence[Verdict | None]
    ) -> Iterator[tuple[int, Verdict]]:
        """Yields what was missed in the period; counts on the way what was followed by week."""
        for index, verdict in enumerate(verdicts):
            if verdict is None or not version.adheres[index] or verdict.verdict == "waived":
                continue
            at = done_at(version.judge.rules[index], deal, verdict)
            if at not in self._period:
                continue
            is_unmet = verdict.verdict == "unmet"
            self.followed[self._week(at)][is_unmet] += 1
            if is_unmet:
                yield index, verdict

    def lessons(self) -> tuple[Lesson, ...]:
        """Returns the rules that were missed where nothing can mend it, the most frequent first."""
        found = [
            Lesson(
                self._judge.rules[index].rule.info,
                len({deal for _, deal, _ in missed}),
                len({deal for _, deal, is_lost in missed if is_lost}),
                tuple(dict.fromkeys(deal for _, deal, _ in sorted(missed, reverse=True)))[:_LATEST],
            )
            for index, missed in sorted(self._past.items())
        ]
        return tuple(sorted(found, key=lambda lesson: -lesson.deals))

    # The second

    def dossier(self, walked: Walked, line: _Line) -> Dossier:
        """Returns a deal with all that is told of it."""
        deal = walked.deal
        version, judged = self._judging(walked)
        told = sorted(self._told(version, judged), key=_by_weight)
        state = _state(deal, self._outcomes.outcome(deal))
        way, following = self._way(version, judged) if deal.is_open else ((), "")
        known = {each.finding.rule.id for each in told if each.finding.state == "open"}
        way = tuple(each for each in way if each.finding.rule.id not in known)
        stage = deal.stage_at(self._as_of)
        to_do = (*(each for each in told if each.finding.state == "open"), *way)
        return Dossier(
            deal=deal.id,
            owner=line.owner,
            state=state,
            has_work=line.has_work,
            stage=stage,
            opened=deal.happened[0],
            since=deal.move_at[-1] if deal.move_at else None,
            stake=line.stake,
            closes=self.worth.closes(deal),
            findings=tuple(told),
            next_stage=following,
            refusals=way,
            way=way_of(deal),
            groups=self._groups(deal),
            steps=version.steps.of(to_do, stage, line.owner) if deal.is_open else (),
            ahead=self._ahead(version, judged) if deal.is_open else (),
            events=tuple(deal.events),
        )

    def _told(self, version: _Version, deal: Deal) -> list[Told]:
        found = []
        for index, verdict in enumerate(version.judge.judge(deal)):
            if verdict is None or verdict.verdict == "met" or not version.adheres[index]:
                continue
            rule = version.judge.rules[index]
            if done_at(rule, deal, verdict) not in self._period:
                continue
            finding = version.explainer.finding(rule, deal, verdict)
            can_be = deal.is_open and verdict.verdict == "unmet"
            can_be = can_be and version.steps.can_be_done(rule, deal, verdict)
            ways = version.steps.remedies(rule, deal, verdict) if can_be else ()
            found.append(Told(finding, tuple(ways)))
        return found

    def _way(self, version: _Version, deal: Deal) -> tuple[tuple[Told, ...], str]:
        judge, stage = version.judge, deal.stage_at(self._as_of)
        following = next_stage(judge.playbook, judge, deal, stage)
        if following is None:
            return (), ""
        # Nobody is known who will make the move: the deal's own people are the best guess.
        mover = responsible(deal, len(deal.events) - 1)
        attempt = Event(
            deal.id, self._as_of, "stage", following.id, "", mover, self._as_of, "\0", "", 0, 0
        )
        ruling = decide(judge, version.reader, deal.events, attempt, since=None, now=self._as_of)
        return tuple(
            Told(
                version.explainer.finding(each.rule, ruling.deal, each.verdict),
                tuple(version.steps.ways(each.rule, ruling.deal, each.verdict)),
            )
            for each in ruling.answers
            if each.refuses
        ), following.id

    def _ahead(self, version: _Version, deal: Deal) -> tuple[Ahead, ...]:
        judge = version.judge
        levels = {rule.rule.info.id: rule.rule.info.level for rule in judge.rules}
        ahead: Sequence[Ahead] = deadlines_ahead(
            judge, version.reader, deal.id, deal.events, at=self._as_of, now=self._as_of
        )
        return tuple(each for each in ahead if levels[each.rule] != "observe")


def _state(deal: Deal, outcome: Ending) -> Literal["open", "sold", "lost"]:
    if outcome.sold is not None:
        return "sold"
    return "open" if deal.is_open else "lost"


def _by_weight(told: Told) -> tuple[int, int, int]:
    states = ("open", "made-good", "waived")
    finding = told.finding
    return states.index(finding.state), LEVELS.index(finding.rule.level), finding.due_at
