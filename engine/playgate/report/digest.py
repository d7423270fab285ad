"""What an audit comes to for people: the few lines and short tables that text and Markdown show."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from playgate.audit.result import ActorTally, AuditResult, RuleTally
from playgate.findings import LEVELS, Finding
from playgate.report.figures import FEW_DEALS, instant, share
from playgate.report.words import count, plural, visible

__all__ = ["ROWS", "Cell", "Column", "Section", "headline", "next_steps", "sections", "verdict"]

ROWS = 10
"""So many rows a table shows; what is left out is counted."""

_DEALS = 5
_FINDINGS_OF_DEAL = 3
_PROBLEMS = 5

Cell = str | tuple[str, ...]
"""Text, or lines of which the first matters most."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head and what stands in it.

    A `name` is short and from the data, an `id` is the playbook's, a `message` takes the room.
    """

    head: str
    kind: Literal["name", "id", "number", "share", "level", "message"]


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title; `left_out` says what it does not show, `note` how to read it."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    left_out: str = ""
    note: str = ""


def headline(result: AuditResult) -> list[str]:
    """What was judged: the playbook, its file, the history."""
    facts, history = result.playbook, result.history
    title = f": {facts.title}" if facts.title else ""
    lines = [f"{facts.name} version {facts.version}{title}", facts.file]
    events = plural(history.events, "event")
    if history.first is not None and history.last is not None:
        events += f" from {_day(history.first)} to {_day(history.last)}"
    as_of = f", as of {instant(result.as_of)}" if result.as_of is not None else ""
    lines.append(f"{plural(facts.deals, 'deal')} judged on {events}{as_of}.")
    if history.left_out:
        lines.append(f"{plural(history.left_out, 'deal')} left out: not for this playbook.")
    if history.duplicates:
        rows = plural(history.duplicates, "identical row was", "identical rows were")
        lines.append(f"{rows} counted once.")
    return lines


def verdict(result: AuditResult) -> tuple[str, str]:
    """How the playbook was followed: the share, and the counts behind it."""
    if result.adherence.value is None:
        return "Nothing to judge:", "no rule at block or warn had a chance to be met."
    good = sum(
        1
        for finding in result.findings
        if finding.state == "made-good" and finding.rule.level != "observe"
    )
    since = f" ({count(good)} made good since)" if good else ""
    counts = f"{count(result.met)} met, {count(result.unmet)} unmet{since}"
    counts += f", {count(result.waived)} waived."
    return f"{share(result.adherence)} of the steps were followed:", counts


def sections(result: AuditResult) -> Iterator[Section]:
    """The tables that have something to say, in the order in which a manager asks."""
    names = {actor.actor: actor.name for actor in result.actors if actor.name}
    for section in (
        _stages(result),
        _reps(result.actors),
        _rules(result),
        _deals(result.findings, names),
        _waived(result.findings, names),
        _ungated(result, names),
        _blind_spots(result),
        _unknown_names(result),
        _problems(result),
    ):
        if section.rows:
            yield section


def next_steps(result: AuditResult) -> list[tuple[str, str]]:
    """Where to go next: an option of `audit` and what it gives."""
    steps = []
    worst = _worst_deals(result.findings)
    if worst:
        deal = shlex.quote(visible(worst[0][0], limit=60))
        steps.append((f"--deal {deal}", "one deal"))
    rules = _worst_rules(result.rules)
    if rules:
        steps.append((f"--rule {shlex.quote(visible(rules[0].rule.id))}", "one rule"))
    steps.append(("--format csv", "every finding in a spreadsheet"))
    steps.append(("--format json", "everything"))
    return steps


def _stages(result: AuditResult) -> Section:
    columns = (
        Column("Stage", "name"),
        Column("Deals", "number"),
        Column("Passed", "number"),
        Column("Met", "number"),
        Column("Unmet", "number"),
        Column("Followed", "share"),
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
    return Section("By stage", columns, rows)


def _reps(actors: Sequence[ActorTally]) -> Section:
    ordered = sorted(actors, key=_rep_order)
    teams = any(actor.team for actor in actors)
    columns = (
        Column("Rep", "name"),
        *([Column("Team", "name")] if teams else []),
        Column("Deals", "number"),
        Column("Met", "number"),
        Column("Unmet", "number"),
        Column("Waived", "number"),
        Column("Followed", "share"),
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
    note = "Where two intervals overlap, the reps do not differ."
    if any(actor.deals < FEW_DEALS for actor in ordered[:ROWS]):
        note += f" * Few chances: fewer than {FEW_DEALS} deals, and listed last."
    return Section("By rep, lowest first", columns, rows, _more(len(actors) - ROWS, "rep"), note)


def _rep_order(actor: ActorTally) -> tuple[bool, float, str]:
    value = actor.adherence.value
    return actor.deals < FEW_DEALS, 2.0 if value is None else value, actor.actor


def _rules(result: AuditResult) -> Section:
    worst = _worst_rules(result.rules)
    good: dict[str, int] = defaultdict(int)
    for finding in result.findings:
        good[finding.rule.id] += finding.state == "made-good"
    columns = (
        Column("Rule", "id"),
        Column("Level", "level"),
        Column("Unmet", "number"),
        Column("Made good", "number"),
        Column("Met", "number"),
        Column("Waived", "number"),
        Column("Line", "number"),
    )
    rows = [
        (
            (tally.rule.id, tally.rule.title) if tally.rule.title else tally.rule.id,
            tally.rule.level,
            count(tally.unmet),
            count(good[tally.rule.id]),
            count(tally.met),
            count(tally.waived),
            str(tally.rule.place.line),
        )
        for tally in worst[:ROWS]
    ]
    left = _more(len(worst) - ROWS, "rule with findings", "rules with findings")
    return Section("Rules most often unmet", columns, rows, left, _observe_note(worst))


def _observe_note(worst: Sequence[RuleTally]) -> str:
    shown = any(tally.rule.level == "observe" for tally in worst[:ROWS])
    return "What is at observe is recorded only, and counts in no share." if shown else ""


def _worst_rules(rules: Iterable[RuleTally]) -> list[RuleTally]:
    unmet = [tally for tally in rules if tally.unmet]
    return sorted(unmet, key=lambda tally: (tally.rule.level == "observe", -tally.unmet))


def _deals(findings: Sequence[Finding], names: dict[str, str]) -> Section:
    worst = _worst_deals(findings)
    columns = (
        Column("Deal", "name"),
        Column("Level", "level"),
        Column("Rep", "name"),
        Column("Finding", "message"),
    )
    rows: list[tuple[Cell, ...]] = []
    for deal, open_findings in worst[:_DEALS]:
        shown = open_findings[:_FINDINGS_OF_DEAL]
        for index, finding in enumerate(shown):
            person = _person(finding.actor, names)
            rows.append(("" if index else deal, finding.rule.level, person, finding.message))
        if len(open_findings) > len(shown):
            rows.append(("", "", "", f"and {count(len(open_findings) - len(shown))} more"))
    left = _more(len(worst) - _DEALS, "deal with open findings", "deals with open findings")
    return Section("Deals with the most open findings", columns, rows, left)


def _worst_deals(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """The deals with open findings at block or warn, the gravest and most first."""
    by_deal: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.state == "open" and finding.rule.level != "observe":
            by_deal[finding.deal].append(finding)
    for open_findings in by_deal.values():
        open_findings.sort(key=lambda finding: LEVELS.index(finding.rule.level))
    return sorted(by_deal.items(), key=_deal_order)


def _deal_order(item: tuple[str, list[Finding]]) -> tuple[int, int, str]:
    deal, findings = item
    blocks = sum(1 for finding in findings if finding.rule.level == "block")
    return -blocks, -len(findings), deal


def _waived(findings: Sequence[Finding], names: dict[str, str]) -> Section:
    waived = [finding for finding in findings if finding.state == "waived"]
    columns = (
        Column("Deal", "name"),
        Column("Rule", "id"),
        Column("By", "name"),
        Column("Reason", "message"),
    )
    rows = [
        (finding.deal, finding.rule.id, _person(finding.waived_by, names), finding.waiver_reason)
        for finding in waived[:ROWS]
    ]
    return Section("Waived", columns, rows, _more(len(waived) - ROWS, "waiver"))


def _ungated(result: AuditResult, names: dict[str, str]) -> Section:
    columns = (
        Column("Deal", "name"),
        Column("Into", "name"),
        Column("When", "name"),
        Column("By", "name"),
        Column("Origin", "name"),
    )
    rows = [
        (
            move.deal,
            move.stage,
            instant(move.happened_at) or "",
            _person(move.actor, names),
            move.origin,
        )
        for move in result.ungated[:ROWS]
    ]
    left = _more(len(result.ungated) - ROWS, "move")
    return Section("Moves made past the gate", columns, rows, left)


def _blind_spots(result: AuditResult) -> Section:
    columns = (Column("What", "message"), Column("Rules it touches", "id"))
    rows: list[tuple[Cell, ...]] = [
        (spot.message, _first_rules(spot.rules)) for spot in result.blind_spots[:ROWS]
    ]
    note = "Findings of these rules may speak of the data, not of the reps."
    left = _more(len(result.blind_spots) - ROWS, "blind spot")
    return Section("Blind spots", columns, rows, left, note)


def _first_rules(rules: Sequence[str]) -> Cell:
    shown = rules[:1] if len(rules) > 2 else rules
    rest = len(rules) - len(shown)
    return (*shown, f"and {count(rest)} more") if rest else tuple(shown) or ""


def _unknown_names(result: AuditResult) -> Section:
    columns = (
        Column("Kind", "name"),
        Column("Name", "name"),
        Column("Events", "number"),
        Column("Hint", "message"),
    )
    rows = [
        (unknown.kind, unknown.name, count(unknown.events), unknown.hint)
        for unknown in result.unknown_names[:ROWS]
    ]
    left = _more(len(result.unknown_names) - ROWS, "name")
    return Section("Names that the playbook does not know", columns, rows, left)


def _problems(result: AuditResult) -> Section:
    columns = (Column("Row", "name"), Column("Reason", "message"))
    rows: list[tuple[Cell, ...]] = [
        (
            f"{problem.file}:{problem.line}",
            (problem.reason, problem.hint) if problem.hint else problem.reason,
        )
        for problem in result.problems[:_PROBLEMS]
    ]
    left = _more(len(result.problems) - _PROBLEMS, "problem")
    return Section(f"Problems ({count(len(result.problems))})", columns, rows, left)


def _person(actor: str, names: dict[str, str]) -> str:
    return names.get(actor) or actor or "nobody named"


def _more(number: int, one: str, many: str = "") -> str:
    return f"and {count(number)} more {one if number == 1 else many or one + 's'}" * (number > 0)


def _day(at: int) -> str:
    return (instant(at) or "")[:10]
