"""Deals that the judge judges as well, drawn by their ids, so that nothing that is missed stays
unseen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from playgate.audit.verified import Verified, verified_events
from playgate.columns.arrays import none_of
from playgate.columns.arrow_texts import draws_of
from playgate.columns.charges import charged
from playgate.columns.deals import Deals
from playgate.columns.findings import DisagreementError
from playgate.columns.kernels import SAID
from playgate.columns.rows import Rows
from playgate.columns.scope import ever_governed
from playgate.columns.verdicts import CAUSES, UNMET, Verdicts
from playgate.history.deal import Deal
from playgate.judge.after_verdict import cause_of, charged_to, is_made_good
from playgate.judge.judge import CompiledRule

__all__ = ["Check", "Drawn"]

_Said = tuple[int, int, str, bool, str | None]


class Drawn:
    """Draws deals by their ids until they have so many events of all as are to be verified."""

    def __init__(self, verified: Verified, size: int) -> None:
        events = verified_events(verified, size)
        share = 1.0 if events is None or size <= events else events / size
        self._below = int(share * 2**32)
        self._left = size if events is None else events
        self._draws = none_of()

    def begin(self, rows: Rows) -> None:
        """Draws among the deals of some rows."""
        self._draws = draws_of(rows.words.deals) if self._left else none_of()

    def of(self, deals: Deals) -> list[int]:
        """Returns the deals that are drawn of some."""
        found: list[int] = []
        if self._left <= 0:
            return found
        events = np.bincount(deals.met_deal, minlength=deals.count)
        for number in np.flatnonzero(self._draws[deals.number] < self._below).tolist():
            if events[number] <= self._left:
                found.append(number)
                self._left -= int(events[number])
        return found


class Check:
    """Compares what kernels say of some deals with what the judge says."""

    def __init__(self, deals: Deals, drawn: list[int], owners: dict[str, int]) -> None:
        self._deals = deals
        self._drawn = drawn
        self._is_drawn = np.zeros(deals.count, np.bool_)
        self._is_drawn[drawn] = True
        self._owners = owners
        self._said: dict[tuple[int, int], _Said] = {}

    def take(self, place: int, verdicts: Verdicts) -> None:
        """Notes the verdicts on one rule."""
        if not self._drawn:
            return
        some = np.flatnonzero(self._is_drawn[verdicts.deal])
        dues = verdicts.dues.take(some)
        actors = charged(self._deals, dues, self._owners).tolist()
        names = list(self._owners)
        columns = (
            dues.deal,
            verdicts.said[some],
            dues.at,
            verdicts.is_good[some],
            verdicts.cause[some],
        )
        rows = zip(*(column.tolist() for column in columns), actors, strict=True)
        for deal, said, at, is_good, cause, actor in rows:
            self._said[deal, place] = (said, at, names[actor], is_good, CAUSES[cause])

    def run(self) -> None:
        """Raises `DisagreementError` where the judge says otherwise."""
        plan = self._deals.plan
        governed = ever_governed(self._deals)
        for number, deal in self._deals.read(self._drawn):
            for place, rule, judged in self._judged(deal):
                told = self._said.get((number, place))
                if told != judged:
                    where = f"{self._deals.name_of(number)} {rule.rule.info.id}"
                    raise DisagreementError(f"{where}: {told}, the judge {judged}")
            if (bool(deal.events) and plan.judge.ever_governs(deal)) != governed[number]:
                raise DisagreementError(f"{deal.id}: governed or not")

    def _judged(self, deal: Deal) -> Iterator[tuple[int, CompiledRule, _Said | None]]:
        plan = self._deals.plan
        is_judged = bool(deal.events) and plan.judge.ever_governs(deal)
        verdicts = plan.judge.judge(deal) if is_judged else [None] * len(plan.judge.rules)
        for place, (rule, verdict) in enumerate(zip(plan.judge.rules, verdicts, strict=True)):
            if verdict is None:
                yield place, rule, None
                continue
            said = SAID[verdict.verdict]
            is_good = said == UNMET and is_made_good(rule, deal, verdict)
            cause = cause_of(rule, deal, verdict) if said == UNMET else None
            yield place, rule, (said, verdict.due.at, charged_to(deal, verdict.due), is_good, cause)
