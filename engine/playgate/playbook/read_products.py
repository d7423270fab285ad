"""Document → what is sold, and what sets it apart; reports every mistake and stops for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playgate.conditions.durations import Duration
from playgate.conditions.instants import read_instant
from playgate.conditions.names import Names
from playgate.conditions.parse import ConditionReader, Where
from playgate.documents.document import Document, Route, quoted, shortened
from playgate.model.numbers import Differentiator, Occurrence, Product
from playgate.playbook.read_occurrence import read_occurrence

__all__ = ["read_products"]

_Report = Callable[..., None]


def read_products(
    document: Document,
    conditions: ConditionReader,
    names: Names,
    *,
    duration: Callable[[Route], Duration | None],
    report: _Report,
) -> tuple[Product, ...]:
    """Reads the section; `report` takes a mistake: its route, message, rule and hint."""
    reader = _ProductReader(document, conditions, names, duration, report)
    declared = document.get(("products",))
    return tuple(map(reader.product, declared if isinstance(declared, dict) else ()))


class _ProductReader:
    def __init__(
        self,
        document: Document,
        conditions: ConditionReader,
        names: Names,
        duration: Callable[[Route], Duration | None],
        report: _Report,
    ) -> None:
        self._document = document
        self._conditions = conditions
        self._names = names
        self._duration = duration
        self._report = report

    def product(self, name: str) -> Product:
        """Reads a product."""
        route = ("products", name)
        title, priority = (self._document.get((*route, key)) for key in ("title", "priority"))
        found = tuple(self._differentiators((*route, "differentiators")))
        if not found and name:
            self._report(
                route,
                f"nothing sets product {shortened(name)} apart",
                "no-differentiator",
                "write under differentiators what only you can say",
                warning=True,
            )
        renew = self._duration((*route, "renew"))
        if renew is not None and not any(each.since is not None for each in found):
            message = "what is to be renewed does not say since when it is said"
            hint = "write {say: …, since: 2026-01-31} under differentiators"
            self._report((*route, "renew"), message, "renew", hint)
        when = None
        if self._document.get((*route, "when")) is not None:
            when = self._conditions.condition((*route, "when"), Where())
        offered = self._occurrence((*route, "offered")) or Occurrence(words=("opened",))
        return Product(
            name,
            title if isinstance(title, str) else name,
            priority if isinstance(priority, int) else None,
            found,
            when,
            self._document.key_place(route),
            renew,
            offered,
        )

    def _differentiators(self, route: Route) -> Iterator[Differentiator]:
        """Reads one differentiator or several, each a text or what says more of it."""
        data = self._document.get(route)
        items = [((*route, i), each) for i, each in enumerate(data)] if _is_list(data) else []
        for where, item in items or [(route, data)]:
            if isinstance(item, str):
                yield Differentiator(item)
            elif isinstance(item, dict) and isinstance(item.get("say"), str):
                since = self._since((*where, "since"))
                yield Differentiator(item["say"], since, self._occurrence((*where, "used")))

    def _since(self, route: Route) -> int | None:
        data = self._document.get(route)
        if not isinstance(data, str):
            return None
        found = read_instant(data, self._names.zone)
        if found is None:
            self._report(route, f"{quoted(data)} is no date", "date", "write it as 2026-01-31")
        return found

    def _occurrence(self, route: Route) -> Occurrence | None:
        if self._document.get(route) is None:
            return None
        return read_occurrence(route, self._document, self._conditions, self._names)


def _is_list(data: Any) -> bool:
    return isinstance(data, list)
