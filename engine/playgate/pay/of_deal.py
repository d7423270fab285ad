"""A deal → the lines that it brings, each at the instant at which it came to be.

What a line says rests only on what had happened by its instant: a statement of a moment is never
changed by what comes later, but followed by more lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from playgate.conditions.durations import Duration
from playgate.conditions.instants import DAY
from playgate.conditions.phrases import show_length
from playgate.conditions.tree import Condition
from playgate.errors import Place
from playgate.history.deal import Deal, DealReader, responsible
from playgate.history.event import Event, event_id
from playgate.history.people import People
from playgate.judge.explain import Explainer
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.language import say
from playgate.numbers.occurrences import Positions, Reader
from playgate.pay.model import Each, Goal, Part, PayPlan, Rate
from playgate.pay.money import EXACT, ZERO, exact_amount, in_full, rounded, said_share
from playgate.pay.result import Held, Line
from playgate.records import Record, replace
from playgate.rules.list import all_of

__all__ = ["SUPPOSED", "DealPay"]

SUPPOSED = 2**31 - 1
"""The source of events that are only supposed: it comes after all others."""


class _Due(Record):
    """A deal as it fell due."""

    deal: Deal
    move: int
    at: int
    event: Event
    rep: str


class DealPay:
    """Reckons what deals bring by a plan."""

    def __init__(self, plan: PayPlan, judge: Judge, people: People | None) -> None:
        self._plan = plan
        self._judge = judge
        self._people = people
        self._explainer = Explainer(judge)
        self._reader = Reader(judge)
        wanted = frozenset(plan.only_if)
        self._rules = [rule for rule in judge.rules if rule.rule.info.id in wanted]
        self._parts = [
            (part, self._reader.condition(_when(part)), self._taken(part))
            for part in plan.parts
            if not isinstance(part.pays, Goal)
        ]
        calendar = judge.playbook.calendar
        self._until = plan.claw_back.after(calendar) if plan.claw_back else None

    def _taken(self, part: Part) -> Positions | None:
        at = part.pays.at if isinstance(part.pays, Rate) else None
        return None if at is None else self._reader.positions(at)

    def lines(self, deal: Deal, events: list[Event], reader: DealReader) -> Iterator[Line]:
        """Yields the lines of a deal as of its instant; `events` are those it was read from."""
        track, place = self._judge.track, self._judge.track.place
        paid: list[Line] = []
        paid_at: int | None = None
        for move, (at, into) in enumerate(zip(deal.move_at, deal.move_into, strict=True)):
            goes_back = into in track.lost or place[into] < place[self._plan.due]
            if paid_at is not None and goes_back:
                if self._until is not None and at <= self._until(paid_at):
                    yield from self._taken_back(deal, move, paid, paid_at)
                    paid, paid_at = [], None
            elif paid_at is None and into not in track.lost:
                known_at = deal.grace(at) if deal.grace is not None else at
                if known_at > deal.as_of or not self._judge.governs_at(deal, at):
                    continue
                if into == self._plan.due:
                    paid, paid_at = list(self._due(deal, move, known_at, events, reader)), known_at
                    yield from paid
                elif place[into] > place[self._plan.due]:
                    yield from self._passed_by(deal, move, known_at)

    def _due(
        self, deal: Deal, move: int, at: int, events: list[Event], reader: DealReader
    ) -> Iterator[Line]:
        """Yields the lines of a deal that falls due."""
        then = reader.read(deal.id, events, at)
        position = then.moves[move]
        due = _Due(then, move, at, then.events[position], responsible(then, position))
        rules = tuple(self._held(then))
        refusal = self._refusal(due)
        moment = then.due_at(move).moment
        for part, when, taken in self._parts:
            if when is None or when(then, moment):
                yield self._line(due, part, taken, rules, refusal)

    def _held(self, deal: Deal) -> Iterator[Held]:
        """Yields the rules that are unmet or waived as of then."""
        for rule in self._rules:
            verdict = rule.judge(deal)
            if verdict is None or verdict.verdict == "met":
                continue
            yield self._evidence(rule, deal, verdict)

    def _evidence(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> Held:
        found = self._explainer.finding(rule, deal, verdict)
        seen = tuple(witness.event_id for witness in found.evidence)
        if found.state == "waived":
            said = say("waived by {who}: {reason}", who=found.waived_by, reason=found.waiver_reason)
            return Held(found.rule.id, "waived", said, found.rule.place, seen)
        return Held(found.rule.id, "unmet", found.message, found.rule.place, seen)

    def _refusal(self, due: _Due) -> str:
        """Says why nothing at all is paid for a deal, whatever it brought; empty where it is."""
        roles, held = self._plan.roles, self._people
        if roles and held is not None and held.roles(due.rep, due.at).isdisjoint(roles):
            return say("{rep} is not paid by this plan", rep=due.rep or say("nobody"))
        if self._plan.currency_field:
            said = due.deal.field(self._plan.currency_field, due.deal.move_at[due.move])
            if said != self._plan.currency:
                return say(
                    "in {currency}, and this plan pays in {own}",
                    currency=say("an unknown currency") if said is None else said,
                    own=self._plan.currency or say("another"),
                )
        return ""

    def _line(
        self, due: _Due, part: Part, taken: Positions | None, rules: tuple[Held, ...], refusal: str
    ) -> Line:
        would, said = self._reckon(due, part, taken)
        unmet = [held.rule for held in rules if held.state == "unmet"]
        if refusal:
            return self._line_of(due, part.place, ZERO, ZERO, refusal, part=part.id)
        if unmet:
            why = say("{rules} unmet; else {said}", rules=", ".join(unmet), said=said)
            return self._line_of(due, part.place, ZERO, would, why, part=part.id, rules=rules)
        return self._line_of(due, part.place, would, ZERO, said, part=part.id, rules=rules)

    def _line_of(
        self,
        due: _Due,
        place: Place,
        amount: Decimal,
        withheld: Decimal,
        said: str,
        *,
        part: str,
        rules: tuple[Held, ...] = (),
    ) -> Line:
        return Line(
            rep=due.rep,
            at=due.at,
            kind="deal",
            part=part,
            deal=due.deal.id,
            event=event_id(due.event),
            amount=amount,
            withheld=withheld,
            said=said,
            rules=rules,
            place=place,
            supposed=due.event.source == SUPPOSED,
        )

    # What is reckoned

    def _reckon(self, due: _Due, part: Part, taken: Positions | None) -> tuple[Decimal, str]:
        """Returns what a part comes to, rounded, and how."""
        plan = self._plan
        match part.pays:
            case Rate(field, _, over, rate, rate_said):
                at = _taken_at(due, taken)
                value = None if at is None else exact_amount(due.deal, field, at)
                if value is None or at is None:
                    return ZERO, say("{field} was not known", field=field)
                said = say(
                    "{part} of {whole}", part=said_share(rate, rate_said), whole=in_full(value)
                )
                if over:
                    least = exact_amount(due.deal, over, at)
                    if least is None:
                        return ZERO, say("{field} was not known", field=over)
                    value = EXACT.subtract(value, least)
                    said = say("{amount} less {least}", amount=said, least=in_full(least))
                if value <= 0:
                    return ZERO, say("{amount}, which is nothing", amount=said)
                return rounded(EXACT.multiply(value, rate), plan.decimals, plan.rounding), said
            case Each(product, pays):
                return rounded(pays, plan.decimals, plan.rounding), product.title
        raise TypeError(f"{part.id} is not paid deal by deal")

    # What is taken back, or never came

    def _taken_back(self, deal: Deal, move: int, paid: list[Line], paid_at: int) -> Iterator[Line]:
        position = deal.moves[move]
        event, at = deal.events[position], deal.move_at[move]
        is_lost = deal.move_into[move] in self._judge.track.lost
        days = show_length(Duration(max(0, at - paid_at) // DAY, "day"))
        said = (
            say("lost {days} after it was paid", days=days)
            if is_lost
            else say("reopened {days} after it was paid", days=days)
        )
        for line in paid:
            if line.amount:
                yield replace(
                    line,
                    at=max(at, paid_at),
                    kind="taken-back",
                    event=event_id(event),
                    amount=line.amount.copy_negate(),
                    said=said,
                    rules=(),
                    place=self._plan.claw_back_place,
                    supposed=line.supposed or event.source == SUPPOSED,
                )

    def _passed_by(self, deal: Deal, move: int, at: int) -> Iterator[Line]:
        """Yields a line of nothing where a deal first comes past the stage without coming into
        it."""
        place, stage = self._judge.track.place, self._plan.due
        before = deal.move_into[:move]
        if any(each == stage or place.get(each, -1) > place[stage] for each in before):
            return
        position = deal.moves[move]
        due = _Due(deal, move, at, deal.events[position], responsible(deal, position))
        said = say("went past {stage} and never came into it", stage=stage)
        yield self._line_of(due, self._plan.due_place, ZERO, ZERO, said, part="")


def _when(part: Part) -> Condition | None:
    """Returns the condition under which a part is paid for a deal."""
    product = part.pays.product.when if isinstance(part.pays, Each) else None
    return all_of(product, part.when)


def _taken_at(due: _Due, taken: Positions | None) -> int | None:
    """Returns the instant as of which a value is taken, or `None` where it never came."""
    if taken is None:
        return due.at
    found = taken(due.deal)
    return due.deal.happened[found[0]] if found else None
