"""Deals as the report shows them: what to do, what was found, the timeline with the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playgate.enforce.remedy import Remedy
from playgate.findings import Finding
from playgate.history.event import Event, event_id
from playgate.language import say, speaking
from playgate.numbers.review import Review
from playgate.numbers.ways import edges_of
from playgate.numbers.work_result import Dossier, Told
from playgate.report.html_parts import Ids, View, shortened
from playgate.report.html_words import PageWords, level_word
from playgate.report.words import count, plural

__all__ = [
    "DealIds",
    "deal_facts",
    "deal_ids",
    "deals",
    "edge_key",
    "group_key",
    "practice_key",
    "state_word",
    "way_key",
]

_TEXT = 160
_MOST_EVENTS = 40
_MOST_FINDINGS = 12
_MOST_STEPS = 3


class DealIds(NamedTuple):
    """The short names by which the page's script tells reps, teams, stages, rules, ways,
    their steps, groups of customers, and practices."""

    rep: Ids
    team: Ids
    stage: Ids
    rule: Ids
    way: Ids
    edge: Ids
    group: Ids
    practice: Ids


def edge_key(out_of: str, into: str) -> str:
    """Returns a step from one stage into another as one word."""
    return f"{out_of}>{into}"


def group_key(kind: str, name: str) -> str:
    """Returns a segment, profile or product as one word."""
    return f"{kind}/{name}"


def practice_key(rule: str, *, did: bool) -> str:
    """Returns as one word that what the rule of a practice asks was done, or was not."""
    return f"{'with' if did else 'without'}/{rule}"


def way_key(way: tuple[str, ...]) -> str:
    """Returns a way as one word."""
    return ">".join(way)


def deal_ids(place: int, dossier: Dossier, review: Review, ids: DealIds) -> View:
    """Returns what the page's script tells a deal by."""
    found = [each.finding for each in dossier.findings]
    missed = "missed" if any(each.state != "waived" for each in found) else ""
    return {
        "id": f"d{place}",
        "rep": ids.rep(dossier.owner),
        "team": ids.team(review.teams.get(dossier.owner, "")),
        "stage_id": ids.stage(dossier.stage),
        "levels": " ".join(sorted({each.rule.level for each in found})),
        "states": " ".join(
            filter(None, ("todo" if dossier.has_work else "", dossier.state, missed))
        ),
        "rules": " ".join(
            dict.fromkeys(ids.rule(each.rule.id) for each in found if each.state != "waived")
        ),
        "way": ids.way(way_key(dossier.way)),
        "edges": " ".join(ids.edge(edge_key(*edge)) for edge in edges_of(dossier.way)),
        "groups": " ".join(ids.group(group_key(*each)) for each in dossier.groups),
        "practices": " ".join(
            ids.practice(practice_key(rule, did=did))
            for rule, did in review.did.get(dossier.deal, {}).items()
        ),
        "stake": round(dossier.stake.value or 0) if dossier.is_open else 0,
    }


def deals(review: Review, ids: DealIds) -> Iterator[View]:
    """Yields each deal that is shown, in the order of its weight."""
    words = PageWords(review)
    for place, dossier in enumerate(review.work.dossiers):
        yield {
            **deal_ids(place, dossier, review, ids),
            "deal": shortened(dossier.deal),
            "owner": words.who(dossier.owner),
            "stage": words.stage(dossier.stage),
            "state": _state(dossier, words),
            "facts": deal_facts(dossier, words),
            "amount": round(_amount(dossier)),
            "age": words.days_since(dossier.opened),
            "is_open": dossier.is_open,
            "found": plural(len(dossier.findings), "finding") if dossier.findings else "",
            "steps": _steps(dossier, words),
            "next": words.stage(dossier.next_stage) if dossier.is_open else "",
            "ahead": [
                {"at": words.day(each.due_at), "title": words.plain(each.title)}
                for each in dossier.ahead[:_MOST_STEPS]
            ],
            "findings": [
                _finding(each.finding, words) for each in dossier.findings[:_MOST_FINDINGS]
            ],
            "findings_left_out": max(0, len(dossier.findings) - _MOST_FINDINGS),
            **_timeline(dossier, words),
        }


def _amount(dossier: Dossier) -> float:
    """Returns by what a deal is sorted; what is in another currency has no place among the rest."""
    return (dossier.stake.worth.own if dossier.stake.worth else None) or 0.0


def deal_facts(dossier: Dossier, words: PageWords) -> list[str]:
    """Returns what an open deal is worth, how old it is, and when it is to close."""
    age = words.days_since(dossier.opened)
    facts = [words.amount(dossier.stake.worth) or say("amount not known")]
    if dossier.is_open:
        chance = words.chance(dossier.stake)
        facts += [say("{chance} of such deals are won", chance=chance)] if chance else []
        facts += [say("{n} day old", "{n} days old", n=age)]
        if dossier.closes:
            facts.append(say("to close on {day}", day=speaking().day(dossier.closes)))
    return facts


def _state(dossier: Dossier, words: PageWords) -> str:
    stage, state = words.stage(dossier.stage) or say("no stage yet"), state_word(dossier.state)
    if dossier.since is None:
        return say("{state}: {stage}", state=state, stage=stage)
    since = words.day(dossier.since)
    return say("{state}: {stage} since {day}", state=state, stage=stage, day=since)


def state_word(state: str) -> str:
    """Returns how a deal stands."""
    match state:
        case "open":
            return say("open")
        case "sold":
            return say("sold")
    return say("ended")


def _finding_state(finding: Finding) -> str:
    match finding.state:
        case "open":
            return say("open")
        case "made-good":
            return say("made good")
        case "waived":
            return say("waived")


def _steps(dossier: Dossier, words: PageWords) -> list[View]:
    return [
        {
            "words": words.to_do(step.remedy),
            "who": words.by(step.who, step.remedy.roles),
            "command": _command(step.remedy, dossier.deal) if words.live else "",
        }
        for step in dossier.steps[: 2 * _MOST_STEPS]
    ]


def _command(remedy: Remedy, deal: str) -> str:
    return f"playgate {remedy.command_for(deal)}" if remedy.command and len(deal) < _TEXT else ""


def _finding(finding: Finding, words: PageWords) -> View:
    return {
        "level": finding.rule.level,
        "said": level_word(finding.rule.level),
        "id": finding.rule.id,
        "state": _finding_state(finding),
        "message": words.plain(shortened(finding.message, 2 * _TEXT)),
        "who": words.who(finding.actor),
        "at": words.day(finding.due_at),
        "waived": f"{words.who(finding.waived_by)}: {shortened(finding.waiver_reason)}"
        if finding.state == "waived"
        else "",
    }


# The timeline


def _timeline(dossier: Dossier, words: PageWords) -> View:
    witnesses = _witnesses(dossier.findings)
    ids = [event_id(event) for event in dossier.events]
    kept = _kept(dossier.events, ids, witnesses)
    return {
        "events": [_event(dossier.events[i], witnesses.get(ids[i], []), words) for i in kept],
        "events_left_out": count(len(ids) - len(kept)) if len(kept) < len(ids) else "",
    }


def _witnesses(findings: tuple[Told, ...]) -> dict[str, list[str]]:
    """Returns for each event the rules to whose findings it is evidence."""
    found: dict[str, list[str]] = {}
    for told in findings:
        for witness in told.finding.evidence:
            found.setdefault(witness.event_id, []).append(told.finding.rule.id)
    return found


def _kept(events: tuple[Event, ...], ids: list[str], witnesses: dict[str, list[str]]) -> list[int]:
    """Returns the evidence, the moves and the latest, so far as there is room; in order."""
    places = range(len(events))

    def weight(place: int) -> tuple[bool, bool, int]:
        return ids[place] not in witnesses, events[place].kind != "stage", -place

    return sorted(sorted(places, key=weight)[:_MOST_EVENTS])


def _event(event: Event, rules: list[str], words: PageWords) -> View:
    named = {"stage": words.stages, "activity": words.activities, "field": words.fields}.get(
        event.kind, {}
    )
    value = words.value(event.name, event.value) if event.kind == "field" else event.value
    value = shortened(value) or (say("cleared") if event.kind == "field" else "")
    if (event.kind, event.name) == ("field", "owner"):
        value = words.who(event.value)
    return {
        "at": words.minute(event.happened_at),
        "kind": event.kind,
        "name": named.get(event.name, event.name),
        "value": value,
        "who": words.who(event.actor),
        "rules": list(dict.fromkeys(rules))[:4],
    }
