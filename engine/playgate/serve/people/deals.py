"""The screens of deals: the list of them, and one with its timeline and its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from markupsafe import Markup

from playgate.enforce.deal_list import DealLine
from playgate.enforce.values import CourseEntry
from playgate.errors import InputError
from playgate.findings import LEVELS, Finding, Level
from playgate.language import message, say
from playgate.report.figures import day, minute
from playgate.report.html_parts import View
from playgate.report.words import count, plural
from playgate.serve.exchange import Exchange
from playgate.serve.people.page import Page, link, paged
from playgate.serve.people.reading import Everything, OneDeal, one_deal
from playgate.serve.people.visitor import Visitor

__all__ = ["deal", "deals", "one_of"]

_EACH, _ENTRIES = 50, 100
_MOST_SAID = 3
_LONGEST = 200
_SHOWN = {
    "": message("open deals"),
    "overdue": message("with something overdue"),
    "all": message("all, ended ones too"),
}
_LEVEL_WORDS: Mapping[Level, str] = {
    "block": message("must"),
    "warn": message("should"),
    "observe": message("noted"),
}
_KINDS = {
    "stage": message("moved into"),
    "activity": message("did"),
    "field": message("set"),
    "waiver": message("made an exception of"),
    "decision": message("asked for"),
    "migration": message("judged anew"),
    "retraction": message("taken back:"),
    "merge": message("merged with"),
    "waiver-request": message("asked to waive"),
    "waiver-approved": message("waiver approved:"),
    "waiver-declined": message("waiver declined:"),
}
_ENDS = {"won": message("won"), "lost": message("lost")}


def one_of(query: Mapping[str, Sequence[str]], name: str) -> str:
    """Returns what the query says under a name; empty where it says nothing."""
    return query.get(name, [""])[0].strip()[:_LONGEST]


# The list


async def deals(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    """Shows the deals that somebody sees, those first that need attention."""
    query = exchange.query()
    said = {name: one_of(query, name) for name in ("show", "rep", "stage", "find")}
    known = await page.everything()
    sight = known.seen_by(visitor.actor)
    seen = [line for line in known.lines if sight.has(line.rep)]
    found = [line for line in seen if _is_wanted(line, said)]
    part = paged(len(found), one_of(query, "page"), _EACH, "/", **said)
    view = {
        "title": say("Deals"),
        "heading": say("My deals") if sight.is_one else say("Deals"),
        "summary": _summary(found, known),
        "rows": [_row(line, known) for line in found[part["start"] : part["end"]]],
        "part": part,
        "said": said,
        "shown": [(key, say(_SHOWN[key])) for key in _SHOWN],
        "reps": _choices((line.rep, line.rep_name or line.rep) for line in seen),
        "stages": _choices((line.stage, line.stage_title) for line in seen),
        "is_one": sight.is_one,
    }
    await page.draw(exchange, "deals.html", visitor, view)


def _is_wanted(line: DealLine, said: Mapping[str, str]) -> bool:
    show, text = said["show"], said["find"].casefold()
    return (
        (show == "all" or not line.ends)
        and (show != "overdue" or bool(line.overdue))
        and said["rep"] in ("", line.rep)
        and said["stage"] in ("", line.stage)
        and text in f"{line.deal}\n{line.rep_name}\n{line.rep}".casefold()
    )


def _summary(found: Sequence[DealLine], known: Everything) -> str:
    late = sum(bool(line.overdue) for line in found)
    misses = sum(bool(line.open_findings) for line in found)
    return say(
        "{deals} as of {when}: {misses} that miss something, {late} with something overdue.",
        deals=plural(len(found), "deal"),
        when=minute(known.at, known.zone),
        misses=count(misses),
        late=count(late),
    )


def _choices(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    known = {key: text for key, text in pairs if key}
    return sorted(known.items(), key=lambda each: (each[1].casefold(), each[0]))[:500]


def _row(line: DealLine, known: Everything) -> View:
    zone = known.zone
    overdue = {(each.rule.id, each.due_at) for each in line.overdue}
    missed = sorted(line.open_findings, key=lambda each: LEVELS.index(each.rule.level))
    return {
        "deal": line.deal,
        "href": link("/deal", id=line.deal),
        "stage": line.stage_title or say("no stage yet"),
        "ends": say(_ENDS[line.ends]) if line.ends in _ENDS else "",
        "rep": line.rep_name or line.rep or say("nobody named"),
        "since": day(line.since, zone) if line.since is not None else "",
        "misses": [
            {
                "level": each.rule.level,
                "word": say(_LEVEL_WORDS[each.rule.level]),
                "message": known.say(line, each.message),
                "late": (each.rule.id, each.due_at) in overdue,
            }
            for each in missed[:_MOST_SAID]
        ],
        "more": max(0, len(missed) - _MOST_SAID),
        "note": line.note,
        "due": say(
            "Falls due: {what}, {day}",
            what=known.say(line, line.ahead[0].title),
            day=day(line.ahead[0].due_at, zone),
        )
        if line.ahead
        else "",
        "quiet": day(line.idle_since, zone) if line.idle_since is not None else "",
    }


# One deal


async def deal(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    """Shows one deal: what it misses, on what evidence, and all that happened to it."""
    query = exchange.query()
    asked = query.get("id", [""])[0]
    if not asked:
        raise InputError(say("which deal?"), hint=say("the list leads to each"), code="no-deal")
    found = await page.voice.work(lambda desk: one_deal(desk, asked, visitor.actor))
    known = await page.everything()
    entries = found.course.entries[::-1]
    part = paged(len(entries), one_of(query, "page"), _ENTRIES, "/deal", id=found.line.deal)
    view = {
        "title": found.line.deal,
        **_standing(found, known),
        "entries": [_entry(each, found, known) for each in entries[part["start"] : part["end"]]],
        "part": part,
        "rules": _rules(found, known) if visitor.actor else [],
        "notice": say("The waiver is asked for.") if one_of(query, "done") == "asked" else "",
    }
    await page.draw(exchange, "deal.html", visitor, view)


def _standing(found: OneDeal, known: Everything) -> View:
    line, standing, zone = found.line, found.standing, found.zone
    decision = standing.decision
    demands = [
        each
        for each in (decision.demands if decision else ())
        if each.finding.rule.level != "observe"
    ]
    return {
        "deal": line.deal,
        "form_deal": Markup(quote(line.deal, safe="")),  # noqa: S704  (letters and signs of URLs)
        "stage": line.stage_title or say("no stage yet"),
        "ends": say(_ENDS[line.ends]) if line.ends in _ENDS else "",
        "since": minute(line.since, zone) if line.since is not None else "",
        "rep": line.rep_name or line.rep or say("nobody named"),
        "playbook": say(
            "{playbook} version {version}", playbook=line.playbook, version=line.version
        ),
        "note": standing.note,
        "next": standing.next_title,
        "allowed": decision.allowed if decision else None,
        "demands": [
            {
                **_finding(each.finding, found, known),
                "refuses": each.refuses,
                "to_do": [known.say(line, remedy.words) for remedy in each.remedies],
            }
            for each in demands
        ],
        "findings": [_finding(each, found, known) for each in standing.open_findings],
        "ahead": [
            (known.say(line, each.title), minute(each.due_at, zone)) for each in standing.ahead[:10]
        ],
    }


def _finding(each: Finding, found: OneDeal, known: Everything) -> View:
    return {
        "rule": each.rule.id,
        "level": each.rule.level,
        "word": say(_LEVEL_WORDS[each.rule.level]),
        "message": known.say(found.line, each.message),
        "why": each.rule.why,
        "ask": each.rule.ask,
        "who": known.name(each.actor) if each.actor else "",
        "due": minute(each.due_at, found.zone),
        "evidence": [
            {
                "at": minute(it.happened_at, found.zone),
                "what": f"{_happened(it.kind)} {known.say(found.line, it.name)}",
                "value": it.value,
                "who": known.name(it.actor) if it.actor else "",
            }
            for it in each.evidence[:20]
        ],
    }


def _happened(kind: str) -> str:
    return say(_KINDS[kind]) if kind in _KINDS else kind


def _rules(found: OneDeal, known: Everything) -> list[tuple[str, str]]:
    """Returns the rules that an exception can be asked for."""
    standing = found.standing
    demands = standing.decision.demands if standing.decision else ()
    nobody = {each.finding.rule.id for each in demands if each.waivable_by == ()}
    rules = [*(each.finding.rule for each in demands), *(f.rule for f in standing.open_findings)]
    return list(
        {
            each.id: known.say(found.line, each.title) for each in rules if each.id not in nobody
        }.items()
    )


def _entry(each: CourseEntry, found: OneDeal, known: Everything) -> View:
    name = each.name or each.to_stage
    outcome = say("never happened") if each.retracted else ""
    if each.allowed is not None:
        outcome = say("allowed") if each.allowed else say("refused")
    return {
        "at": minute(each.at, found.zone),
        "kind": each.kind,
        "what": _happened(each.kind),
        "name": known.say(found.line, name) if each.kind in ("activity", "field") else name,
        "value": each.value,
        "who": known.name(each.actor) if each.actor else "",
        "outcome": outcome,
        "refused": each.allowed is False,
        "rules": each.rules[:20],
        "note": each.note,
        "imported": not each.live,
    }
