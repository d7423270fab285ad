"""Finds the plan of leads of a playbook."""

from __future__ import annotations

from pathlib import Path

from playgate.cli.load import playbook_from
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError
from playgate.leads.model import LeadsPlan
from playgate.leads.read import parse_leads
from playgate.model.playbook import Playbook
from playgate.playbook import beside
from playgate.playbook.beside import LEADS, kind_of, playbook_beside

__all__ = ["has_plan", "named_plan", "plan_beside"]


def named_plan(named: str) -> tuple[Playbook, LeadsPlan]:
    """Returns a playbook and the plan beside it, either of which may be named; raises `InputError`
    with all mistakes where they have any."""
    path = Path(named)
    if kind_of(named) is LEADS:
        playbook = playbook_from(str(playbook_beside(path, read_bytes(path))))
        return playbook, _read(path, playbook)
    playbook = playbook_from(named)
    return playbook, plan_beside(playbook)


def has_plan(playbook: Playbook) -> bool:
    """Returns whether a plan of a playbook stands beside it."""
    plans = beside.plans_beside(Path(playbook.file), playbook.name)
    return any(kind_of(each.name) is LEADS for each in plans)


def plan_beside(playbook: Playbook) -> LeadsPlan:
    """Returns the plan beside a playbook; raises `InputError` where there is none, or several."""
    hint = "name the plan in place of the playbook"
    path = beside.plan_beside(Path(playbook.file), playbook.name, LEADS, hint=hint)
    return _read(path, playbook)


def _read(path: Path, playbook: Playbook) -> LeadsPlan:
    plan, mistakes = parse_leads(read_bytes(path), str(path), playbook)
    if plan is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return plan
