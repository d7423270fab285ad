"""An audit's result, put together from what was counted and noted on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat

from playgate.audit.result import (
    AuditResult,
    BlindSpot,
    HistoryFacts,
    PlaybookFacts,
    UngatedMove,
    UnknownName,
)
from playgate.audit.share import share_over_deals
from playgate.audit.summary import Summary
from playgate.audit.tally import Tally
from playgate.documents.document import nearest_said
from playgate.findings import Finding
from playgate.history.deal import Note
from playgate.history.event import Problem
from playgate.history.people import People
from playgate.history.problems import EarliestProblems
from playgate.model.playbook import Playbook
from playgate.records import replace
from playgate.rules.list import list_rules

__all__ = ["add_notes", "assemble", "problem_of"]


def assemble(
    playbook: Playbook,
    tally: Tally,
    *,
    people: People | None,
    as_of: int | None,
    history: HistoryFacts,
    unknown: Mapping[tuple[str, str], int],
    blind_spots: tuple[BlindSpot, ...],
    findings: Collection[Finding] | None,
    problems: Iterable[Problem],
    summary: Summary,
    ungated: Iterable[UngatedMove] = (),
    actors: Iterable[str] | None = None,
) -> AuditResult:
    """Puts the result together; `unknown` counts the events of unknown names by kind and
    name.

    The `summary` stands for all findings and problems where they are `None`, as only that was asked
    for. `actors` are those whom findings mention, where that is known.
    """
    if findings is None:
        findings, problems = summary.findings, ()
    met, unmet, waived = tally.totals()
    return AuditResult(
        playbooks=(
            PlaybookFacts(
                playbook.name,
                str(playbook.version),
                playbook.title,
                playbook.sha256,
                playbook.file,
                tally.deals,
                playbook.zone_name,
            ),
        ),
        as_of=as_of,
        history=history,
        adherence=share_over_deals(tally.chances()),
        met=met,
        unmet=unmet,
        waived=waived,
        stages=tally.stages(),
        rules=tally.rules(),
        findings=findings,
        actors=tally.actors(people),
        ungated=tuple(sorted(ungated, key=lambda each: (each.happened_at, each.deal))),
        unknown_names=_unknown_names(playbook, unknown),
        blind_spots=tuple(replace(spot, playbook=playbook.name) for spot in blind_spots),
        problems=tuple(problems),
        summary=summary,
        names=_names(_mentioned(findings) if actors is None else actors, people),
    )


_MOST_HINTS = 1_000
"""To look for what was meant takes long: of further names it is not told."""


def _unknown_names(
    playbook: Playbook, unknown: Mapping[tuple[str, str], int]
) -> tuple[UnknownName, ...]:
    known = {
        "stage": [stage.id for stage in playbook.stages],
        "activity": list(playbook.activities),
        "field": list(playbook.fields),
        "waiver": [rule.info.id for rule in list_rules(playbook)],
    }
    found = sorted(unknown.items())
    near = (nearest_said(name, known[kind]) for (kind, name), _ in found[:_MOST_HINTS])
    return tuple(
        UnknownName(kind, name, count, hint, playbook.name)
        for ((kind, name), count), hint in zip(found, chain(near, repeat("")), strict=False)
    )


def _mentioned(findings: Iterable[Finding]) -> set[str]:
    return {actor for finding in findings for actor in (finding.actor, finding.waived_by)}


def _names(actors: Iterable[str], people: People | None) -> dict[str, str]:
    """Returns the names of actors."""
    if people is None:
        return {}
    persons = ((actor, people.person(actor)) for actor in sorted(actors))
    return {actor: person.name for actor, person in persons if person and person.name}


def problem_of(note: Note, sources: Sequence[str]) -> Problem:
    """Returns a note on a row as a problem, which names its file."""
    hint = nearest_said(note.event.name, note.known) if note.known else note.hint
    return Problem(_file_of(note, sources), note.event.line, note.reason, hint)


def _file_of(note: Note, sources: Sequence[str]) -> str:
    """Returns the name of the file in which the row of a note stands."""
    source = note.event.source
    return sources[source] if source < len(sources) else ""


def add_notes(
    problems: EarliestProblems, notes: Iterable[tuple[Note, int]], sources: Sequence[str]
) -> None:
    """Adds notes on rows, each with how many it stands for, to the problems of a history."""
    for each, times in notes:
        file = _file_of(each, sources)
        make = partial(problem_of, each, sources)
        problems.add(file, each.event.line, each.reason, make, times)
