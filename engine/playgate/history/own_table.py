"""Reads rows of the history table itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import itemgetter

from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    OUT_OF_RANGE,
    Zone,
    instants_reader,
    read_instant,
)
from playgate.documents.document import nearest
from playgate.history.bound_rule import Columns, rest_of, rests_of
from playgate.history.deal_ids import DealIds
from playgate.history.delimited import Columnar
from playgate.history.event import KINDS
from playgate.history.json_texts import WHICH, DoubledKeyError
from playgate.history.mapped import ProblemAt
from playgate.history.ndjson import canonical_json, read_json
from playgate.history.part import PartOfDeals
from playgate.history.row_ids import OTHERS, row_ids, whole_object

__all__ = ["COLUMNS", "REQUIRED", "canonical_attrs", "compile_own"]

REQUIRED = ("deal", "happened_at", "kind", "name")
COLUMNS = (*REQUIRED, "value", "actor", "recorded_at", "event_id", "attrs")
_STAMP_HINT = "write RFC 3339, such as 2026-01-31T14:05:00+01:00, or give its format in a mapping"
_MOST_REMEMBERED = 20_000
_KINDS = frozenset(KINDS)


class _UnreadableError(ValueError):
    """Says why a row is no event: it carries a reason and a hint."""


def compile_own(
    header: Sequence[str],
    *,
    zone: Zone,
    source: int,
    problem: ProblemAt,
    part: PartOfDeals | None = None,
    stable_ids: bool = True,
    deals: DealIds | None = None,
) -> Callable[[Columnar], list[Columns]]:
    """Compiles a function from rows to events; the header must have at least the required
    columns."""
    deals = deals or DealIds()
    deal_at = header.index("deal")
    places = [header.index(column) if column in header else None for column in COLUMNS]
    read = instants_reader(zone, first=EVENTS_FROM, last=EVENTS_UNTIL)
    attrs_of = _attrs_reader()
    ids_of = _bare_ids(header, stable_ids)

    def events(batch: Columnar) -> list[Columns]:
        problems: list[tuple[int, str, str]] = []
        trimmed = deals.of(batch.lines, batch.columns[deal_at], lambda *each: problems.append(each))
        lines = batch.lines
        columns: Sequence[Sequence[str]] = [*batch.columns, trimmed]
        if part is not None:
            lines, columns = part.of(lines, columns, -1)
        blank = [""] * len(lines)
        cells = [blank if place is None else columns[place] for place in places]
        cells[0] = columns[-1]
        ids = blank if ids_of is None else ids_of(columns, cells[7])
        instants = read(cells[1])
        if (whole := _all_good(cells, instants, ids, lines, source, read, attrs_of)) is not None:
            for each in problems:
                problem(*each)
            return whole
        found: list[Columns] = []
        for line, at, own, deal, stamp, kind, name, value, actor, recorded, event_id, attrs in zip(
            lines, instants, ids, *cells, strict=True
        ):
            recorded_at = read((recorded,))[0] if recorded else at
            try:
                if (
                    at is None
                    or recorded_at is None
                    or kind not in KINDS
                    or not deal
                    or not name.strip()
                ):
                    told = deal, stamp, kind, name, recorded
                    raise _UnreadableError(*_reason(told, zone, at is None))
                if attrs:
                    attrs = attrs_of(attrs)
            except _UnreadableError as error:
                problems.append((line, error.args[0], error.args[1]))
                continue
            given, rest = _given(event_id, own), rest_of(stamp)
            found.append(
                (deal, at, kind, name, value, actor, recorded_at, given, attrs, source, line, rest)
            )
        for each in sorted(problems, key=itemgetter(0)):
            problem(*each)
        return found

    return events


def _all_good(
    cells: Sequence[Sequence[str]],
    instants: list[int | None],
    ids: Sequence[str],
    lines: Sequence[int],
    source: int,
    read: Callable[[Iterable[str]], list[int | None]],
    attrs_of: Callable[[str], str],
) -> list[Columns] | None:
    """Returns all rows of a batch as events, column by column; `None` where there may be one that
    is none."""
    deals, stamps, kinds, names, values, actors, recorded, given, attrs = cells
    known = {*deals}, {*names}
    if (
        None in instants
        or not _KINDS.issuperset(kinds)
        or not all(all(map(str.strip, each)) for each in known)
    ):
        return None
    recorded_at = instants
    if any(recorded):
        told = iter(read(filter(None, recorded)))
        recorded_at = [
            next(told) if text else at for text, at in zip(recorded, instants, strict=True)
        ]
        if None in recorded_at:
            return None
    if any(given):
        is_whole = all(given) and not any(map(str.isspace, given))
        ids = given if is_whole else list(map(_given, given, ids))
    if any(attrs):
        try:
            attrs = [attrs_of(text) if text else text for text in attrs]
        except _UnreadableError:
            return None
    columns = (deals, instants, kinds, names, values, actors, recorded_at, ids, attrs)
    return list(zip(*columns, repeat(source), lines, rests_of(stamps), strict=False))


def _given(event_id: str, own: str) -> str:
    return own if not event_id or event_id.isspace() else event_id


def _bare_ids(
    header: Sequence[str], stable: bool
) -> Callable[[Sequence[Sequence[str]], Sequence[str]], Sequence[str]] | None:
    """Returns what gives the rows without an id their own, where they have more than the history's
    columns; `None` where no row has."""
    more = [place for place, column in enumerate(header) if column not in COLUMNS]
    if not more:
        return None
    in_json = header[-1] == OTHERS
    ids = row_ids(header, stable=stable, whole=whole_object if in_json else None)

    def ids_of(columns: Sequence[Sequence[str]], given: Sequence[str]) -> Sequence[str]:
        blank = [not known or known.isspace() for known in given]
        if not any(blank):
            return [""] * len(given)
        others = [any(cells) for cells in zip(*[columns[place] for place in more], strict=True)]
        wanted = [no_id and other for no_id, other in zip(blank, others, strict=True)]
        found = iter(ids.of(columns, wanted))
        return [next(found) if each else "" for each in wanted]

    return ids_of


def _reason(told: tuple[str, str, str, str, str], zone: Zone, unread: bool) -> tuple[str, str]:
    deal, stamp, kind, name, recorded = told
    if not deal.strip():
        return "the deal is empty", ""
    if unread:
        if not stamp.strip():
            return "happened_at is empty", ""
        return _no_instant("happened_at", stamp, zone)
    if kind not in KINDS:
        return f'there is no kind "{kind[:60]}"', nearest(kind[:60], KINDS)
    if not name.strip():
        return f"the {kind}'s name is empty", ""
    return _no_instant("recorded_at", recorded, zone)


def _no_instant(what: str, stamp: str, zone: Zone) -> tuple[str, str]:
    if read_instant(stamp, zone) is not None:
        return f'{what} "{stamp[:60]}" {OUT_OF_RANGE}', "correct the year"
    return f'{what} "{stamp[:60]}" cannot be read as an instant', _STAMP_HINT


def _attrs_reader() -> Callable[[str], str]:
    remembered: dict[str, str] = {}

    def canonical(text: str) -> str:
        found = remembered.get(text)
        if found is None:
            found = canonical_attrs(text)
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
            remembered[text] = found
        return found

    return canonical


def canonical_attrs(text: str) -> str:
    """Returns attributes in their one form, as JSON; raises `ValueError` for what is no object."""
    if not text.strip():
        return ""
    try:
        data = read_json(text)
        if isinstance(data, dict):
            return canonical_json(data) if data else ""
    except DoubledKeyError as error:
        raise _UnreadableError(f"attrs: {error}", WHICH) from None
    except (ValueError, RecursionError):
        pass
    raise _UnreadableError(
        f"attrs is not a JSON object: {text[:60]}", 'write attrs such as {"with":["decider"]}'
    )
