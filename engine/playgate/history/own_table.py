"""Reads rows of the history table itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playgate.conditions.instants import Zone, instants_reader
from playgate.documents.document import nearest
from playgate.history.delimited import Columnar
from playgate.history.event import KINDS
from playgate.history.mapped import Columns, ProblemAt
from playgate.history.ndjson import canonical_json, read_json
from playgate.history.part import PartOfDeals

__all__ = ["COLUMNS", "REQUIRED", "compile_own"]

REQUIRED = ("deal", "happened_at", "kind", "name")
COLUMNS = (*REQUIRED, "value", "actor", "recorded_at", "event_id", "attrs")
_STAMP_HINT = "write RFC 3339, such as 2026-01-31T14:05:00+01:00, or give its format in a mapping"
_MOST_REMEMBERED = 20_000


class _UnreadableError(Exception):
    """Says why a row is no event: it carries a reason and a hint."""


def compile_own(
    header: Sequence[str],
    *,
    zone: Zone,
    source: int,
    problem: ProblemAt,
    part: PartOfDeals | None = None,
) -> Callable[[Columnar], list[Columns]]:
    """Compiles a function from rows to events; the header must have at least the required
    columns."""
    places = [header.index(column) if column in header else None for column in COLUMNS]
    read = instants_reader(zone)
    attrs_of = _attrs_reader()

    def events(batch: Columnar) -> list[Columns]:
        lines, columns = batch.lines, batch.columns
        if part is not None:
            lines, columns = part.of(lines, columns, header.index("deal"))
        blank = [""] * len(lines)
        cells = [blank if place is None else columns[place] for place in places]
        found: list[Columns] = []
        for line, at, deal, stamp, kind, name, value, actor, recorded, event_id, attrs in zip(
            lines, read(cells[1]), *cells, strict=True
        ):
            recorded_at = read((recorded,))[0] if recorded else at
            try:
                if (
                    at is None
                    or recorded_at is None
                    or kind not in KINDS
                    or not deal.strip()
                    or not name.strip()
                ):
                    raise _UnreadableError(*_reason(deal, stamp, kind, name, recorded, at is None))
                if attrs:
                    attrs = attrs_of(attrs)
            except _UnreadableError as error:
                problem(line, error.args[0], error.args[1])
                continue
            found.append(
                (deal, at, kind, name, value, actor, recorded_at, event_id, attrs, source, line)
            )
        return found

    return events


def _reason(
    deal: str, stamp: str, kind: str, name: str, recorded: str, unread: bool
) -> tuple[str, str]:
    if not deal.strip():
        return "the deal is empty", ""
    if unread:
        if not stamp.strip():
            return "happened_at is empty", ""
        return f'happened_at "{stamp[:60]}" cannot be read as an instant', _STAMP_HINT
    if kind not in KINDS:
        return f'there is no kind "{kind[:60]}"', nearest(kind[:60], KINDS)
    if not name.strip():
        return f"the {kind}'s name is empty", ""
    return f'recorded_at "{recorded[:60]}" cannot be read as an instant', _STAMP_HINT


def _attrs_reader() -> Callable[[str], str]:
    remembered: dict[str, str] = {}

    def canonical(text: str) -> str:
        found = remembered.get(text)
        if found is None:
            found = _canonical(text)
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
            remembered[text] = found
        return found

    return canonical


def _canonical(text: str) -> str:
    if not text.strip():
        return ""
    try:
        data = read_json(text)
        if isinstance(data, dict):
            return canonical_json(data) if data else ""
    except (ValueError, RecursionError):
        pass
    raise _UnreadableError(
        f"attrs is not a JSON object: {text[:60]}", 'write attrs such as {"with":["decider"]}'
    )
