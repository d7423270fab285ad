"""A deal on a card, to be shown in a CRM: where it stands, what the next stage still asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from playgate.conditions.instants import Zone, show_instant, to_datetime
from playgate.enforce.remedy import Remedy
from playgate.enforce.values import Standing, UnmetRule
from playgate.report.figures import instant
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import visible

__all__ = ["SCHEMA", "VERSION", "as_html", "as_json"]

SCHEMA = "https://playgate.invalid/schemas/card.schema.json"
VERSION = 1
_MOST_DUE = 3


def as_json(standing: Standing) -> str:
    """Renders a card as one line."""
    decision = standing.decision
    return json_line(
        {
            "version": VERSION,
            "kind": "card",
            "deal": standing.deal,
            "playbook": {"name": standing.playbook, "version": standing.version},
            "at": show_instant(standing.at),
            "stage": standing.stage or None,
            "stage_title": standing.stage_title or None,
            "since": instant(standing.since),
            "governed": standing.governed,
            "note": standing.note or None,
            "next_stage": standing.next_stage or None,
            "next_title": standing.next_title or None,
            "allowed": decision.allowed if decision else None,
            "shadow": decision.shadow if decision else False,
            "missing": [_object(each) for each in _missing(standing)],
            "due": [
                {"rule": each.rule, "title": each.title, "due_at": show_instant(each.due_at)}
                for each in standing.ahead[:_MOST_DUE]
            ],
            "head": head_object(standing.head),
        }
    )


def _missing(standing: Standing) -> Sequence[UnmetRule]:
    """Returns what the next stage asks for and the deal lacks, first what refuses a move."""
    demands = standing.decision.demands if standing.decision else ()
    shown = [each for each in demands if each.finding.rule.level != "observe"]
    return sorted(shown, key=lambda each: not each.refuses)


def _object(demand: UnmetRule) -> dict[str, Any]:
    finding = demand.finding
    return {
        "rule": finding.rule.id,
        "level": finding.rule.level,
        "refuses": demand.refuses,
        "message": finding.message,
        "why": finding.rule.why or None,
        "ask": finding.rule.ask or None,
        "to_do": [each.words for each in demand.remedies],
    }


def as_html(standing: Standing, *, zone: Zone) -> Iterator[str]:
    """Yields a card as a fragment of HTML, without a style or a script; times are those of `zone`.

    Whoever embeds it gives its classes their look.
    """
    yield f'<section class="playgate-card" data-deal="{_text(standing.deal)}">\n'
    if standing.stage:
        yield f'<p class="playgate-stage">{_text(standing.stage_title)}</p>\n'
    if not standing.governed:
        yield f'<p class="playgate-note">{_text(standing.note)}</p>\n'
    elif standing.decision is not None:
        yield from _way_on(standing, standing.decision.allowed)
    due = standing.ahead[:_MOST_DUE]
    if due:
        yield '<ul class="playgate-due">\n'
        for each in due:
            yield f"<li>{_time(each.due_at, zone)} {_text(each.title)}</li>\n"
        yield "</ul>\n"
    yield "</section>\n"


def _way_on(standing: Standing, allowed: bool) -> Iterator[str]:
    title = _text(standing.next_title)
    missing = _missing(standing)
    if allowed and not missing:
        yield f'<p class="playgate-ready">Ready for {title}</p>\n'
        return
    said = "Ready for" if allowed else "Before"
    yield f'<p class="playgate-next">{said} {title}</p>\n<ul class="playgate-missing">\n'
    for each in missing:
        yield from _demand(each)
    yield "</ul>\n"


def _demand(demand: UnmetRule) -> Iterator[str]:
    finding = demand.finding
    kind = "block" if demand.refuses else "warn"
    yield f'<li class="playgate-{kind}" data-rule="{_text(finding.rule.id)}">'
    yield _text(finding.message)
    for name, text in (("why", finding.rule.why), ("ask", finding.rule.ask)):
        if text:
            yield f'<p class="playgate-{name}">{_text(text)}</p>'
    if demand.remedies:
        yield '<ul class="playgate-to-do">'
        yield from map(_remedy, demand.remedies)
        yield "</ul>"
    yield "</li>\n"


def _remedy(remedy: Remedy) -> str:
    """Returns a thing to do; of several ways, each on its own line."""
    if not remedy.one_of:
        return f"<li>{_text(remedy.words)}</li>"
    ways = ("".join(map(_remedy, way)) for way in remedy.one_of)
    return f"<li>one of:<ul>{''.join(f'<li><ul>{each}</ul></li>' for each in ways)}</ul></li>"


def _time(at: int, zone: Zone) -> str:
    shown = to_datetime(at, zone).strftime("%Y-%m-%d %H:%M")
    return f'<time datetime="{show_instant(at)}">{shown}</time>'


def _text(text: str) -> str:
    return escape(visible(text))
