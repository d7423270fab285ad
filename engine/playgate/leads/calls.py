"""Whom somebody calls today, from a look at a list of prospects."""

from __future__ import annotations

from playgate.leads.model import LeadsPlan
from playgate.leads.result import LeadsResult
from playgate.numbers.today_result import Calls

__all__ = ["calls_of"]


def calls_of(plan: LeadsPlan, result: LeadsResult, actor: str) -> Calls | None:
    """Returns what somebody owes in the running week; `None` of who calls nobody."""
    own = next((each for each in result.due if each.rep == actor), None)
    if own is None or plan.contacts is None:
        return None
    contacts = plan.contacts
    return Calls(contacts.kpi.title, contacts.per, own.at_least, own.done, own.left, own.first)
