"""The periods by which pay is reckoned, within the span that a statement is of."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import DAY
from playgate.errors import InputError
from playgate.model.playbook import Playbook
from playgate.numbers.period import Period, read_period, running
from playgate.pay.model import PayPlan

__all__ = ["asked_period", "pay_periods"]

_EARLIEST, _LATEST = -718_796 * DAY, 2_567_000 * DAY
"""The years 2 and 9000: at the calendar's ends a period may begin or end nowhere."""


def asked_period(text: str, plan: PayPlan, playbook: Playbook, as_of: int) -> Period:
    """Returns the span that a text names, as far as it is known as of an instant; without a text
    the running period of the pay. Raises `InputError` where it names none."""
    if not _EARLIEST <= as_of <= _LATEST:
        raise InputError(
            "pay reaches from the year 2 to 9000", hint="--as-of 2026-03-31", code="wrong-value"
        )
    asked = text or f"this {plan.per}"
    found = read_period(asked, first=_EARLIEST, as_of=as_of, zone=playbook.zone)
    if found is None:
        raise InputError(
            f'"{text}" is no period',
            hint="2026-05, 2026-Q2, 2026, 2026-W14, 2026-01-01..2026-03-31, last month",
            code="wrong-value",
        )
    if found.start > as_of:
        raise InputError(
            f"{asked} has not begun",
            hint="name one that has, or a later --as-of",
            code="wrong-value",
        )
    return found


def pay_periods(span: Period, plan: PayPlan, playbook: Playbook) -> Iterator[Period]:
    """Yields the whole periods of the pay that overlap a span, in order."""
    at = span.start
    while at < span.end:
        period = running(plan.per, at, playbook.zone)
        yield period
        at = period.end
