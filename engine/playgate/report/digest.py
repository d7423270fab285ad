"""What an audit comes to for people: the short tables that text and Markdown show."""

from __future__ import annotations

import shlex
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from playgate.audit.kinds import kind_said
from playgate.audit.result import ActorTally, AuditResult, BlindSpot, RuleTally
from playgate.audit.summary import ProblemKind, Summary
from playgate.conditions.instants import show_instant
from playgate.findings import LEVELS, Cause, Finding
from playgate.history.people import SYSTEM
from playgate.language import say
from playgate.records import Record, replace
from playgate.report.figures import FEW_DEALS, share
from playgate.report.headline import deals_judged, zone_of
from playgate.report.words import count, more, plural, visible

__all__ = ["ROWS", "Cell", "Column", "Section", "next_steps", "sections"]

ROWS = 10
"""How many rows a table shows; what is left out is counted."""

_FINDINGS_OF_DEAL = 3
_PROBLEMS = 5
_FILES = 3

Cell = str | tuple[str, ...]
"""Text, or lines of which the first matters most."""


class Column(Record):
    """A column: its head and what stands in it.

    A `name` is short and from the data, an `id` is the playbook's, a `message` takes the room;
    what is short and never broken is a `mark`.
    """

    head: str
    kind: Literal["name", "id", "number", "mark", "level", "message"]


class Section(Record):
    """A table with its title; `left_out` says what it does not show, `note` how to read it."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    left_out: str = ""
    note: str = ""


def sections(result: AuditResult) -> Iterator[Section]:
    """Yields the tables that have something to say, in the order in which a manager asks."""
    names = {actor.actor: actor.name for actor in result.actors if actor.name}
    names.update(result.names)
    for section in (
        *_of_each_playbook(result, _stages),
        _reps(result.actors),
        *_of_each_playbook(result, _rules),
        _deals(result.summary, names, of_one=deals_judged(result) == 1),
        _waived(result.summary, names),
        _ungated(result, names),
        *_shadow(result),
        *_of_each_playbook(result, _blind_spots),
        *_of_each_playbook(result, _unknown_names),
        *_problems(result.summary.problems),
    ):
        if section.rows:
            yield section


def next_steps(result: AuditResult) -> list[tuple[str, str]]:
    """Returns where to go next: an option of `audit` and what it gives."""
    steps = []
    worst = next(iter(result.summary.worst_deals), None)
    if worst is not None and deals_judged(result) > 1:
        deal = shlex.quote(visible(worst, limit=60))
        steps.append((f"--deal {deal}", say("one deal")))
    rules = _worst_rules(result.rules)
    if rules and len(result.rules) > 1:
        rule = shlex.quote(visible(rules[0].rule.id))
        steps.append((f"--rule {rule}", say("one rule")))
    steps.append(("--format csv", say("every finding in a spreadsheet")))
    steps.append(("--format json", say("everything")))
    return steps


def _of_each_playbook(
    result: AuditResult, make: Callable[[AuditResult], Section]
) -> Iterator[Section]:
    """Yields a section for each playbook, under its name where there are several."""
    names = dict.fromkeys(facts.name for facts in result.playbooks)
    if len(names) < 2:
        yield make(result)
        return
    for name in names:
        own = replace(
            result,
            stages=tuple(each for each in result.stages if each.playbook == name),
            rules=tuple(each for each in result.rules if each.rule.playbook == name),
            blind_spots=tuple(each for each in result.blind_spots if each.playbook == name),
            unknown_names=tuple(each for each in result.unknown_names if each.playbook == name),
        )
        section = make(own)
        yield replace(section, title=say("{title}: {name}", title=section.title, name=name))


def _stages(result: AuditResult) -> Section:
    columns = (
        Column(say("Stage"), "name"),
        Column(say("Deals"), "number"),
        Column(say("Passed"), "number"),
        Column(say("Met"), "number"),
        Column(say("Unmet"), "number"),
        Column(say("Followed"), "mark"),
    )
    rows = [
        (
            stage.title or stage.id,
            count(stage.deals),
            count(stage.passed),
            count(stage.met),
            count(stage.unmet),
            share(stage.adherence),
        )
        for stage in result.stages
    ]
    # A playbook has few stages and a manager reads them as a whole, so all are shown.
    return Section(say("By stage"), columns, rows)


def _reps(actors: Sequence[ActorTally]) -> Section:
    actors = [actor for actor in actors if actor.role != SYSTEM]
    ordered = sorted(actors, key=_rep_order)
    teams = any(actor.team for actor in actors)
    columns = (
        Column(say("Rep"), "name"),
        *([Column(say("Team"), "name")] if teams else []),
        Column(say("Deals"), "number"),
        Column(say("Met"), "number"),
        Column(say("Unmet"), "number"),
        Column(say("Waived"), "number"),
        Column(say("Followed"), "mark"),
    )
    rows = [
        (
            _person(actor.actor, {actor.actor: actor.name}),
            *([actor.team] if teams else []),
            count(actor.deals),
            count(actor.met),
            count(actor.unmet),
            count(actor.waived),
            share(actor.adherence) + (" *" if actor.deals < FEW_DEALS else ""),
        )
        for actor in ordered[:ROWS]
    ]
    note = say(
        "Reps may differ though their intervals overlap: playgate coach tests who is behind."
    )
    if any(actor.deals < FEW_DEALS for actor in ordered[:ROWS]):
        few = say("* Few chances: fewer than {few} deals, and listed last.", few=FEW_DEALS)
        note += f" {few}"
    return Section(
        say("By rep, lowest first"), columns, rows, more(len(actors) - ROWS, "rep"), note
    )


def _rep_order(actor: ActorTally) -> tuple[bool, float, str]:
    value = actor.adherence.value
    return actor.deals < FEW_DEALS, 2.0 if value is None else value, actor.actor


def _rules(result: AuditResult) -> Section:
    worst = _worst_rules(result.rules)
    good: Counter[tuple[str, str]] = Counter()
    causes: dict[tuple[str, str], Counter[Cause]] = defaultdict(Counter)
    for (rule, state, cause), times in result.summary.counts.items():
        good[rule.key] += times * (state == "made-good")
        if cause:
            causes[rule.key][cause] += times
    columns = (
        Column(say("Rule"), "id"),
        Column(say("Level"), "level"),
        Column(say("Unmet"), "number"),
        Column(say("Made good"), "number"),
        Column(say("Met"), "number"),
        Column(say("Waived"), "number"),
        Column(say("Line"), "number"),
    )
    rows = [
        (
            tuple(filter(None, (tally.rule.id, tally.rule.title, _causes(causes[tally.rule.key])))),
            tally.rule.level,
            count(tally.unmet),
            count(good[tally.rule.key]),
            count(tally.met),
            count(tally.waived),
            str(tally.rule.place.line),
        )
        for tally in worst[:ROWS]
    ]
    left = more(len(worst) - ROWS, "rule with findings", "rules with findings")
    return Section(say("Rules most often unmet"), columns, rows, left, _observe_note(worst))


def _causes(counts: Mapping[Cause, int]) -> str:
    said = (_times_of(cause, counts[cause]) for cause in _CAUSES if counts.get(cause))
    return ", ".join(said)


_CAUSES: tuple[Cause, ...] = ("missing", "late", "logged-late")


def _times_of(cause: Cause, number: int) -> str:
    match cause:
        case "missing":
            return say("{n} missing", "{n} missing", n=number)
        case "late":
            return say("{n} late", "{n} late", n=number)
        case "logged-late":
            return say("{n} logged late", "{n} logged late", n=number)


def _observe_note(worst: Sequence[RuleTally]) -> str:
    shown = any(tally.rule.level == "observe" for tally in worst[:ROWS])
    return say("What is at observe is recorded only, and counts in no share.") if shown else ""


def _worst_rules(rules: Iterable[RuleTally]) -> list[RuleTally]:
    unmet = [tally for tally in rules if tally.unmet]
    return sorted(unmet, key=lambda tally: (tally.rule.level == "observe", -tally.unmet))


def _deals(summary: Summary, names: Mapping[str, str], *, of_one: bool) -> Section:
    most = sys.maxsize if of_one else _FINDINGS_OF_DEAL
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Level"), "level"),
        Column(say("Rep"), "name"),
        Column(say("Finding"), "message"),
    )
    rows: list[tuple[Cell, ...]] = []
    for deal, found in summary.worst_deals.items():
        open_findings = sorted(found, key=lambda finding: LEVELS.index(finding.rule.level))
        shown = open_findings[:most]
        for index, finding in enumerate(shown):
            person = _person(finding.actor, names)
            rows.append(("" if index else deal, finding.rule.level, person, _message(finding)))
        if len(open_findings) > len(shown):
            rows.append(("", "", "", more(len(open_findings) - len(shown))))
    hidden = summary.open_deals - len(summary.worst_deals)
    left = more(hidden, "deal with open findings", "deals with open findings")
    return Section(say("Deals with the most open findings"), columns, rows, left)


def _message(finding: Finding) -> str:
    """Returns what is wrong, and whether it came late; all else is in the message already."""
    return f"{finding.message} ({say('late')})" if finding.cause == "late" else finding.message


def _waived(summary: Summary, names: Mapping[str, str]) -> Section:
    waived = sum(times for (_, state, _), times in summary.counts.items() if state == "waived")
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Rule"), "id"),
        Column(say("By"), "name"),
        Column(say("Reason"), "message"),
    )
    rows = [
        (finding.deal, finding.rule.id, _person(finding.waived_by, names), finding.waiver_reason)
        for finding in summary.waived
    ]
    return Section(say("Waived"), columns, rows, more(waived - len(rows), "waiver"))


def _ungated(result: AuditResult, names: Mapping[str, str]) -> Section:
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Into"), "name"),
        Column(say("When"), "mark"),
        Column(say("By"), "name"),
        Column(say("Origin"), "name"),
    )
    rows = [
        (
            move.deal,
            move.stage,
            show_instant(move.happened_at, zone_of(result)),
            _person(move.actor, names),
            move.origin,
        )
        for move in result.ungated[:ROWS]
    ]
    left = more(len(result.ungated) - ROWS, "move")
    return Section(say("Moves made past the gate"), columns, rows, left)


def _shadow(result: AuditResult) -> Iterator[Section]:
    """Yields what a ledger that only shadowed would have refused."""
    shadow = result.shadow
    if shadow is None:
        return
    columns = (
        Column(say("Rule"), "id"),
        Column(say("Decisions"), "number"),
        Column(say("Deals"), "number"),
    )
    several = len({each.name for each in result.playbooks}) > 1
    rows: list[tuple[Cell, ...]] = [
        (
            f"{each.playbook}: {each.rule}" if several else each.rule,
            count(each.decisions),
            count(each.deals),
        )
        for each in shadow.rules[:ROWS]
    ]
    if shadow.not_governed:
        rows.append((say("not governed by a playbook"), count(shadow.not_governed), ""))
    if not rows:
        rows.append((say("nothing"), "0", "0"))
    note = say(
        "{refused} of {decisions} in shadow would have refused",
        refused=count(shadow.would_refuse),
        decisions=plural(shadow.decisions, "decision"),
    )
    left = more(len(shadow.rules) - ROWS, "rule")
    yield Section(say("What would have been refused"), columns, rows, left, note)


def _blind_spots(result: AuditResult) -> Section:
    columns = (Column(say("What"), "message"), Column(say("Rules it touches"), "id"))
    # Without a deal there is nothing that the history could mention.
    spots = result.blind_spots if result.history.deals else ()
    rows: list[tuple[Cell, ...]] = [
        (_blind_spot(spot), _first_rules(spot.rules)) for spot in spots[:ROWS]
    ]
    note = say("Findings of these rules may speak of the data, not of the reps.")
    left = more(len(spots) - ROWS, "blind spot")
    return Section(say("Blind spots"), columns, rows, left, note)


def _blind_spot(spot: BlindSpot) -> str:
    return (
        spot.message
        if spot.kind in ("value", "actor")
        else say(
            "{kind} {name}: {said}", kind=kind_said(spot.kind), name=spot.name, said=spot.message
        )
    )


def _first_rules(rules: Sequence[str]) -> Cell:
    shown = rules[:1] if len(rules) > 2 else rules
    rest = len(rules) - len(shown)
    return (*shown, more(rest)) if rest else tuple(shown) or ""


def _unknown_names(result: AuditResult) -> Section:
    columns = (
        Column(say("Kind"), "name"),
        Column(say("Name"), "name"),
        Column(say("Events"), "number"),
        Column(say("Hint"), "message"),
    )
    rows = [
        (kind_said(unknown.kind), unknown.name, count(unknown.events), unknown.hint)
        for unknown in result.unknown_names[:ROWS]
    ]
    left = more(len(result.unknown_names) - ROWS, "name")
    return Section(say("Names that the playbook does not know"), columns, rows, left)


def _problems(problems: Sequence[ProblemKind]) -> Iterator[Section]:
    """Yields a table for each file: what is wrong, at which line first, and how often."""
    by_file: dict[str, list[ProblemKind]] = defaultdict(list)
    for problem in problems:
        by_file[problem.file].append(problem)
    files = list(by_file.items())
    for number, (file, found) in enumerate(files[:_FILES], 1):
        others = files[_FILES:] if number == _FILES else []
        yield _problems_of(file, found, others=others)


def _problems_of(
    file: str, kinds: Sequence[ProblemKind], *, others: Sequence[tuple[str, Sequence[ProblemKind]]]
) -> Section:
    again = any(kind.times > 1 for kind in kinds)
    columns = (
        Column(say("First line") if again else say("Line"), "number"),
        *([Column(say("Times"), "number")] if again else []),
        Column(say("Reason"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            str(kind.line),
            *([count(kind.times)] if again else []),
            (kind.reason, kind.hint) if kind.hint else kind.reason,
        )
        for kind in kinds[:_PROBLEMS]
    ]
    left = more(_times(kinds[_PROBLEMS:]), "problem")
    note = ""
    if others:
        hidden = more(sum(_times(found) for _, found in others), "problem")
        files = plural(len(others), "more file")
        note = say("{problems} in {files}", problems=hidden, files=files)
    title = say("Problems in {file} ({times})", file=file, times=count(_times(kinds)))
    return Section(title, columns, rows, left, note)


def _times(kinds: Iterable[ProblemKind]) -> int:
    return sum(kind.times for kind in kinds)


def _person(actor: str, names: Mapping[str, str]) -> str:
    return names.get(actor) or actor or say("nobody named")
