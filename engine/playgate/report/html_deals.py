"""Deals as the report shows them: what to do today, and the timeline with the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from playgate.conditions.instants import DAY, Zone, show_instant
from playgate.enforce.remedy import Remedy
from playgate.findings import Finding
from playgate.history.event import Event, event_id
from playgate.numbers.review import Review
from playgate.numbers.worklist import Dossier, Told
from playgate.report.html_view import Ids, Plain, View, shortened
from playgate.report.words import count, plural

__all__ = ["MOST_TODAY", "deals", "today"]

_TEXT = 160
_MOST_EVENTS = 40
_MOST_FINDINGS = 12
_MOST_STEPS = 3
MOST_TODAY = 5
_MOST_CHOICES = 200
_SOON = 7 * DAY
_STATES = {"open": "open", "made-good": "made good", "waived": "waived"}


class _Words:
    """Instants, people and stages as this report calls them."""

    def __init__(self, review: Review) -> None:
        self.zone: Zone = review.playbook.zone
        self.plain = Plain(review.playbook)
        self.live = review.is_live
        self.names: Mapping[str, str] = review.names
        self.stages = {stage.id: stage.title for stage in review.playbook.stages}
        self.activities = {name: each.title for name, each in review.playbook.activities.items()}
        self.fields = {name: self.plain(name) for name in (*review.playbook.fields, "owner")}

    def day(self, at: int) -> str:
        return show_instant(at, self.zone)[:10]

    def minute(self, at: int) -> str:
        return show_instant(at, self.zone)[:16].replace("T", " ")

    def who(self, actor: str) -> str:
        return shortened(self.names.get(actor, actor))

    def to_do(self, remedy: Remedy) -> str:
        """Returns a remedy on a list of things to do."""
        return self.plain(shortened(remedy.words.removeprefix("do ")))

    def stage(self, stage: str) -> str:
        return self.stages.get(stage, stage)


def today(review: Review, rep_id: Ids, team_id: Ids, stage_id: Ids) -> list[View]:
    """Returns open deals with something to do, and how: the first of everyone, and of each
    owner."""
    words, soon = _Words(review), (review.kpis.basis.as_of or 0) + _SOON
    found: list[View] = []
    seen: Counter[str] = Counter()
    for place, dossier in enumerate(review.work.dossiers):
        what = _what(dossier, words, soon)
        if what is None or seen[dossier.owner] >= MOST_TODAY or len(found) >= _MOST_CHOICES:
            continue
        seen[dossier.owner] += 1
        found.append(
            {
                **_ids(place, dossier, review, (rep_id, team_id, stage_id)),
                "is_first": len(found) < MOST_TODAY,
                "deal": dossier.deal,
                "owner": words.who(dossier.owner),
                "stage": words.stage(dossier.stage),
                **what,
            }
        )
    return found


def _what(dossier: Dossier, words: _Words, soon: int) -> View | None:
    """Returns what to make good or, where that is nothing, what falls due in the coming week."""
    if dossier.has_work and dossier.to_do:
        first = dossier.to_do[0]
        return {
            "level": first.finding.rule.level,
            "todo": words.to_do(first.remedies[0]),
            "more": len(dossier.to_do) - 1,
        }
    if dossier.is_open and dossier.ahead and dossier.ahead[0].due_at <= soon:
        due = dossier.ahead[0]
        return {
            "level": "due",
            "todo": f"{words.plain(due.title)}: by {words.day(due.due_at)}",
            "more": 0,
        }
    return None


def _ids(place: int, dossier: Dossier, review: Review, ids: tuple[Ids, Ids, Ids]) -> View:
    """Returns what the page's script tells a deal by."""
    rep_id, team_id, stage_id = ids
    return {
        "id": f"d{place}",
        "rep": rep_id(dossier.owner),
        "team": team_id(review.teams.get(dossier.owner, "")),
        "stage_id": stage_id(dossier.stage),
        "levels": " ".join(sorted({each.finding.rule.level for each in dossier.findings})),
    }


def deals(review: Review, rep_id: Ids, team_id: Ids, stage_id: Ids) -> Iterator[View]:
    """Yields each deal that is shown, in the order of its weight."""
    words = _Words(review)
    for place, dossier in enumerate(review.work.dossiers):
        yield {
            **_ids(place, dossier, review, (rep_id, team_id, stage_id)),
            "deal": shortened(dossier.deal),
            "owner": words.who(dossier.owner),
            "stage": words.stage(dossier.stage),
            "state": _state(dossier, words),
            "is_open": dossier.is_open,
            "found": plural(len(dossier.findings), "finding") if dossier.findings else "",
            "steps": _steps(dossier, words),
            "next": words.stage(dossier.next_stage),
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


def _state(dossier: Dossier, words: _Words) -> str:
    since = f" since {words.day(dossier.since)}" if dossier.since is not None else ""
    stage = words.stage(dossier.stage) or "no stage yet"
    return f"{'open' if dossier.is_open else 'ended'}: {stage}{since}"


def _steps(dossier: Dossier, words: _Words) -> list[View]:
    steps = [
        {
            "words": words.to_do(remedy),
            "roles": " or ".join(remedy.roles),
            "command": _command(remedy, dossier.deal) if words.live else "",
        }
        for told in dossier.to_do
        for remedy in told.remedies[:1]
    ]
    alike = {(step["words"], step["command"]): step for step in steps}
    return list(alike.values())[: 2 * _MOST_STEPS]


def _command(remedy: Remedy, deal: str) -> str:
    return f"playgate {remedy.command_for(deal)}" if remedy.command and len(deal) < _TEXT else ""


def _finding(finding: Finding, words: _Words) -> View:
    return {
        "level": finding.rule.level,
        "id": finding.rule.id,
        "state": _STATES[finding.state],
        "message": words.plain(shortened(finding.message, 2 * _TEXT)),
        "who": words.who(finding.actor),
        "at": words.day(finding.due_at),
        "waived": f"{words.who(finding.waived_by)}: {shortened(finding.waiver_reason)}"
        if finding.state == "waived"
        else "",
    }


# The timeline


def _timeline(dossier: Dossier, words: _Words) -> View:
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


def _event(event: Event, rules: list[str], words: _Words) -> View:
    named = {"stage": words.stages, "activity": words.activities, "field": words.fields}.get(
        event.kind, {}
    )
    value = shortened(event.value) if event.value else "cleared" if event.kind == "field" else ""
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
