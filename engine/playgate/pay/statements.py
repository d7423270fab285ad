"""History → statements: every deal is walked once, and what it brought is put together by rep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from playgate.history.deal import no_roles
from playgate.history.event import Problem, how_many
from playgate.history.people import People, those_called
from playgate.history.walk import walk
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.numbers.history import History, no_events
from playgate.numbers.period import Period
from playgate.pay.by_period import GoalPay, base_lines
from playgate.pay.kept import KeptPay
from playgate.pay.model import PayPlan
from playgate.pay.money import total
from playgate.pay.of_deal import DealPay
from playgate.pay.periods import asked_period, pay_periods
from playgate.pay.result import Line, PayResult, Standing, Statement
from playgate.pay.suppose import suppose

__all__ = ["statements"]


def statements(
    plan: PayPlan,
    playbook: Playbook,
    history: History,
    *,
    people: People | None = None,
    as_of: int | None = None,
    period: str = "",
    reps: Sequence[str] = (),
    wishes: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    kept: KeptPay | None = None,
    progress: Callable[[int], None] | None = None,
) -> PayResult:
    """Returns what is paid in a period (default: the running one) as of an instant (default: the
    latest event), to everybody or to some reps (ids or names).

    `wishes` are moves that are supposed, by deal. What a ledger has `kept` of whole periods stands,
    and lines correct it. Raises `InputError` where a name or period is
    none.
    """
    instant = history.latest if as_of is None else as_of
    if instant is None:
        raise no_events()
    span = asked_period(period, plan, playbook, instant)
    judge = Judge(playbook, has_people=people is not None)
    if wishes:
        history = suppose(plan, judge, history, wishes, instant)
    paid = _Paid(plan, judge, history, people, instant, span, kept)
    paid.walk(progress)
    chosen = paid.chosen(reps)
    found = tuple(paid.statement(rep) for rep in chosen)
    return PayResult(
        playbook=playbook.name,
        version=str(playbook.version),
        title=plan.title or playbook.title,
        sha256=playbook.sha256,
        file=playbook.file,
        plan=plan.file,
        plan_sha256=plan.sha256,
        timezone=playbook.zone_name,
        currency=plan.currency,
        decimals=plan.decimals,
        rounding=plan.rounding,
        as_of=instant,
        period=span.label,
        start=span.start,
        end=span.end,
        deals=paid.deals,
        left_out=paid.left_out,
        problems=paid.problems + how_many(problems),
        statements=found,
        total=total(each.total for each in found),
    )


class _Paid:
    def __init__(
        self,
        plan: PayPlan,
        judge: Judge,
        history: History,
        people: People | None,
        as_of: int,
        span: Period,
        kept: KeptPay | None,
    ) -> None:
        self._plan = plan
        self._judge = judge
        self._history = history
        self._people = people
        self._as_of = as_of
        self._span = span
        self._kept = kept
        self._lines: list[Line] = []
        self._standing: list[Standing] = []
        self._owners: set[str] = set()
        self.deals = self.left_out = self.problems = 0

    def walk(self, progress: Callable[[int], None] | None) -> None:
        """Reads every deal, and keeps the lines of the span."""
        reader = self._judge.reader(self._people.roles if self._people else no_roles)
        of_deal = DealPay(self._plan, self._judge, self._people)
        walked = walk(
            self._history.deals(),
            reader,
            self._judge.ever_governs,
            as_of=self._as_of,
            progress=progress,
        )
        for each in walked:
            if not each.is_one:
                continue
            self.problems += len(self._judge.notes(each.deal)) + len(each.clashes)
            if not each.governed:
                self.left_out += 1
                continue
            self.deals += 1
            for line in of_deal.lines(each.deal, each.events, reader):
                self._owners.add(line.rep)
                if line.at in self._span:
                    self._lines.append(line)

    def chosen(self, wanted: Sequence[str]) -> list[str]:
        """Returns whose statements are asked for, and reckons what is theirs by period."""
        known = self._reps()
        chosen = sorted(known)
        if wanted:
            names = {rep: self._name(rep) for rep in known}
            chosen = sorted({rep for name in wanted for rep in those_called(name, names)})
        self._by_period(chosen)
        return chosen

    def _reps(self) -> set[str]:
        plan, people = self._plan, self._people
        held: set[str] = set()
        if people is not None:
            held = set(people.having(frozenset(plan.roles)) if plan.roles else people.actors())
        return held | self._owners | (self._kept.reps() if self._kept else set())

    def _by_period(self, reps: list[str]) -> None:
        plan, playbook = self._plan, self._judge.playbook
        goals = GoalPay(plan, playbook, self._history, self._people)
        paid = [rep for rep in reps if self._is_paid(rep)]
        for period in pay_periods(self._span, plan, playbook):
            lines = list(base_lines(plan, playbook, period, paid, self._people))
            if period.end - 1 <= self._as_of:
                if period.end - 1 in self._span:
                    lines += goals.lines(period, paid)
            else:
                self._standing += goals.standing(period, self._as_of, paid)
            self._lines += [line for line in lines if line.at in self._span]

    def _is_paid(self, rep: str) -> bool:
        if self._people is None or not self._plan.roles:
            return rep != ""
        return not self._people.roles(rep).isdisjoint(self._plan.roles)

    def _name(self, rep: str) -> str:
        person = self._people.person(rep) if self._people else None
        return (person.name if person else "") or rep

    def statement(self, rep: str) -> Statement:
        """Returns a rep's statement, its lines by instant."""
        person = self._people.person(rep) if self._people else None
        own = tuple(line for line in self._lines if line.rep == rep)
        if self._kept is not None:
            own = self._kept.corrected(rep, own, self._span, self._as_of)
        lines = sorted(own, key=_place_of)
        return Statement(
            rep,
            self._name(rep),
            person.team if person else "",
            tuple(lines),
            total(line.amount for line in lines),
            total(line.withheld for line in lines),
            total(line.amount for line in lines if line.supposed),
            tuple(each for each in self._standing if each.rep == rep),
            self._kept.kept_at(rep, self._span, self._as_of) if self._kept else None,
        )


def _place_of(line: Line) -> tuple[int, str, str, str, bool]:
    return line.at, line.deal, line.kind, line.part, line.corrects
