"""Live answers for people: what was decided, what is missing, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

from playgate.conditions.english import with_article
from playgate.conditions.instants import Zone, show_instant
from playgate.enforce.remedy import Remedy, in_shell
from playgate.enforce.values import (
    Allowed,
    Course,
    CourseEntry,
    Decision,
    Decisions,
    LiveResult,
    Merged,
    RecordedFact,
    Retracted,
    Standing,
    UnmetRule,
    WaiverRequest,
)
from playgate.findings import Finding, Level
from playgate.report.words import by, equals, visible

__all__ = ["render_result"]

_MOST_IGNORED = 10
_RED, _GREEN, _YELLOW, _DIM, _BOLD = "31", "32", "33", "2", "1"
_MARKS: dict[Level, tuple[str, str]] = {
    "block": ("■", _RED),
    "warn": ("▲", _YELLOW),
    "observe": ("·", _DIM),
}


class _LivePainter:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def render_result(result: LiveResult, *, zone: Zone = UTC, colour: bool = False) -> Iterator[str]:
    """Renders what a live command answers, in lines; times are those of `zone`."""
    paint = _LivePainter(colour)
    match result:
        case Decision():
            return _decision(result, zone, paint)
        case RecordedFact():
            return _recorded(result, zone, _LivePainter(colour))
        case Standing():
            return _standing(result, zone, paint)
        case Course():
            return _course(result, zone, paint)
        case Decisions():
            return _decisions(result, zone, paint)
        case Allowed():
            return _allowed(result, paint)
        case Retracted() | Merged() | WaiverRequest():
            # Few answers need it, and every answer waits for what is imported.
            from playgate.report import taken_back_text

            return taken_back_text.render(result, zone=zone)


def _decisions(result: Decisions, zone: Zone, paint: _LivePainter) -> Iterator[str]:
    for each in result.each:
        if isinstance(each, Decision):
            yield from _decision(each, zone, paint)
        else:
            yield f"{visible(each.deal)}: {visible(str(each.error))}\n"


def _ignored(names: Sequence[str]) -> Iterator[str]:
    """Yields which fields were passed over, as the playbook does not know them."""
    if names:
        shown = ", ".join(map(visible, names[:_MOST_IGNORED]))
        more = f", and {len(names) - _MOST_IGNORED} more" if len(names) > _MOST_IGNORED else ""
        yield f"  ignored: {shown}{more}\n"


def _recorded(result: RecordedFact, zone: Zone, paint: _LivePainter) -> Iterator[str]:
    if not result.added:
        yield f"{visible(result.deal)}: {result.note}\n"
        yield from _ignored(result.ignored)
        return
    for event in result.events:
        yield f"{visible(result.deal)}: {event.kind} {visible(event.name)}{equals(event.value)}\n"
    if result.note:
        yield f"  {result.note}\n"
    if result.would_refuse:
        yield paint("  let through in shadow: it would be refused", _YELLOW) + "\n"
    yield from _ignored(result.ignored)
    yield from _demands(result.demands, result.deal, zone, paint)


def _demands(
    demands: Sequence[UnmetRule], deal: str, zone: Zone, paint: _LivePainter
) -> Iterator[str]:
    for demand in demands:
        if demand.finding.rule.level != "observe" or demand.refuses:
            yield from _demand(demand, deal, zone, paint)


def _decision(decision: Decision, zone: Zone, paint: _LivePainter) -> Iterator[str]:
    move = f"{decision.from_stage or '(new)'} → {decision.to_stage}"
    if decision.fields:
        move = f"set {', '.join(map(visible, decision.fields))}"
    if decision.governed is None:
        yield f"{visible(decision.deal)}: {visible(decision.note)}\n"
        return
    yield f"{visible(decision.deal)}: {move} {_word(decision, paint)}\n"
    if decision.decision_id and decision.is_question:
        yield f"  decision {visible(decision.decision_id)}\n"
    if decision.note:
        yield f"  {visible(decision.note)}\n"
    yield from _ignored(decision.ignored)
    yield from _demands(decision.demands, decision.deal, zone, paint)


def _word(decision: Decision, paint: _LivePainter) -> str:
    would = "" if decision.recorded or decision.fields else "would be "
    if decision.would_refuse:
        return paint(f"{would}let through in shadow: it would be refused", _YELLOW)
    word = paint(f"{would}allowed", _GREEN) if decision.allowed else paint(f"{would}refused", _RED)
    return f"{word} (shadow)" if decision.shadow else word


def _demand(demand: UnmetRule, deal: str, zone: Zone, paint: _LivePainter) -> Iterator[str]:
    finding = demand.finding
    rule = finding.rule
    mark, code = _MARKS[rule.level]
    state = "waived" if finding.state == "waived" else ""
    refuses = "" if demand.refuses or state else " (does not refuse)"
    yield f"\n  {paint(mark, code)} {paint(rule.id, _BOLD)}{refuses}\n"
    yield f"    {visible(finding.message)}\n"
    if state:
        yield f"    waived by {visible(finding.waived_by)}: {visible(finding.waiver_reason)}\n"
        return
    for witness in finding.evidence[:3]:
        what = f"{witness.kind} {witness.name}{equals(witness.value)}{by(witness.actor)}"
        seen = f"{what}, {show_instant(witness.happened_at, zone)}"
        yield paint(f"    seen: {seen}", _DIM) + "\n"
    if rule.why:
        yield f"    why:  {visible(rule.why)}\n"
    if rule.ask:
        yield f"    ask:  {visible(rule.ask)}\n"
    for remedy in demand.remedies:
        yield from _remedy(remedy, deal, paint, "    do:   ")
    if demand.refuses:
        yield f"    or:   {_waiver(demand, deal)}\n"
    yield paint(f"    rule: {rule.place}", _DIM) + "\n"


def _remedy(remedy: Remedy, deal: str, paint: _LivePainter, lead: str) -> Iterator[str]:
    """Yields what is to be done, below `lead`; of several ways each with a dash."""
    below = " " * len(lead)
    if remedy.one_of:
        yield f"{lead}one of\n"
        for way in remedy.one_of:
            for place, each in enumerate(way):
                yield from _remedy(each, deal, paint, f"{below}{'- ' if place == 0 else '  '}")
        return
    yield f"{lead}{visible(remedy.words)}\n"
    if remedy.command:
        yield paint(f"{below}playgate {visible(remedy.command_for(deal))}", _DIM) + "\n"


def _waiver(demand: UnmetRule, deal: str) -> str:
    who = demand.waivable_by
    if who == ():
        return "nobody may waive it"
    roles = with_article(" or ".join(who)) if who else "anybody"
    command = "waive" if demand.asker_may_waive else "waiver request"
    rule = demand.finding.rule.id
    return f"{roles} may waive it: {_command(command, deal)} {rule} --reason TEXT"


def _command(name: str, deal: str) -> str:
    return f"playgate {name} {visible(in_shell(deal))}"


def _standing(standing: Standing, zone: Zone, paint: _LivePainter) -> Iterator[str]:
    """Yields where a deal stands, what is open, what falls due, and the way on."""
    since = f" since {show_instant(standing.since, zone)}" if standing.since is not None else ""
    title = f"{standing.stage_title} ({standing.stage})"
    named = standing.stage if standing.stage_title == standing.stage else title
    where = named if standing.stage else "no stage yet"
    yield f"{paint(visible(standing.deal), _BOLD)} is in {visible(where)}{since}\n"
    yield paint(visible(f"{standing.playbook} version {standing.version}"), _DIM) + "\n"
    shown = [each for each in standing.open_findings if each.rule.level != "observe"]
    if shown:
        yield "\nOpen\n"
        for finding in shown:
            yield from _open(finding, paint)
    if standing.ahead:
        yield "\nFalls due\n"
        for ahead in standing.ahead:
            yield f"  {show_instant(ahead.due_at, zone)}  {ahead.rule}\n"
            yield paint(f"    {visible(ahead.title)}", _DIM) + "\n"
    if not standing.governed:
        yield f"\n{visible(standing.note)}\n"
    elif standing.decision is not None:
        yield from _way_on(standing, standing.decision, paint)


def _open(finding: Finding, paint: _LivePainter) -> Iterator[str]:
    mark, code = _MARKS[finding.rule.level]
    yield f"  {paint(mark, code)} {finding.rule.id}\n    {visible(finding.message)}\n"


def _way_on(standing: Standing, decision: Decision, paint: _LivePainter) -> Iterator[str]:
    refusing = [demand for demand in decision.demands if demand.refuses]
    deal = standing.deal
    command = "ask" if standing.record == "crm" else "move"
    move = f"{_command(command, deal)} {standing.next_stage}"
    yield f"\nThe way on to {standing.next_stage}\n"
    step = 1
    for demand in refusing:
        for remedy in demand.remedies or ():
            yield from _remedy(remedy, deal, paint, f"  {step}. ")
            step += 1
        if not demand.remedies:
            yield f"  {step}. {visible(demand.finding.message)}: {_waiver(demand, deal)}\n"
            step += 1
    yield f"  {step}. {move}\n"


def _allowed(result: Allowed, paint: _LivePainter) -> Iterator[str]:
    """Yields a line for each stage, and below it what is missing."""
    where = f"is in {result.stage}" if result.stage else "is in no stage yet"
    yield f"{paint(visible(result.deal), _BOLD)} {where}\n"
    width = max(len(each.stage) for each in result.stages)
    for each in result.stages:
        decision = each.decision
        here = decision.from_stage == each.stage
        word = paint("here", _DIM) if here else _word(decision, paint).replace("would be ", "", 1)
        yield f"  {each.stage:<{width}}  {word}\n"
        if decision.note and not here:
            yield f"    {visible(decision.note)}\n"
        for demand in decision.demands:
            if demand.refuses:
                yield from _missing(demand, result.deal, paint)


def _missing(demand: UnmetRule, deal: str, paint: _LivePainter) -> Iterator[str]:
    mark, code = _MARKS[demand.finding.rule.level]
    yield f"    {paint(mark, code)} {visible(demand.finding.message)}\n"
    for remedy in demand.remedies:
        yield f"      do: {visible(remedy.words)}\n"
    if not demand.remedies:
        yield f"      {_waiver(demand, deal)}\n"


def _course(course: Course, zone: Zone, paint: _LivePainter) -> Iterator[str]:
    """Yields a deal's events and decisions, a line each."""
    yield f"{paint(visible(course.deal), _BOLD)}\n"
    for entry in course.entries:
        yield f"  {show_instant(entry.at, zone):<27} {_entry(entry, paint)}\n"


_ASIDES = {
    "retraction": "retracted",
    "merge": "merged in",
    "waiver-request": "waiver asked for",
    "waiver-approved": "waiver approved",
    "waiver-declined": "waiver declined",
}


def _entry(entry: CourseEntry, paint: _LivePainter) -> str:
    who = f" {by(entry.actor)}" if entry.actor else ""
    if entry.kind == "decision":
        word = paint("allowed", _GREEN) if entry.allowed else paint("refused", _RED)
        if entry.shadow:
            word = "would be refused (shadow)" if entry.would_refuse else f"{word} (shadow)"
        rules = f": {', '.join(entry.rules)}" if entry.rules else ""
        note = f": {visible(entry.note)}" if entry.note else ""
        return f"decision {entry.value or '(new)'} → {entry.name} {word}{who}{rules}{note}"
    if entry.kind == "migration":
        renamed = entry.from_stage != entry.to_stage
        stage = f", {entry.from_stage} → {entry.to_stage}" if renamed else ""
        return f"migrated from version {entry.value} to version {entry.name}{stage}{who}"
    aside = _ASIDES.get(entry.kind)
    if aside is not None:
        why = f": {visible(entry.value)}" if entry.value else ""
        known = f" ({visible(entry.event_id)})" if entry.event_id else ""
        return f"{aside} {visible(entry.name)}{known}{who}{why}"
    if entry.retracted:
        who += paint("  (retracted: it never happened)", _DIM)
    came = "" if entry.live else paint("  (imported)", _DIM)
    known = paint(f"  {visible(entry.event_id)}", _DIM)
    return f"{entry.kind:<8} {visible(entry.name)}{equals(entry.value)}{who}{came}{known}"
