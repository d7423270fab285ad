"""A signed proposal as events: who owns which deal from now on, for a ledger or a history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.conditions.instants import show_instant
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.people import People
from playgate.leads.result import Lead, LeadsResult
from playgate.model.playbook import Playbook

__all__ = ["COLUMNS", "check_signer", "signed"]

COLUMNS = ("deal", "happened_at", "kind", "name", "value", "actor")
"""The columns of a history that it writes."""


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
) -> Iterator[tuple[str, ...]]:
    """Yields a row for each field of each prospect that is given to somebody, its owner last, and
    for each deal that passes to another rep.

    Raises `InputError` where a prospect has no `id`, or a deal is not one that may pass on.
    """
    at = show_instant(result.as_of)
    fields = [name for name in playbook.fields if name != "owner"]
    for lead in result.leads:
        if lead.rep:
            deal = _id_of(lead)
            for name in fields:
                if lead.cells.get(name):
                    yield deal, at, "field", name, lead.cells[name], signer
            yield deal, at, "field", "owner", lead.rep, signer
    may = {each.deal for each in result.release}
    for deal, rep in passed_on.items():
        if deal not in may:
            raise InputError(
                f'deal "{deal}" is not one that may pass on',
                hint=nearest(deal, may),
                code="unknown-name",
            )
        yield deal, at, "field", "owner", rep, signer


def _id_of(lead: Lead) -> str:
    found = lead.cells.get("id", "")
    if not found:
        raise InputError(
            f"{lead.place}: a prospect without an id cannot become a deal",
            hint="give the list a column id",
            code="wrong-file",
        )
    return found
