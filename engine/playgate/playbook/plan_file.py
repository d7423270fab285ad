"""What all plans beside a playbook share: how they are read and held against its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from playgate.conditions.parse import ConditionReader
from playgate.documents.document import Document, Route
from playgate.documents.schema import check_schema
from playgate.documents.yaml12 import parse
from playgate.errors import Mistake
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.playbook.declared import names_of
from playgate.playbook.load import in_order

__all__ = ["PlanReader", "read_plan"]

_Plan = TypeVar("_Plan")
_Read = Callable[[Document, Playbook, frozenset[Route], list[Mistake]], _Plan | None]


def read_plan(
    content: bytes, file: str, playbook: Playbook, *, schema: str, read: _Read[_Plan]
) -> tuple[_Plan | None, list[Mistake]]:
    """Checks `content` against its schema and reads a plan; returns it, or `None` where something
    is wrong, with every mistake and warning by place."""
    document, mistakes = parse(content, file)
    if document is None:
        return None, mistakes
    found, damaged = check_schema(document, schema)
    mistakes += found
    plan = None
    if isinstance(document.data, dict):
        plan = read(document, playbook, damaged, mistakes)
    wrong = any(mistake.level == "error" for mistake in mistakes)
    return None if wrong else plan, in_order(mistakes)


class PlanReader:
    """Reads the pieces of a plan, and notes what is wrong in them where it stands."""

    def __init__(
        self,
        document: Document,
        playbook: Playbook,
        damaged: frozenset[Route],
        mistakes: list[Mistake],
    ) -> None:
        self._document = document
        self._data: dict[str, Any] = document.data
        self._playbook = playbook
        self._numbers = playbook.numbers or Numbers()
        self._damaged = damaged
        self._mistakes = mistakes
        self._names = names_of(playbook)
        self._conditions = ConditionReader(
            document, self._names, damaged=damaged, mistakes=mistakes
        )

    def _report(
        self,
        route: Route,
        message: str,
        rule: str,
        hint: str = "",
        *,
        level: Literal["error", "warning"] = "error",
    ) -> None:
        place = self._document.place(route)
        self._mistakes.append(Mistake(place, message, rule, hint, level=level))

    def _mapping(self, route: Route) -> Mapping[str, Any]:
        data = self._document.get(route)
        return data if isinstance(data, dict) else {}

    def _text(self, route: Route) -> str:
        data = self._document.get(route)
        return data if isinstance(data, str) else ""
