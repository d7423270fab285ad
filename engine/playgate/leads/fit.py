"""Whether a prospect is one to pursue: the playbook's profiles and segments, asked of its row."""

from __future__ import annotations

from collections.abc import Callable

from playgate.conditions.tree import Condition
from playgate.history.deal import Deal
from playgate.history.event import Event
from playgate.judge.judge import Judge
from playgate.leads.rows import Firm
from playgate.model.numbers import Numbers
from playgate.numbers.customers import NOT_KNOWN, Customers, groups_of
from playgate.records import Record

__all__ = ["Fit", "FitReader"]


class Fit(Record):
    """The profiles that a prospect fits, how near it comes to the nearest, and its segment."""

    fits: tuple[str, ...]
    nearest: str
    share: float
    segment: str


class FitReader:
    """Asks a playbook's profiles and segments of rows: a column that is called as a field is that
    field, and nothing else is known."""

    def __init__(self, judge: Judge, as_of: int) -> None:
        self._as_of = as_of
        self._fields = frozenset(judge.playbook.fields)
        self._deals = judge.reader()
        self._groups: dict[str, list[Callable[[Deal], bool]]] = {
            profile.id: [_now(judge, each) for each in profile.fit.values()]
            for profile in judge.playbook.profiles
        }
        numbers = judge.playbook.numbers or Numbers()
        self._customers = Customers(judge, groups_of(judge.playbook, numbers))

    def fit(self, firm: Firm) -> Fit:
        """Returns how a prospect fits."""
        at = self._as_of
        events = [
            Event(firm.where, at, "field", name, value, "", at, "", "", 0, firm.line)
            for name, value in firm.cells.items()
            if name in self._fields
        ]
        deal = self._deals.read(firm.where, events, at)
        shares = {
            name: sum(holds(deal) for holds in groups) / len(groups)
            for name, groups in self._groups.items()
            if groups
        }
        best = max(shares, key=lambda name: shares[name], default="")
        share = shares.get(best, 0.0)
        fits = tuple(name for name, each in shares.items() if each == 1)
        segment, _ = self._customers.of(deal)
        return Fit(fits, best if share else "", share, "" if segment == NOT_KNOWN else segment)


def _now(judge: Judge, condition: Condition) -> Callable[[Deal], bool]:
    holds = judge.condition(condition, "")
    return lambda deal: holds(deal, deal.instant_moment(deal.as_of))
