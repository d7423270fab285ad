"""Formulas: they say that subjects lie in some of their cells, joined by *and* and *or*."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = [
    "NO",
    "YES",
    "Both",
    "Either",
    "Formula",
    "In",
    "Subject",
    "both",
    "either",
    "is_never",
    "subjects",
]

Subject = tuple[object, ...]
"""Something that lies in a cell; its first item is the kind of subject."""


class In(NamedTuple):
    """Says that the subject lies in one of these cells."""

    subject: Subject
    cells: int


class Both(NamedTuple):
    """Says that every part holds; without parts it is always true."""

    parts: tuple[Formula, ...]


class Either(NamedTuple):
    """Says that at least one part holds; without parts it is never true."""

    options: tuple[Formula, ...]


Formula = In | Both | Either
YES, NO = Both(()), Either(())


def is_never(formula: Formula) -> bool:
    """Whether it is plainly false; `== NO` would also be true of `YES`, since both are tuples."""
    return isinstance(formula, Either) and not formula.options


def both(*parts: Formula) -> Formula:
    """Returns the formula that every part holds."""
    return _joined(parts, Both)


def either(*parts: Formula) -> Formula:
    """Returns the formula that at least one part holds."""
    return _joined(parts, Either)


def _joined(parts: Iterable[Formula], kind: type[Both] | type[Either]) -> Formula:
    """Joins the parts to one formula and merges what is said of the same subject."""
    cells: dict[Subject, int] = {}
    rest: list[Formula] = []
    for part in _flat(parts, kind):
        if isinstance(part, In):
            known = cells.get(part.subject)
            if known is not None and kind is Both:
                cells[part.subject] = known & part.cells
            else:
                cells[part.subject] = (known or 0) | part.cells
        elif not part[0]:
            return part  # the other kind without parts decides
        else:
            rest.append(part)
    if kind is Both and not all(cells.values()):
        return NO
    made: tuple[Formula, ...] = (*(In(*each) for each in cells.items() if each[1]), *rest)
    return made[0] if len(made) == 1 else kind(made)


def _flat(parts: Iterable[Formula], kind: type[Both] | type[Either]) -> Iterator[Formula]:
    for part in parts:
        if isinstance(part, kind):
            yield from part[0]
        else:
            yield part


def subjects(formula: Formula) -> Iterator[Subject]:
    """Yields the subjects that a formula speaks of."""
    if isinstance(formula, In):
        yield formula.subject
        return
    for part in formula[0]:
        yield from subjects(part)
