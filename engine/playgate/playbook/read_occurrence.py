"""Document → what may happen to a deal, as numbers and pay count it."""

from __future__ import annotations

from playgate.conditions.names import Names
from playgate.conditions.parse import ConditionReader
from playgate.conditions.tree import Pattern
from playgate.documents.document import Document, Route
from playgate.model.numbers import Occurrence

__all__ = ["read_occurrence"]


def read_occurrence(
    route: Route, document: Document, conditions: ConditionReader, names: Names
) -> Occurrence:
    """Reads what may happen at `route`: one thing, or a list of alternatives."""
    data = document.get(route)
    words: list[str] = []
    reached: list[str] = []
    patterns: list[Pattern] = []
    several = [(*route, index) for index in range(len(data))] if isinstance(data, list) else ()
    for each in several or [route]:
        item = document.get(each)
        if isinstance(item, str):
            words.append(item)
        elif isinstance(item, dict) and "reached" in item:
            inner = (*each, "reached")
            reached += conditions.known_names("stage", inner, names.stages) or ()
        elif item is not None:
            patterns += conditions.pattern(each, judged=False) or ()
    return Occurrence(tuple(words), tuple(reached), tuple(patterns))
