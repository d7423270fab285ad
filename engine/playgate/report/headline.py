"""The first lines of an audit for people: what was judged, and how much of it was followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from playgate.audit.result import AuditResult, PlaybookFacts
from playgate.conditions.instants import Zone, load_zone, show_instant
from playgate.records import Record
from playgate.report.figures import share
from playgate.report.words import count, plural

__all__ = ["Headline", "deals_judged", "headline", "verdict", "zone_of"]

_DAY_END = "T23:59:59.999999"


class Headline(Record):
    """What was judged: each playbook with its file, then lines about the history."""

    playbooks: Sequence[tuple[str, str]]
    lines: Sequence[str]


def headline(result: AuditResult) -> Headline:
    """Returns what was judged, the instants in the playbook's zone."""
    history, zone = result.history, zone_of(result)
    many = len(result.playbooks) > 1
    playbooks = [(_playbook(facts, with_deals=many), facts.file) for facts in result.playbooks]
    events = plural(history.events, "event")
    if history.first is not None and history.last is not None:
        first, last = (show_instant(at, zone)[:10] for at in (history.first, history.last))
        events += f" from {first} to {last}"
    as_of = f", as of {_shown(result.as_of, zone)}" if result.as_of is not None else ""
    lines = [f"{plural(deals_judged(result), 'deal')} judged on {events}{as_of}."]
    if history.left_out:
        lines.append(f"{plural(history.left_out, 'deal')} left out: not for this playbook.")
    if history.duplicates:
        rows = plural(history.duplicates, "repeated row was", "repeated rows were")
        lines.append(f"{rows} counted once.")
    return Headline(playbooks, lines)


def _playbook(facts: PlaybookFacts, *, with_deals: bool) -> str:
    title = f": {facts.title}" if facts.title not in ("", facts.name) else ""
    deals = f" ({plural(facts.deals, 'deal')})" if with_deals else ""
    return f"{facts.name} version {facts.version}{title}{deals}"


def deals_judged(result: AuditResult) -> int:
    """Returns the deals that any playbook judged."""
    return sum(facts.deals for facts in result.playbooks)


def zone_of(result: AuditResult) -> Zone:
    """Returns the playbook's zone; UTC where several differ."""
    zones = {facts.zone for facts in result.playbooks}
    return (load_zone(zones.pop()) if len(zones) == 1 else None) or UTC


def _shown(at: int, zone: Zone) -> str:
    text = show_instant(at, zone)
    day, end, offset = text.partition(_DAY_END)
    return f"the end of {day} ({offset})" if end else text


def verdict(result: AuditResult) -> tuple[str, str]:
    """Returns how the playbook was followed: the share, and the counts behind it."""
    if result.adherence.value is None:
        return "Nothing to judge:", "no rule at block or warn had a chance to be met."
    good = sum(
        times
        for (rule, state, _), times in result.summary.counts.items()
        if state == "made-good" and rule.level != "observe"
    )
    since = f" ({count(good)} made good since)" if good else ""
    counts = f"{count(result.met)} met, {count(result.unmet)} unmet{since}"
    counts += f", {count(result.waived)} waived."
    return f"{share(result.adherence)} of the steps were followed:", counts
