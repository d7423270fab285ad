"""The first lines of an audit for people: what was judged, and how much of it was followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from playgate.audit.result import AuditResult, PlaybookFacts
from playgate.conditions.instants import Zone, load_zone, show_instant
from playgate.language import say, speaking
from playgate.records import Record
from playgate.report.figures import day, share
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
        first, last = (day(at, zone) for at in (history.first, history.last))
        events = say("{events} from {first} to {last}", events=events, first=first, last=last)
    judged = plural(deals_judged(result), "deal")
    lines = [
        say("{deals} judged on {events}.", deals=judged, events=events)
        if result.as_of is None
        else say(
            "{deals} judged on {events}, as of {instant}.",
            deals=judged,
            events=events,
            instant=_shown(result.as_of, zone),
        )
    ]
    if history.left_out:
        left = plural(history.left_out, "deal")
        lines.append(say("{deals} left out: not for this playbook.", deals=left))
    if history.duplicates:
        lines.append(
            say(
                "{n} repeated row was counted once.",
                "{n} repeated rows were counted once.",
                n=history.duplicates,
            )
        )
    return Headline(playbooks, lines)


def _playbook(facts: PlaybookFacts, *, with_deals: bool) -> str:
    title = f": {facts.title}" if facts.title not in ("", facts.name) else ""
    deals = f" ({plural(facts.deals, 'deal')})" if with_deals else ""
    named = say("{playbook} version {version}", playbook=facts.name, version=facts.version)
    return f"{named}{title}{deals}"


def deals_judged(result: AuditResult) -> int:
    """Returns the deals that any playbook judged."""
    return sum(facts.deals for facts in result.playbooks)


def zone_of(result: AuditResult) -> Zone:
    """Returns the playbook's zone; UTC where several differ."""
    zones = {facts.zone for facts in result.playbooks}
    return (load_zone(zones.pop()) if len(zones) == 1 else None) or UTC


def _shown(at: int, zone: Zone) -> str:
    text = show_instant(at, zone)
    date, end, offset = text.partition(_DAY_END)
    if not end:
        return text
    return say("the end of {day} ({offset})", day=speaking().day(date), offset=offset)


def verdict(result: AuditResult) -> tuple[str, str]:
    """Returns how the playbook was followed: the share, and the counts behind it."""
    if result.adherence.value is None:
        return (say("Nothing to judge:"), say("no rule at block or warn had a chance to be met."))
    good = sum(
        times
        for (rule, state, _), times in result.summary.counts.items()
        if state == "made-good" and rule.level != "observe"
    )
    since = " " + say("({number} made good since)", number=count(good)) if good else ""
    counts = say(
        "{met} met, {unmet} unmet{since}, {waived} waived.",
        met=count(result.met),
        unmet=count(result.unmet),
        since=since,
        waived=count(result.waived),
    )
    return say("{share} of the steps were followed:", share=share(result.adherence)), counts
