"""Who of a list is known already: by keys that are equal, and by names that are nearly so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from playgate.leads.likeness import likeness
from playgate.leads.model import Key, LeadsPlan
from playgate.leads.result import Match
from playgate.leads.rows import Firm, key_of, plain
from playgate.leads.worked import Worked
from playgate.records import Record

__all__ = ["Matcher"]


class _Known(Record):
    """A firm to be found, and what is said of it where it is."""

    firm: Firm
    found: Match


class Matcher:
    """Finds who of the clients, the deals and the list's earlier rows a prospect is."""

    def __init__(self, plan: LeadsPlan, clients: Iterable[Firm], deals: Iterable[Worked]) -> None:
        self._plan = plan
        self._like = likeness() if plan.fuzzy else None
        self._by_key: dict[tuple[Key, tuple[str, ...]], list[_Known]] = defaultdict(list)
        self._by_block: dict[tuple[str, ...], list[_Known]] = defaultdict(list)
        for client in clients:
            self._add(client, Match("client", client.where, "", False, (), "", 100.0))
        for deal in deals:
            self._add(deal.firm, Match("deal", deal.deal, deal.rep, deal.open, (), "", 100.0))

    def add(self, prospect: Firm) -> None:
        """Takes a row of the list, so that later ones that are the same are found."""
        self._add(prospect, Match("prospect", prospect.where, "", False, (), "", 100.0))

    def _add(self, firm: Firm, found: Match) -> None:
        known = _Known(firm, found)
        for key in self._plan.match:
            values = key_of(firm, key, self._plan.open_domains)
            if values is not None:
                self._by_key[key, values].append(known)
        if self._plan.fuzzy is not None:
            block = key_of(firm, self._plan.fuzzy.same, ())
            if block is not None and firm.cell(self._plan.fuzzy.column):
                self._by_block[block].append(known)

    def matches(self, firm: Firm) -> tuple[Match, ...]:
        """Returns each firm that the prospect is or may be, once, by the key that comes first."""
        first: dict[tuple[str, str], Match] = {}
        for match in (*self._equal(firm), *self._alike(firm)):
            first.setdefault((match.kind, match.of), match)
        return tuple(first.values())

    def _equal(self, firm: Firm) -> Iterator[Match]:
        for key in self._plan.match:
            values = key_of(firm, key, self._plan.open_domains)
            if values is None:
                continue
            for known in self._by_key.get((key, values), ()):
                yield _with(known.found, key, " · ".join(values), 100.0)

    def _alike(self, firm: Firm) -> Iterator[Match]:
        fuzzy = self._plan.fuzzy
        block = key_of(firm, fuzzy.same, ()) if fuzzy else None
        if fuzzy is None or self._like is None or block is None or not firm.cell(fuzzy.column):
            return
        name = plain(firm.cell(fuzzy.column))
        for known in self._by_block.get(block, ()):
            other = known.firm.cell(fuzzy.column)
            like = self._like(name, plain(other))
            if like >= fuzzy.at_least:
                yield _with(known.found, (fuzzy.column, *fuzzy.same), other, min(like, 99.9))


def _with(found: Match, by: Key, value: str, like: float) -> Match:
    return Match(found.kind, found.of, found.rep, found.open, by, value, like)
