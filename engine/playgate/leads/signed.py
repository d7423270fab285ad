"""A signed proposal as events: who owns which deal from now on, for a ledger or a history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.people import People
from playgate.leads.result import Lead, LeadsResult
from playgate.model.playbook import Playbook

__all__ = ["check_signer", "signed"]


def check_signer(signer: str, playbook: Playbook, people: People | None) -> None:
    """Raises `InputError` where only some may decide over exceptions, and the signer is none of
    them."""
    may = playbook.may_waive
    if may is None or people is None or not people.roles(signer).isdisjoint(may):
        return
    message = f"{signer} may not sign who works on whom: only {' or '.join(may) or 'nobody'} may"
    raise InputError(message, hint="name somebody of this role in --signed-by", code="may-not")


def signed(
    result: LeadsResult, playbook: Playbook, signer: str, passed_on: Mapping[str, str]
) -> Iterator[Event]:
    """Yields an event for each field of each prospect that is given to somebody, its owner last,
    and for each deal that passes to another rep.

    Raises `InputError` where a prospect has no `id`, or a deal is not one that may pass on.
    """

    def event(deal: str, field: str, value: str) -> Event:
        at = result.as_of
        return Event(deal, at, "field", field, value, signer, at, "", "", 0, 0)

    fields = [name for name in playbook.fields if name != "owner"]
    for lead in result.leads:
        if lead.rep:
            deal = _id_of(lead)
            for name in fields:
                if lead.cells.get(name):
                    yield event(deal, name, lead.cells[name])
            yield event(deal, "owner", lead.rep)
    may = {each.deal for each in result.release}
    for deal, rep in passed_on.items():
        if deal not in may:
            raise InputError(
                f'deal "{deal}" is not one that may pass on',
                hint=nearest(deal, may),
                code="unknown-name",
            )
        yield event(deal, "owner", rep)


def _id_of(lead: Lead) -> str:
    found = lead.cells.get("id", "")
    if not found:
        raise InputError(
            f"{lead.place}: a prospect without an id cannot become a deal",
            hint="give the list a column id",
            code="wrong-file",
        )
    return found
