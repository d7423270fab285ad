"""`forecast`: what open deals and those to come are likely to bring within the horizon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

from playgate.conditions.instants import DAY
from playgate.errors import InputError
from playgate.history.money import Rates
from playgate.history.people import People
from playgate.language import say
from playgate.model.numbers import Forecasting, Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.customers import NOT_KNOWN, OUTSIDE
from playgate.numbers.forecast.chances import Chance, Chances
from playgate.numbers.forecast.result import Backtest, Brought, Coming, Expected, Forecast, Whose
from playgate.numbers.forecast.snapshots import Snapshot, take
from playgate.numbers.history import History, no_events
from playgate.numbers.occurrences import value_of
from playgate.numbers.result import Basis
from playgate.numbers.statistics import Bet, likely_sum

__all__ = ["Foretold", "forecast"]

_FEWEST = 30
"""Of fewer open deals at earlier dates nothing is foretold."""
_FEWEST_FRESH = 3


def forecast(
    playbook: Playbook,
    history: History,
    *,
    wanted: Forecasting,
    people: People | None = None,
    as_of: int | None = None,
    problems: int = 0,
    rates: Rates | None = None,
    progress: Callable[[int], None] | None = None,
) -> Forecast:
    """Returns what comes within the horizon from `as_of` (default: the latest event) on.

    Raises `InputError` where the history has no events, or nothing says what a deal is worth.
    """
    found = Foretold(
        playbook, history, wanted=wanted, people=people, as_of=as_of, rates=rates, progress=progress
    )
    return found.result(problems)


class Foretold:
    """What a history lets expect of the horizon from `as_of` (default: the latest event) on.

    Raises `InputError` where the history has no events, or nothing says what a deal is worth.
    """

    def __init__(
        self,
        playbook: Playbook,
        history: History,
        *,
        wanted: Forecasting,
        people: People | None = None,
        as_of: int | None = None,
        rates: Rates | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        numbers = playbook.numbers or Numbers()
        self._unit = _unit_of(playbook, numbers, wanted)
        now = history.latest if as_of is None else as_of
        if now is None or history.earliest is None:
            raise no_events()
        self._playbook = playbook
        self._now, self._horizon = now, wanted.days * DAY
        self._days = wanted.days
        self._seen = take(
            playbook,
            history,
            wanted=wanted,
            horizon=self._horizon,
            people=people,
            as_of=now,
            first=history.earliest,
            rates=rates,
            progress=progress,
        )
        declared = numbers.segments
        self._has_segments = bool(declared)
        self._segments = {each.id: each.title for each in declared}
        self._segments |= {OUTSIDE: say("No segment"), NOT_KNOWN: say("Not known yet")}
        self._people = people
        self._past = [each for cut in self._seen.at[1:] for each in cut]
        self._known = len(self._past) >= _FEWEST and any(each.sold for each in self._past)
        self._chances = Chances(self._past)
        self._mean = self._mean_of(0)
        self._open = [*map(self._expected, self._seen.at[0])]

    def _mean_of(self, cut: int) -> float:
        """Returns what deals brought on average that were sold by the date of a cut."""
        by = self._now - cut * self._horizon
        worth = sorted(worth for at, worth in self._seen.sold if at <= by)
        return sum(worth) / len(worth) if worth else 0.0

    def result(self, problems: int) -> Forecast:
        """Puts the forecast together; so many problems were seen before."""
        seen, known = self._seen, self._known
        coming, lines = self.coming(), sorted(self._open, key=lambda each: -each[0].value)
        deals = [each for each, _ in lines]
        return Forecast(
            basis=Basis.of(
                self._playbook,
                as_of=self._now,
                deals=seen.deals,
                events=seen.events,
                left_out=seen.left_out,
                problems=problems + seen.problems,
                not_added=seen.not_added,
            ),
            unit=self._unit,
            days=self._days,
            start=self._now,
            end=self._now + self._horizon,
            value=coming.value if coming else None,
            low=coming.low if coming else None,
            high=coming.high if coming else None,
            commit=sum(each.value for each in deals if each.ready) if known else 0.0,
            fresh=_mean(seen.fresh[1:]) if known else 0.0,
            lines=tuple(self._lines(lines)) if known else (),
            deals=tuple(deals) if known else (),
            backtest=self._backtest(),
            notes=tuple(self._notes(known)),
        )

    def coming(self, reps: Collection[str] | None = None) -> Coming | None:
        """Returns what everyone, or these reps, are likely to bring within the horizon, by open
        deals and by those not yet begun; `None` where the history is too short to tell."""
        if not self._known:
            return None
        own = [each for each in self._open if reps is None or each[0].rep in reps]
        fresh = self._seen.fresh[1:]
        if reps is not None:
            fresh = [sum(cut.get(rep, 0.0) for rep in reps) for cut in self._seen.fresh_of[1:]]
        span = likely_sum([bet for _, bet in own], fresh)
        value = sum(each.value for each, _ in own) + _mean(fresh)
        end = self._now + self._horizon
        return Coming(end, value, span.low or 0.0, span.high or 0.0)

    def _expected(self, deal: Snapshot) -> tuple[Expected, Bet]:
        found = self._chances.of(deal)
        worth = self._mean if deal.amount is None else deal.amount
        ready = found if deal.ready else self._chances.of(deal._replace(missing=()))
        expected = Expected(
            deal=deal.deal,
            rep=deal.rep,
            stage=deal.stage,
            days=deal.days,
            segment=deal.segment,
            amount=deal.amount,
            chance=found.value,
            value=found.value * worth,
            ready=deal.ready,
            missing=deal.missing,
            would=max(0.0, ready.value - found.value) * worth,
            why=self._chances.why(deal),
        )
        return expected, _bet(found, worth)

    # Sums

    def _lines(self, deals: Sequence[tuple[Expected, Bet]]) -> Iterator[Brought]:
        groups: dict[tuple[Whose, str], list[tuple[Expected, Bet]]] = defaultdict(list)
        for each in deals:
            deal, _ = each
            groups["company", ""].append(each)
            groups["rep", deal.rep].append(each)
            team = self._team(deal.rep)
            if team:
                groups["team", team].append(each)
            if self._has_segments:
                groups["segment", deal.segment].append(each)
        for (scope, name), own in sorted(groups.items(), key=_in_order):
            span = likely_sum([bet for _, bet in own], ())
            yield Brought(
                scope,
                name,
                self._name(scope, name),
                len(own),
                sum(each.amount or 0.0 for each, _ in own),
                sum(each.value for each, _ in own),
                span.low or 0.0,
                span.high or 0.0,
                sum(each.value for each, _ in own if each.ready),
            )

    def _team(self, rep: str) -> str:
        person = self._people.person(rep) if self._people else None
        return person.team if person else ""

    def _name(self, scope: Whose, name: str) -> str:
        if scope == "company":
            return say("Company")
        if scope == "segment":
            return self._segments[name]
        person = self._people.person(name) if scope == "rep" and self._people else None
        return (person.name if person else "") or name or say("nobody")

    # The same forecast at earlier dates

    def _backtest(self) -> Backtest:
        """Makes the forecast at each earlier date of which enough was known by then: of deals whose
        horizon had passed, and of what deals had been sold for."""
        squares = by_stage = 0.0
        deals = covered = 0
        came: list[float] = []
        told: list[tuple[float, float, float]] = []
        for cut in range(self._seen.cuts, 0, -1):
            past = [each for earlier in self._seen.at[cut + 1 :] for each in earlier]
            fresh = self._seen.fresh[cut + 1 :]
            if len(past) < _FEWEST or len(fresh) < _FEWEST_FRESH:
                continue
            chances, mean, total, plain = Chances(past), self._mean_of(cut), 0.0, 0.0
            bets = []
            for deal in self._seen.at[cut]:
                found = chances.of(deal)
                worth = mean if deal.amount is None else deal.amount
                bets.append(_bet(found, worth))
                squares += (found.value - deal.sold) ** 2
                by_stage += (found.by_stage - deal.sold) ** 2
                total += found.value * worth
                plain += found.by_stage * worth
            deals += len(self._seen.at[cut])
            usual = _mean(fresh)
            span = likely_sum(bets, fresh)
            brought = self._seen.brought[cut]
            covered += (span.low or 0.0) <= brought <= (span.high or 0.0)
            came.append(brought)
            told.append((total + usual, plain + usual, self._seen.brought[cut + 1]))
        errors = [
            _error(came, [each[place] for each in told]) if any(came) else None
            for place in range(3)
        ]
        return Backtest(
            times=len(came),
            deals=deals,
            brier=squares / deals if deals else None,
            brier_by_stage=by_stage / deals if deals else None,
            error=errors[0],
            error_by_stage=errors[1],
            error_by_last=errors[2],
            covered=covered,
        )

    def _notes(self, known: bool) -> Iterator[str]:
        if not known:
            yield say(
                "Too little is known to tell: {deals} open deals at earlier dates {days} days "
                "apart, and {fewest} are needed, some of them sold in time.",
                deals=len(self._past),
                days=self._days,
                fewest=_FEWEST,
            )
        without = sum(each.amount is None for each in self._seen.at[0])
        if without and known:
            yield say(
                "{deals} open deals without an amount are taken to be worth what sold deals are on "
                "average.",
                deals=without,
            )


_SCOPES: tuple[Whose, ...] = ("company", "team", "rep", "segment")


def _error(came: Sequence[float], told: Sequence[float]) -> float:
    """Returns how far a sum was off on average, as a share of what came on average."""
    return sum(abs(c - t) for c, t in zip(came, told, strict=True)) / sum(came)


def _bet(chance: Chance, worth: float) -> Bet:
    return Bet(worth, chance.value, chance.group, chance.of_group, chance.rests_on)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _unit_of(playbook: Playbook, numbers: Numbers, wanted: Forecasting) -> str:
    """Returns the unit of what a deal is worth; raises `InputError` where nothing says what that
    is."""
    kind = playbook.fields.get(value_of(numbers) or wanted.field)
    if kind is None:
        raise InputError(
            "nothing says what a deal is worth",
            hint="declare a KPI with a mean or a sum of a field, or forecast: {field: amount}",
            code="nothing-to-judge",
        )
    return kind.unit


def _in_order(item: tuple[tuple[Whose, str], list[tuple[Expected, Bet]]]) -> tuple[int, float, str]:
    (scope, name), deals = item
    return _SCOPES.index(scope), -sum(each.value for each, _ in deals), name
