"""The deals of a history as leads need them: whose they are, since when, and as rows to match."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.history.deal import Deal, no_roles, responsible
from playgate.history.people import People
from playgate.history.walk import walk
from playgate.judge.judge import Judge
from playgate.leads.model import LeadsPlan
from playgate.leads.rows import Firm
from playgate.numbers.history import History
from playgate.numbers.occurrences import Reader
from playgate.records import Record

__all__ = ["Worked", "worked_deals"]


class Worked(Record):
    """A deal that somebody works on, or worked on."""

    deal: str
    rep: str
    open: bool
    sold: bool
    touched: bool
    since: int
    """When its present owner took it over, or it began."""
    stage: str
    firm: Firm
    problems: int
    """How much of it is not as the playbook reads it."""


def worked_deals(
    plan: LeadsPlan, judge: Judge, history: History, people: People | None, as_of: int
) -> Iterator[Worked]:
    """Yields the deals as of an instant."""
    reader = Reader(judge)
    fields = {field: column for column, field in plan.deals.items()}
    walked = walk(
        history.deals(),
        judge.reader(people.roles if people else no_roles),
        judge.ever_governs,
        as_of=as_of,
    )
    for each in walked:
        if not each.is_one:
            continue
        deal = each.deal
        outcome = reader.outcome(deal)
        yield Worked(
            deal=deal.id,
            rep=responsible(deal, len(deal.events) - 1),
            open=outcome.ended is None,
            sold=outcome.sold is not None,
            touched=bool(deal.activities),
            since=_since(deal),
            stage=deal.stage_at(as_of),
            firm=_firm(deal, fields, as_of),
            problems=len(judge.notes(deal)) + len(each.clashes),
        )


def _since(deal: Deal) -> int:
    owners = deal.fields.get("owner")
    if owners is None:
        return deal.happened[0]
    present, since = owners.values[-1], owners.instants[-1]
    for value, at in zip(reversed(owners.values), reversed(owners.instants), strict=True):
        if value != present:
            break
        since = at
    return since


def _firm(deal: Deal, fields: dict[str, str], as_of: int) -> Firm:
    """Returns what the deal's fields say of the firm, under the names of the list's columns."""
    cells = {}
    for name in deal.fields:
        value = deal.field(name, as_of)
        if value is not None:
            position = deal.fields[name].positions[-1]
            cells[fields.get(name, name)] = deal.events[position].value.strip()
    return Firm(deal.id, 0, cells)
