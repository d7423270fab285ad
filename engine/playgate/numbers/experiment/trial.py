"""From a playbook's experiments and a history to what each comes to, by what was assigned."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence

from playgate.conditions.instants import DAY
from playgate.errors import InputError
from playgate.history.people import People
from playgate.language import say
from playgate.model.experiments import arm_version
from playgate.model.numbers import Kpi, Numbers
from playgate.model.playbook import Experiment, Playbook
from playgate.numbers.experiment.estimate import Difference, Unit, difference
from playgate.numbers.experiment.power import Spread, power_of, spread_of
from playgate.numbers.experiment.result import (
    SHARES,
    Arm,
    ArmValue,
    Compared,
    Experiments,
    Outcome,
    Phase,
    Planned,
    Tried,
)
from playgate.numbers.experiment.seen import Part, See, SeenDeal, days_of, measures_for, part_of
from playgate.numbers.history import History
from playgate.numbers.peers import is_lower_better
from playgate.numbers.period import WEEK, weeks_between
from playgate.numbers.result import Basis
from playgate.numbers.samples import Measure
from playgate.numbers.statistics import survival
from playgate.versions.arms import Arms, check_arms

__all__ = ["refuse_none", "try_experiments"]

_USUAL_STEP = 0.2
"""The part of a measure's value that is to be found where nobody says what matters."""


def refuse_none(playbook: Playbook) -> None:
    """Raises `InputError` where the playbook declares no experiment."""
    if not playbook.experiments:
        raise InputError(
            f"{playbook.file} declares no experiment",
            hint='write one under "experiments": a change, who tries it, from when until when',
            code="nothing-to-judge",
        )


def try_experiments(
    playbook: Playbook,
    history: History,
    *,
    wanted: Sequence[str] = (),
    people: People | None,
    as_of: int,
    problems: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Experiments:
    """Returns what the experiments come to (or those `wanted`), as of an instant.

    Raises `InputError` where their arms cannot be told apart.
    """
    check_arms(playbook, people)
    chosen = [each for each in playbook.experiments if not wanted or each.id in wanted]
    named = (kpi for each in chosen for kpi in (each.measure, *each.guard))
    measures = measures_for(playbook, named, as_of=as_of)
    see = See()
    deals = list(
        see.over(playbook, history, measures, people=people, as_of=as_of, progress=progress)
    )
    basis = Basis.of(
        playbook,
        as_of=as_of,
        deals=see.deals,
        events=see.events,
        left_out=see.left_out,
        problems=problems + see.problems,
    )
    arms = Arms(playbook, people)
    return Experiments(
        basis=basis,
        experiments=tuple(
            _Trial(playbook, each, deals, measures, arms, as_of).tried() for each in chosen
        ),
    )


class _Trial:
    """One experiment, and the deals of both its arms."""

    def __init__(
        self,
        playbook: Playbook,
        experiment: Experiment,
        deals: Sequence[SeenDeal],
        measures: Mapping[str, Measure],
        arms: Arms,
        as_of: int,
    ) -> None:
        self._playbook = playbook
        self._experiment = experiment
        self._measures = measures
        self._as_of = as_of
        self._minimum = (playbook.numbers or Numbers()).coaching.minimum
        self._drawn = experiment.arms.share is not None
        begun = min(experiment.starts, as_of + 1)
        self._earlier: list[tuple[SeenDeal, bool]] = []
        self._during: list[tuple[SeenDeal, bool]] = []
        self._outside = 0
        for deal in sorted(deals, key=lambda each: (each.begins, each.id)):
            is_in = experiment.starts <= deal.begins <= experiment.until
            side = (arms.assigned if is_in else arms.side)(experiment, deal.id, deal.rep)
            if deal.begins < begun:
                self._earlier += [(deal, side)] if side is not None else []
            elif is_in:
                self._during += [(deal, side)] if side is not None else []
                self._outside += side is None
        span = experiment.until - experiment.starts
        self._before = [each for each in self._earlier if each[0].begins >= begun - span]

    @property
    def _phase(self) -> Phase:
        if self._as_of < self._experiment.starts:
            return "planned"
        return "running" if self._as_of <= self._experiment.until else "over"

    def tried(self) -> Tried:
        """Returns what is to be shown of it now."""
        experiment, phase = self._experiment, self._phase
        measure = self._compared(experiment.measure) if phase == "over" else None
        plan = None if phase == "over" else self._plan()
        guards = () if phase == "planned" else map(self._compared, experiment.guard)
        return Tried(
            id=experiment.id,
            title=experiment.title,
            rule=experiment.rule,
            change=", ".join(f"{key}: {value}" for key, value in experiment.change.items()),
            method="drawn" if self._drawn else "difference-in-differences",
            start=experiment.starts,
            until=experiment.until,
            phase=phase,
            arms=tuple(map(self._arm, (False, True))),
            plan=plan,
            measure=measure,
            guards=tuple(guards),
            notes=tuple(self._notes(phase, plan, measure)),
        )

    def _arm(self, treated: bool) -> Arm:
        own = [deal for deal, side in self._during if side == treated]
        version = self._playbook.version
        return Arm(
            treated,
            arm_version(version, self._experiment.id) if treated else str(version),
            len(own),
            sum(deal.ended is not None for deal in own),
            len({deal.rep for deal in own}),
        )

    # What the arms differ by

    def _within(self, kpi: str) -> float | None:
        """Returns the days within which a time is to come; of any other KPI, `None`."""
        measure = self._measures[kpi]
        if measure.kpi.kind != "time":
            return None
        return days_of((deal for deal, _ in self._earlier), kpi, measure)

    def _parts(
        self, kpi: str, deals: Sequence[tuple[SeenDeal, bool]], within: float | None
    ) -> list[tuple[str, bool, Part]]:
        """Returns what deals add to a KPI, with the rep and the arm of each."""
        measure = self._measures[kpi]
        return [
            (deal.rep, side, part_of(deal, kpi, measure, within=within, as_of=self._as_of))
            for deal, side in deals
        ]

    def _compared(self, kpi: str) -> Compared:
        within, measure = self._within(kpi), self._measures[kpi].kpi
        during = self._parts(kpi, self._during, within)
        before = [] if self._drawn else self._parts(kpi, self._before, within)
        units = [
            Unit(rep, side, when, part.top, part.bottom)
            for parts, when in ((during, True), (before, False))
            for rep, side, part in parts
        ]
        values = [
            ArmValue(*_value(during, side), _open(during, side), *_value(before, side))
            for side in (False, True)
        ]
        found = difference(units, drawn=self._drawn)
        if any(self._is_few(each) for each in values):
            found = Difference(None, None, None, found.reps)
        if found.value is None:
            values = [ArmValue(None, v.deals, v.open, None, v.before_deals) for v in values]
        return Compared(
            kpi=kpi,
            title=measure.title,
            kind=measure.kind,
            unit=measure.unit,
            within=within,
            control=values[0],
            treated=values[1],
            difference=found.value,
            low=found.low,
            high=found.high,
            reps=found.reps,
            outcome=_outcome(found, less=_is_less_better(measure)),
        )

    def _is_few(self, value: ArmValue) -> bool:
        fewest = value.deals if self._drawn else min(value.deals, value.before_deals)
        return fewest < self._minimum

    # What the deals of before say

    def _plan(self) -> Planned | None:
        kpi = self._experiment.measure
        parts = self._parts(kpi, self._earlier, self._within(kpi))
        half = len(parts) // 2
        units = [
            Unit(rep, side, place >= half, part.top, part.bottom)
            for place, (rep, side, part) in enumerate(parts)
        ]
        spread = spread_of(units)
        if spread is None or spread.known < self._minimum:
            return None
        per_week = self._per_week(parts)
        weeks = weeks_between(self._experiment.starts, self._experiment.until)
        return self._planned(spread, per_week, per_week * weeks)

    def _planned(self, spread: Spread, per_week: float, expected: float) -> Planned:
        experiment = self._experiment
        wanted = experiment.detect or abs(spread.value) * _USUAL_STEP
        power = power_of(
            spread,
            drawn=self._drawn,
            wanted=wanted,
            expected=expected,
            is_share=self._measures[experiment.measure].kpi.kind in SHARES,
        )
        enough = None
        if power.needed is not None and per_week > 0:
            weeks = power.needed / per_week
            enough = round(experiment.starts + weeks * WEEK) if weeks < 5200 else None
        return Planned(
            kind=self._measures[experiment.measure].kpi.kind,
            value=spread.value,
            known=spread.known,
            detect=wanted,
            needed=power.needed if wanted else None,
            expected=expected,
            per_week=per_week,
            enough_at=enough,
            known_days=self._known_days(),
            smallest=power.smallest,
        )

    def _per_week(self, parts: Sequence[tuple[str, bool, Part]]) -> float:
        """Returns how many deals begin in a week that will count, as they did lately."""
        if not self._before:
            return 0.0
        begun = min(self._experiment.starts, self._as_of + 1)
        first = min(deal.begins for deal, _ in self._before)
        settled = [
            part.bottom > 0
            for (deal, _), (_, _, part) in zip(self._earlier, parts, strict=True)
            if deal.ended is not None or part.bottom
        ]
        counts = sum(settled) / len(settled) if settled else 0.0
        return len(self._before) / weeks_between(first, begun) * counts

    def _known_days(self) -> float | None:
        ended, waiting = array("d"), array("d")
        for deal, _ in self._earlier:
            until = self._as_of if deal.ended is None else deal.ended
            (waiting if deal.ended is None else ended).append((until - deal.begins) / DAY)
        return survival(ended, waiting).upper

    # What is to be known of it

    def _notes(self, phase: Phase, plan: Planned | None, measure: Compared | None) -> Iterator[str]:
        if not self._drawn:
            yield say(
                "Who tries it was named and not drawn: compared is how far both sides changed from"
                " before to after (difference in differences), as if nothing else had changed for"
                " one of them alone."
            )
        if phase == "running":
            yield say(
                "Until it is over only counts and guards are shown: who looks at the outcome early"
                " stops when chance is kind."
            )
        if self._measures[self._experiment.measure].kpi.first.words != ("opened",):
            yield say(
                "The measure looks at deals only from a certain point on; where the change decides"
                " which come there, other deals are compared."
            )
        if self._outside:
            yield say(
                "{n} deal that began meanwhile is in neither arm",
                "{n} deals that began meanwhile are in neither arm",
                n=self._outside,
            )
        if plan is None and phase != "over":
            yield say("Too few deals of before to tell how many it needs.")
        if measure is not None:
            yield from _of_measure(measure)


def _of_measure(measure: Compared) -> Iterator[str]:
    if measure.outcome == "too-few":
        yield say("Too few deals or reps to tell a difference; nobody is judged by it.")
    still = measure.control.open + measure.treated.open
    if still:
        yield say(
            "{n} deal is not decided yet and does not count",
            "{n} deals are not decided yet and do not count",
            n=still,
        )


def _value(parts: Sequence[tuple[str, bool, Part]], side: bool) -> tuple[float | None, int]:
    own = [part for _, arm, part in parts if arm == side and part.bottom]
    bottom = sum(part.bottom for part in own)
    return (sum(part.top for part in own) / bottom if bottom else None), len(own)


def _open(parts: Sequence[tuple[str, bool, Part]], side: bool) -> int:
    return sum(part.open and not part.bottom for _, arm, part in parts if arm == side)


def _is_less_better(kpi: Kpi) -> bool:
    """Returns whether a KPI is better where the treated value is less. A time is told as the share
    to which it came soon, of which less is better only where it is to take long."""
    if kpi.kind == "time":
        return kpi.at_least is not None and kpi.at_most is None
    return is_lower_better(kpi)


def _outcome(found: Difference, *, less: bool) -> Outcome:
    if found.low is None or found.high is None:
        return "too-few"
    if found.low > 0:
        return "worse" if less else "better"
    if found.high < 0:
        return "better" if less else "worse"
    return "open"
