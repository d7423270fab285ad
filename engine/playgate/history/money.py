"""Amounts in several currencies: made one by the rates of a file, or kept apart, never guessed.

A field of type number may name the field that has each amount's currency. Its unit is the currency
that sums are told in. An amount counts by the last rate of its currency at or before the instant
as of which it counts; the product is that of 64-bit floats.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from playgate.conditions.instants import Zone, show_instant
from playgate.conditions.values import FieldType, Value
from playgate.history.deal import Deal
from playgate.model.numbers import LARGEST, SMALLEST
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = [
    "NO_CURRENCY",
    "Amount",
    "Amounts",
    "NotAdded",
    "Rates",
    "code",
    "countable",
    "in_currencies",
    "in_words",
]

NO_CURRENCY = "?"
"""Stands for the currency of an amount that has none."""


class NotAdded(Record):
    """Amounts in a currency (`?`: in none) that are not added to the others: on how many deals, the
    first of them, and the day for which a rate was looked for; `file` is that of the rates, empty
    where none were given."""

    currency: str
    deals: int
    deal: str
    day: str
    file: str


def in_words(currency: str) -> str:
    """Returns `in USD`, or `of no known currency`."""
    return "of no known currency" if currency == NO_CURRENCY else f"in {currency}"


class Amount(NamedTuple):
    """An amount; `currency` is empty where it is in the field's unit, else that which it is in."""

    value: float
    currency: str

    @property
    def own(self) -> float | None:
        """The value, where it is in the field's unit."""
        return None if self.currency else self.value


class Rates:
    """What one of a currency is worth in the unit, from each date on."""

    def __init__(self, file: str, rates: Mapping[str, Mapping[int, float]]) -> None:
        self.file = file
        self._starts = {currency: sorted(dated) for currency, dated in rates.items()}
        self._rates = rates

    def at(self, currency: str, at: int) -> float | None:
        """Returns the last rate at or before an instant; `None` where there is none."""
        starts = self._starts.get(currency, [])
        place = bisect_right(starts, at)
        return self._rates[currency][starts[place - 1]] if place else None


def countable(value: Value | None) -> float | None:
    """Returns a value that can be added up as a number, else `None`."""
    if not isinstance(value, float) or abs(value) > LARGEST:
        return None
    return value if abs(value) >= SMALLEST else 0.0


def in_currencies(playbook: Playbook) -> dict[str, FieldType]:
    """Returns the fields whose amounts may be in several currencies."""
    return {name: each for name, each in playbook.fields.items() if each.currency}


def code(text: str) -> str:
    """Returns a currency's code as it is compared."""
    return text.strip().upper()


class Amounts:
    """Reads amounts, and knows which stay apart."""

    def __init__(self, playbook: Playbook, rates: Rates | None) -> None:
        self._fields = in_currencies(playbook)
        self._zone: Zone = playbook.zone
        self._rates = rates
        self._seen: dict[str, _Seen] = {}

    def of(self, deal: Deal, field: str, at: int) -> Amount | None:
        """Returns a field's amount as of an instant; `None` where it has none that can be added
        up."""
        value, kind = countable(deal.field(field, at)), self._fields.get(field)
        if value is None or kind is None:
            return None if value is None else Amount(value, "")
        said = deal.field(kind.currency, at)
        currency = NO_CURRENCY if said is None else code(str(said))
        if currency == code(kind.unit):
            return Amount(value, "")
        rate = self._rates.at(currency, at) if self._rates is not None else None
        if rate is None:
            self._seen.setdefault(currency, _Seen(deal.id, at)).add(deal.id)
            return Amount(value, currency)
        made = countable(value * rate)
        return None if made is None else Amount(made, "")

    def not_added(self) -> tuple[NotAdded, ...]:
        """Returns the currencies of which amounts stay apart, each with the first such deal."""
        file = self._rates.file if self._rates is not None else ""
        return tuple(
            NotAdded(currency, seen.deals, seen.deal, show_instant(seen.at, self._zone)[:10], file)
            for currency, seen in sorted(self._seen.items())
        )


class _Seen:
    """The deals whose amounts stay apart, and the first of them; a deal is looked at in one go."""

    __slots__ = ("at", "deal", "deals", "last")

    def __init__(self, deal: str, at: int) -> None:
        self.deal, self.at = deal, at
        self.deals = 0
        self.last: str | None = None

    def add(self, deal: str) -> None:
        self.deals += deal != self.last
        self.last = deal
