"""What is at stake on an open deal: what it is worth, and how often deals like it are sold."""

from __future__ import annotations

from playgate.history.deal import Deal
from playgate.history.money import Amount, Amounts, Rates
from playgate.judge.seen import last_change
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.occurrences import value_of
from playgate.records import Record

__all__ = ["Stake", "Worth", "stake_order"]

_USUAL_AMOUNT, _USUAL_CLOSE = "amount", "close_date"
"""The fields that say what a deal is worth, where no KPI names one, and when it is to close."""


class Stake(Record):
    """What an open deal is worth, and the chance that it is sold; `None` where nobody knows."""

    worth: Amount | None
    chance: float | None

    @property
    def at_stake(self) -> Amount | None:
        """The amount times the chance, in the amount's currency."""
        if self.worth is None or self.chance is None:
            return None
        return self.worth._replace(value=self.worth.value * self.chance)

    @property
    def value(self) -> float | None:
        """The same, where it can be compared with others: not in another currency."""
        found = self.at_stake
        return None if found is None else found.own


def stake_order(stake: Stake) -> tuple[float, float]:
    """Returns a key by which more comes after less; deals of no known amount go by their chance,
    and before all others."""
    return (-1.0 if stake.value is None else stake.value), stake.chance or 0.0


class Worth:
    """Reads a deal's amount and the date on which it is to close."""

    def __init__(self, playbook: Playbook, rates: Rates | None) -> None:
        self._amounts = Amounts(playbook, rates)
        self._amount = value_of(playbook.numbers or Numbers()) or _USUAL_AMOUNT
        found = playbook.fields.get(self._amount)
        self.unit = found.unit if found is not None else ""

    def amount(self, deal: Deal) -> Amount | None:
        """Returns what the deal is worth as of now."""
        return self._amounts.of(deal, self._amount, deal.as_of)

    def closes(self, deal: Deal) -> str:
        """Returns the date on which it is to close, as it was written; empty where none is."""
        position = last_change(deal, _USUAL_CLOSE, deal.as_of)
        if position is None or deal.field(_USUAL_CLOSE, deal.as_of) is None:
            return ""
        return deal.events[position].value.strip()[:10]
