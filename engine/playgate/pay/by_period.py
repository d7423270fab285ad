"""A period → the lines of it: base pay, and what is paid by what a KPI came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from playgate.conditions.instants import read_instant
from playgate.history.people import People
from playgate.language import say, speaking
from playgate.model.numbers import Kpi
from playgate.model.playbook import Playbook
from playgate.numbers.gather import gather
from playgate.numbers.history import History
from playgate.numbers.period import WEEK, Period
from playgate.numbers.samples import Measure, Sample
from playgate.pay.model import Goal, Part, PayPlan, Step
from playgate.pay.money import EXACT, ZERO, exact_number, in_full, rounded, said_share
from playgate.pay.result import Line, LineKind, Standing
from playgate.records import replace

__all__ = ["GoalPay", "base_lines"]


def base_lines(
    plan: PayPlan, playbook: Playbook, period: Period, reps: Iterable[str], people: People | None
) -> Iterator[Line]:
    """Yields the base pay of a period, for whoever starts within it only the days from then on."""
    if not plan.base:
        return
    for rep in reps:
        person = people.person(rep) if people else None
        started = read_instant(person.started, playbook.zone) if person and person.started else None
        at = period.start if started is None else max(period.start, started)
        if at >= period.end:
            continue
        share = Fraction(period.end - at, period.end - period.start)
        if share == 1:
            said = say("base")
        else:
            said = say("base from the day on that {rep} started", rep=rep)
        amount = _rounded(Fraction(plan.base) * share, plan)
        yield _line(plan, rep, at, "base", amount, said)


def _line(plan: PayPlan, rep: str, at: int, kind: LineKind, amount: Decimal, said: str) -> Line:
    return Line(
        rep=rep,
        at=at,
        kind=kind,
        part="",
        deal="",
        event="",
        amount=amount,
        withheld=ZERO,
        said=said,
        rules=(),
        place=plan.base_place,
        supposed=False,
    )


class GoalPay:
    """Reckons for each rep what is paid by what KPIs come to in a period."""

    def __init__(
        self, plan: PayPlan, playbook: Playbook, history: History, people: People | None
    ) -> None:
        self._plan = plan
        self._playbook = playbook
        self._history = history
        self._people = people
        self._parts = [(part, part.pays) for part in plan.parts if isinstance(part.pays, Goal)]

    def lines(self, period: Period, reps: Iterable[str]) -> Iterator[Line]:
        """Yields the lines of a period that is over; they come to be at its last instant."""
        for rep, part, goal, value in self._values(period, period.end - 1, reps):
            step = _reached(goal, rep, value)
            if step is not None:
                pays = rounded(step.pays, self._plan.decimals, self._plan.rounding)
                least = _asked(goal, rep, step)
                shown = _shown(goal.kpi, value)
                said = say(
                    "{kpi} {value}, at least {least}", kpi=goal.kpi.title, value=shown, least=least
                )
                line = _line(self._plan, rep, period.end - 1, "goal", pays, said)
                yield replace(line, part=part.id, place=step.place)

    def standing(self, period: Period, as_of: int, reps: Iterable[str]) -> Iterator[Standing]:
        """Yields how far the reps have come in a period that is not over."""
        for rep, part, goal, value in self._values(period, as_of, reps):
            step = _reached(goal, rep, value)
            later = goal.steps if step is None else goal.steps[goal.steps.index(step) + 1 :]
            yield Standing(
                rep=rep,
                part=part.id,
                kpi=goal.kpi.id,
                end=period.end,
                value=None if value is None else _decimal(value),
                said=_shown(goal.kpi, value),
                goal=_goal_of(goal, rep) if goal.steps[0].of_goal else None,
                pays=ZERO if step is None else step.pays,
                next_step=_asked(goal, rep, later[0]) if later else "",
                next_pays=later[0].pays if later else None,
            )

    def _values(
        self, period: Period, as_of: int, reps: Iterable[str]
    ) -> Iterator[tuple[str, Part, Goal, Fraction | None]]:
        if not self._parts:
            return
        kpis = {goal.kpi.id: goal.kpi for _, goal in self._parts}
        found = gather(
            self._playbook,
            self._history,
            measures=tuple(Measure(kpi, period) for kpi in kpis.values()),
            period=period,
            people=self._people,
            as_of=as_of,
        )
        samples: Mapping[str, Mapping[str, Sample]] = found.samples
        for rep in reps:
            for part, goal in self._parts:
                sample = samples[goal.kpi.id].get(rep, Sample())
                yield rep, part, goal, _value(goal.kpi, sample, period)


def _value(kpi: Kpi, sample: Sample, period: Period) -> Fraction | None:
    """Returns exactly what a KPI comes to; a count is one per week, as `kpi` has it."""
    values = [Fraction(exact_number(value)) for value in sample.values]
    match kpi.kind:
        case "ratio":
            decided = sample.part + sample.rest
            return Fraction(sample.part, decided) if decided else None
        case "count":
            return Fraction(sample.part * WEEK, period.end - period.start)
        case "mean":
            return sum(values, Fraction()) / len(values) if values else None
    return sum(values, Fraction())


def _reached(goal: Goal, rep: str, value: Fraction | None) -> Step | None:
    """Returns the highest step that a value reaches."""
    reached = None
    for step in goal.steps:
        least = _least(goal, rep, step)
        if value is not None and least is not None and value >= least:
            reached = step
    return reached


def _least(goal: Goal, rep: str, step: Step) -> Fraction | None:
    if not step.of_goal:
        return Fraction(step.at_least)
    whole = _goal_of(goal, rep)
    return None if whole is None else Fraction(step.at_least) * Fraction(whole)


def _goal_of(goal: Goal, rep: str) -> Decimal | None:
    return goal.reps.get(rep, goal.goal)


def _asked(goal: Goal, rep: str, step: Step) -> str:
    whole, said = _goal_of(goal, rep), said_share(step.at_least, step.said)
    if step.of_goal and whole is not None:
        return say("{part} of {whole}", part=said, whole=in_full(whole))
    return said


def _shown(kpi: Kpi, value: Fraction | None) -> str:
    if value is None:
        return "–"
    if kpi.kind == "ratio":
        return speaking().percent(in_full(_decimal(value * 100)))
    return in_full(_decimal(value))


def _decimal(value: Fraction) -> Decimal:
    """Returns a value as people read it; what is compared is the fraction."""
    found = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(f"{rounded(found, 4, 'half-even').normalize():f}")


def _rounded(value: Fraction, plan: PayPlan) -> Decimal:
    exact = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return rounded(exact, plan.decimals, plan.rounding)
