"""What is likely to come by the end of a goal's period, held against the goal."""

from __future__ import annotations

from collections.abc import Callable, Collection

from playgate.conditions.instants import DAY
from playgate.history.money import Rates
from playgate.history.people import People
from playgate.model.playbook import Playbook
from playgate.numbers.forecast.forecast import Foretold
from playgate.numbers.history import History
from playgate.numbers.period import running
from playgate.numbers.result import Likely, Reach
from playgate.records import replace

__all__ = ["GoalForecast", "goal_forecast"]


class GoalForecast:
    """The forecast until the end of the running period of a goal."""

    def __init__(self, foretold: Foretold) -> None:
        self._foretold = foretold

    def likely(self, reps: Collection[str] | None, sold: float, goal: float) -> Likely | None:
        """Returns what everyone, or these reps, are likely to have sold by the period's end, of
        which so much is sold; `None` where the history is too short to tell."""
        coming = self._foretold.coming(reps)
        if coming is None:
            return None
        value, low, high = (sold + each for each in (coming.value, coming.low, coming.high))
        return Likely(value, low, high, _reach(sold, value, high, goal))


def _reach(sold: float, value: float, high: float, goal: float) -> Reach:
    if sold >= goal:
        return "reached"
    if value >= goal:
        return "likely"
    return "in-reach" if high >= goal else "out-of-reach"


def goal_forecast(
    playbook: Playbook,
    history: History,
    *,
    as_of: int,
    people: People | None = None,
    rates: Rates | None = None,
    progress: Callable[[int], None] | None = None,
) -> GoalForecast | None:
    """Returns the forecast until the end of the goal's running period, in whole days, or `None`
    where the playbook declares no forecast or no goal."""
    numbers = playbook.numbers
    if numbers is None or numbers.forecast is None or numbers.targets is None:
        return None
    left = running(numbers.targets.per, as_of, playbook.zone).end - as_of
    return GoalForecast(
        Foretold(
            playbook,
            history,
            wanted=replace(numbers.forecast, days=max(1, round(left / DAY))),
            people=people,
            as_of=as_of,
            rates=rates,
            progress=progress,
        )
    )
