"""One row for each deal: where it entered and passed the stages, and the instants that decide."""

from __future__ import annotations

import ibis

from playgate.audit.bulk.expressions import Expr, Table, beside, flag, sure, when
from playgate.audit.bulk.history import History
from playgate.audit.bulk.reads import Nth
from playgate.audit.bulk.setting import Setting, Starts

__all__ = ["is_skipped", "read_deals"]


def read_deals(setting: Setting, history: History) -> Table:
    """The deals with, for stage `i`, the number and instant of the first move into it (`en`, `ea`),
    for place `p` of the track those of the first move beyond it, and what that sees (`gn`, `ga`,
    `gf`), the deal's end (`ended_at`, `is_open`), and each instant that a condition asks for.
    """
    keep = setting.steps.keep
    moved = keep("moved", _moved(setting, history.moves))
    begun = _begun(setting, history.events)
    instants = _instants(setting, history.activities, moved)
    parts = [(part, ("d",)) for part in (begun, moved, instants) if part is not None]
    return keep("deals", beside(history.numbered.select("d"), *parts))


def _begun(setting: Setting, events: Table) -> Table | None:
    """The first event that the playbook knows, for what asks for it."""
    known = events.filter(events.known == 1)
    if setting.playbook.applies_to is None:
        if setting.playbook.age is None:
            return None
        return known.group_by("d").agg(begun_at=known.happened.min())
    ranked = known.mutate(nth=ibis.row_number().over(group_by="d", order_by="pos"))
    first = ranked.filter(ranked.nth == 0)
    return first.select("d", begun_at="happened", begun_effective="effective")


def _moved(setting: Setting, moves: Table) -> Table:
    found: dict[str, Expr] = {}
    moves = _with_firsts(setting, moves)
    for stage, number in setting.numbers.items():
        into = moves.into == stage
        found[f"en{number}"] = moves.n.min(where=into)
        found[f"ea{number}"] = moves["at"].min(where=into)
    for place in range(len(setting.open)):
        beyond = moves.place > place
        found[f"gn{place}"] = moves.n.min(where=beyond)
        found[f"ga{place}"] = moves["at"].min(where=beyond)
        if setting.has_grace:
            found[f"gf{place}"] = moves.facts.min(where=_sees_least(place, moves, beyond))
    return moves.group_by("d").agg(
        moves=moves.count(),
        ended_at=moves["at"].min(where=moves.ends == 1),
        is_open=flag(moves.n.max(where=moves.ends == 0) == moves.n.max()),
        **found,
    )


def _with_firsts(setting: Setting, moves: Table) -> Table:
    """With the number of the deal's first move beyond each place, where that has to be known.

    Most graces leave instants in their order, so the first move sees the least. One in business
    days does not: it takes a Friday evening further than the Saturday after.
    """
    grace = setting.playbook.grace
    if grace is None or grace.elapsed is not None:
        return moves
    return moves.mutate(
        **{
            f"first{place}": when(moves.place > place, moves.n).min().over(group_by="d")
            for place in range(len(setting.open))
        }
    )


def _sees_least(place: int, moves: Table, beyond: Expr) -> Expr:
    first = f"first{place}"
    return moves.n == moves[first] if first in moves.columns else beyond


def is_skipped(setting: Setting, stage: str, row: Expr) -> Expr:
    """Whether the stage is optional and was not entered by the time the deal passed it."""
    if not setting.playbook.stage(stage).optional:
        return ibis.literal(False)
    number, place = setting.numbers[stage], setting.places[stage]
    passed = row[f"gn{place}"].notnull()
    if setting.has_grace:
        seen = row[f"ea{number}"] <= row[f"gf{place}"]
    else:
        seen = row[f"en{number}"] < row[f"gn{place}"]
    return passed & ~sure(seen)


def _instants(setting: Setting, activities: Table, moved: Table) -> Table | None:
    """The n-th effective instant of each pattern that is asked for."""
    nths = setting.reads.nths
    if not nths:
        return None
    since = sorted({setting.numbers[stage] for nth in nths for stage in nth.entered})
    row = activities
    if since:
        entries = moved.select("d", *[f"ea{number}" for number in since])
        row = beside(activities, (entries, ("d",)))
    counts = {column: _running(setting, nth, row) for nth, column in nths.items() if nth.times > 1}
    row = row.mutate(**counts)
    return row.group_by("d").agg(
        **{column: _instant(setting, nth, column, row) for nth, column in nths.items()}
    )


def _counts(setting: Setting, nth: Nth, row: Expr) -> Expr:
    counts = row[setting.reads.patterns[nth.pattern]] == 1
    for span in nth.spans:
        counts &= sure(row.effective >= span.expression(Starts(setting, row)))
    return counts


def _running(setting: Setting, nth: Nth, row: Expr) -> Expr:
    order = ibis.window(group_by="d", order_by=["effective", "pos"], preceding=None, following=0)
    return flag(_counts(setting, nth, row)).sum().over(order)


def _instant(setting: Setting, nth: Nth, column: str, row: Expr) -> Expr:
    counts = _counts(setting, nth, row)
    if nth.times > 1:
        counts &= row[column] == nth.times
    return row.effective.min(where=counts)
