"""Document → the small pieces of a playbook; reports every mistake and stops for none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from playgate.conditions import tree
from playgate.conditions.durations import Duration
from playgate.conditions.instants import load_zone, read_instant
from playgate.conditions.parse import ConditionReader, Where
from playgate.documents.document import Document, Route, quoted
from playgate.errors import Mistake
from playgate.findings import Level
from playgate.model.playbook import Timed
from playgate.playbook.declared import read_names
from playgate.rules.families import FAMILIES, KeySection

__all__ = ["BROKEN", "NOWHERE", "PieceReader"]

NOWHERE = Where()
"""A condition that stands in no stage and is asked at no event."""

# What stands in for broken parts, so that their rules keep their ids; such a playbook is not used.
BROKEN = tree.SignalRef("")
_BROKEN_DURATION = Duration(1, "day")


class PieceReader:
    """Reads texts, durations, conditions and the like at a route of the document."""

    def __init__(
        self, document: Document, damaged: frozenset[Route], mistakes: list[Mistake]
    ) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.mistakes = mistakes
        self._damaged = damaged
        zone_name = self.data.get("timezone", "UTC")
        self.zone_name = zone_name if isinstance(zone_name, str) else "UTC"
        self.zone = load_zone(self.zone_name) or UTC
        self.names = read_names(document, damaged, mistakes, zone=self.zone)
        self.reader = ConditionReader(document, self.names, damaged=damaged, mistakes=mistakes)

    # Small pieces

    def _report(self, route: Route, message: str, rule: str, hint: str = "") -> None:
        self.reader.report(self.document.place(route), message, rule, hint)

    def _mapping(self, route: Route) -> Mapping[str, Any]:
        data = self.document.get(route)
        return data if isinstance(data, dict) else {}

    def _keys(self, key: str) -> tuple[str, ...]:
        return tuple(self._mapping((key,)))

    def _list(self, route: Route) -> list[Any]:
        data = self.document.get(route)
        return data if isinstance(data, list) else []

    def _text(self, route: Route) -> str:
        data = self.document.get(route)
        return data if isinstance(data, str) else ""

    def _texts(self, route: Route) -> tuple[str, ...]:
        """Returns one text or a list of them."""
        data = self.document.get(route)
        if isinstance(data, str):
            return (data,)
        return (
            tuple(each for each in data if isinstance(each, str))
            if (isinstance(data, list))
            else ()
        )

    def _level(self, route: Route) -> Level | None:
        data = self.document.get((*route, "level"))
        return data if data in ("block", "warn", "observe") else None

    def _duration(self, route: Route, *, zero: bool = False) -> Duration | None:
        if route[-1] not in self._mapping(route[:-1]):
            return None
        return self.reader.duration(route, zero=zero) or _BROKEN_DURATION

    def _lengths(self, route: Route, section: KeySection) -> dict[str, Timed]:
        """The deadlines that a section says, by their key."""
        found = {}
        for row in FAMILIES.values():
            if row.section == section and row.takes_length:
                length = self._duration((*route, row.key))
                if length is not None:
                    found[row.key] = Timed(length, self.document.key_place((*route, row.key)))
        return found

    def _instant(self, route: Route) -> int | None:
        data = self.document.get(route)
        if not isinstance(data, str):
            return None
        instant = read_instant(data, self.zone)
        if instant is None:
            message = f"{quoted(data)} is no date"
            self._report(route, message, "date", "write a date as 2026-03-31")
        return instant

    def _condition(self, route: Route, where: Where) -> tree.Condition | None:
        if self.document.get(route) is None:
            return None
        return self.reader.condition(route, where) or BROKEN

    def _may_waive(self, route: Route) -> tuple[str, ...] | None:
        """Returns the roles that may make exceptions; `None` where `route` does not say."""
        if "may_waive" not in self._mapping(route):
            return None
        return self.reader.known_names("role", (*route, "may_waive"), self.names.roles) or ()

    def _title(self, route: Route, fallback: str) -> str:
        return self._text((*route, "title")) or fallback

    def _check_ids(self, route: Route, items: list[Any]) -> list[Any]:
        """Returns the ids given in a list, each of which may stand only once."""
        given = [item.get("id") if isinstance(item, dict) else None for item in items]
        first: dict[str, int] = {}
        for index, name in enumerate(given):
            if not isinstance(name, str):
                continue
            if name in first:
                place = self.document.place((*route, index, "id"))
                related = self.document.place((*route, first[name], "id"))
                message = f"id {quoted(name)} stands twice (first on line {related.line})"
                hint = "give each its own"
                self.reader.report(place, message, "duplicate-id", hint, related=related)
            first.setdefault(name, index)
        return given
