"""What a playbook declares for its people: tasks and goals by role, and the first weeks of who is
new."""

from __future__ import annotations

from playgate.errors import Place
from playgate.model.occurrence import Occurrence, Per
from playgate.records import Record

__all__ = ["Aim", "Certificate", "FirstStep", "Onboarding", "RoleWork"]


class Aim(Record, kw_only=True):
    """What a KPI is to be for each person of a role; of a count and a sum, in each `per`."""

    kpi: str
    place: Place
    at_least: float | None = None
    at_most: float | None = None
    per: Per | None = None


class RoleWork(Record):
    """What those of a role do, and what they aim at."""

    id: str
    title: str
    tasks: tuple[str, ...]
    aims: tuple[Aim, ...]
    place: Place


class FirstStep(Record):
    """What somebody new does so many times by the end of a week, the first being 1.

    `what` is counted in the deals; without it, it is a lesson, which a file of sessions records.
    """

    id: str
    title: str
    week: int
    times: int
    what: Occurrence | None
    place: Place


class Certificate(Record):
    """What shows that somebody works by the playbook: the share of steps followed, as a fraction
    of 1, over so many deals at least."""

    followed: float
    deals: int


class Onboarding(Record):
    """The first weeks of those of some roles (none named: of all who are coached), over which
    their goals rise from week to week."""

    weeks: int
    roles: tuple[str, ...] = ()
    steps: tuple[FirstStep, ...] = ()
    certificate: Certificate | None = None
