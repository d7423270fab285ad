"""Finds times, orders and settings that contradict each other, and gates that ask for too much."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import show_instant
from playgate.conditions.tree import Pattern, StagePattern
from playgate.documents.document import Route, quoted, shortened
from playgate.errors import Mistake, Place
from playgate.model.playbook import Playbook, Settings, Stage
from playgate.proof.claims import Claim, Clause, Reasoner, proven
from playgate.proof.logic import In, subjects
from playgate.rules.asks import Holds
from playgate.rules.due import AtEntry, AtMoves, AtPassing
from playgate.rules.list import Rule, glob_matches

__all__ = ["check_settings"]

_MOST_NEW_FIELDS = 6
"""The most new fields at one gate; if it asks for more, people enter anything to get through."""
_MOST_SHOWN = 10


def check_settings(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields what is wrong with times, orders, settings and the size of gates."""
    yield from _times(reasoner)
    yield from _against_track(reasoner, rules)
    yield from _starts(reasoner, rules)
    yield from _unused_settings(reasoner.playbook, rules)
    yield from _large_gates(reasoner, rules)


# Times


def _times(reasoner: Reasoner) -> Iterator[Mistake]:
    playbook = reasoner.playbook
    for index, stage in enumerate(playbook.stages):
        for item, activity in enumerate(stage.activities):
            limit, within = stage.lengths.get("time_limit"), activity.lengths.get("within")
            if limit is None or within is None:
                continue
            order = reasoner.prover.compare_durations(within.length, limit.length)
            if order != "longer":
                continue
            route: Route = ("stages", index, "activities", item, "within")
            what = shortened(f"{stage.id}/within/{activity.name}")
            yield proven(
                reasoner.document.key_place(route),
                f"{what} leaves {within.length}, but the deal must"
                f" have left the stage after {limit.length}",
                "within-past-time-limit",
                "shorten within, or give the stage more time",
                limit.place,
            )


# The order of the track


def _against_track(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    playbook = reasoner.playbook
    places = {stage.id: index for index, stage in enumerate(playbook.stages) if not stage.ends}
    places |= {stage.id: len(playbook.stages) for stage in playbook.stages if stage.ends == "won"}
    for index, stage in enumerate(playbook.stages):
        for item, demand in enumerate(stage.entry):
            part = reasoner.part(demand.condition, ("stages", index, "entry", item), stage=stage.id)
            later = _asks_for_later(reasoner, part, stage.id, places)
            if later is not None:
                yield _early(f"{stage.id}/entry/{demand.name}", demand.place, stage.id, later)
    for index, sequence in enumerate(playbook.sequence):
        match sequence.matches:
            case (StagePattern(into),) if sequence.need is not None:
                part = reasoner.part(sequence.need, ("sequence", index, "need"))
                later = _asks_for_later(reasoner, part, into, places)
                if later is not None:
                    place = reasoner.document.place(("sequence", index, "need"))
                    yield _early(f"sequence/{sequence.id}", place, into, later)
    order = [rule.info.level for rule in rules if isinstance(rule.due, AtMoves)]
    if "observe" not in order:
        yield from _sent_back(reasoner, places)


def _asks_for_later(
    reasoner: Reasoner, part: Clause, stage: str, places: dict[str, int]
) -> Stage | None:
    """Returns the first later stage that the condition needs entered already on entry here."""
    if stage not in places or reasoner.playbook.stage(stage).optional:
        return (
            None  # a lost stage is reached from everywhere, and an optional one may be a way back
        )
    later = [each for each in reasoner.playbook.stages if places.get(each.id, -1) > places[stage]]
    formula = reasoner.formula(Claim(part))
    entered = In(("stage", stage), 2)
    if not later or not reasoner.can_hold(formula, entered):
        return None
    not_yet = [In(("stage", each.id), 1) for each in later]
    if reasoner.can_hold(formula, entered, *not_yet):
        return None
    read = set(subjects(formula))
    return next((each for each in later if ("stage", each.id) in read), None)


def _early(what: str, place: Place, stage: str, later: Stage) -> Mistake:
    return proven(
        place,
        f"{shortened(what)} asks at the move into {shortened(stage)} that the deal has been in"
        f" {shortened(later.id)}, which comes later on the track",
        "sequence-against-track",
        "only a deal that goes back can meet this: turn it round, or move the stage",
        later.place,
    )


def _sent_back(reasoner: Reasoner, places: dict[str, int]) -> Iterator[Mistake]:
    """Yields what only earlier stages answer later, since going back is itself a finding."""
    for index, sequence in enumerate(reasoner.playbook.sequence):
        if sequence.kind != "after" and not sequence.later:
            continue
        matches, answers = _stages(sequence.matches), _stages(sequence.answers)
        open_stages = {stage.id for stage in reasoner.playbook.stages if stage.ends is None}
        if not matches or not answers or not open_stages.issuperset((*matches, *answers)):
            continue
        if max(places[each] for each in answers) < min(places[each] for each in matches):
            stage = reasoner.playbook.stage(answers[0])
            yield proven(
                reasoner.document.place(("sequence", index, "need")),
                f"sequence/{shortened(sequence.id)} asks after {shortened(matches[0])} for a move"
                f" into {shortened(stage.id)}, which comes earlier on the track",
                "sequence-against-track",
                "meeting it breaks order/back or order/reopened: turn it round, or move the stage",
                stage.place,
            )


def _stages(patterns: tuple[Pattern, ...]) -> list[str]:
    """Returns the stages that the patterns are moves into; empty if one is anything else."""
    found = [each.stage for each in patterns if isinstance(each, StagePattern)]
    return found if len(found) == len(patterns) else []


# Settings


def _starts(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields rules that are in force before the playbook itself."""
    playbook = reasoner.playbook
    if playbook.starts is None:
        return
    for rule in rules:
        if rule.starts is None or rule.starts >= playbook.starts:
            continue
        setters = [
            each.place
            for each in playbook.settings
            if each.starts is not None and glob_matches(each.glob, rule.info.id)
        ]
        begins = show_instant(rule.starts, playbook.zone)
        yield proven(
            setters[-1] if setters else rule.info.place,
            f"{shortened(rule.info.id)} is in force from {begins}, before the playbook's own from",
            "from-before-playbook",
            "write the later date here, or the earlier one at the top",
            reasoner.document.key_place(("from",)),
        )


def _unused_settings(playbook: Playbook, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields entries of `rules` that later ones override wherever they match."""
    for index, entry in enumerate(playbook.settings):
        later = playbook.settings[index + 1 :]
        matched = [rule.info.id for rule in rules if glob_matches(entry.glob, rule.info.id)]
        over: list[Settings | None] = []
        for key in ("level", "starts", "when", "may_waive"):
            if getattr(entry, key) is not None:
                said = [each for each in later if getattr(each, key) is not None]
                over += _last_over(matched, said)
        last = over[-1] if over and all(over) else None
        if last is not None:
            yield proven(
                entry.place,
                f"{quoted(entry.glob)} changes nothing: later entries override it for every rule"
                " that it matches",
                "setting-never-used",
                "the last match wins: write what is special below what is general",
                last.place,
            )


def _last_over(matched: list[str], later: list[Settings]) -> list[Settings | None]:
    """Returns for each rule the last entry that overrides it; `None` where none does."""
    return [
        next((each for each in reversed(later) if glob_matches(each.glob, rule_id)), None)
        for rule_id in matched
    ]


# Gates


def _large_gates(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields moves at which many fields are asked for that no earlier stage asked for."""
    fields = _asked_fields(reasoner, rules)
    seen: set[str] = set()
    left: Stage | None = None
    for stage in reasoner.playbook.track:
        leaving = [*fields.get(f"{left.id}/exit", ()), *fields.get("fit", ())] if left else []
        asked = [*leaving, *fields.get(f"{stage.id}/entry", ())]
        yield from _gate(stage, left, seen, asked)
        if stage.ends is None:
            seen.update(name for _, name in asked)
            left = stage
    for stage in reasoner.playbook.stages:
        if stage.ends == "lost":  # reached from everywhere, so nothing was asked before
            yield from _gate(stage, None, set(), fields.get(f"{stage.id}/entry", []))


def _gate(
    stage: Stage, left: Stage | None, seen: set[str], asked: list[tuple[Rule, str]]
) -> Iterator[Mistake]:
    new = {name: rule for rule, name in asked if rule.info.level == "block" and name not in seen}
    if len(new) <= _MOST_NEW_FIELDS:
        return
    names = ", ".join(shortened(name) for name in list(new)[:_MOST_SHOWN])
    coming = f"from {shortened(left.id)} into" if left else "into"
    last = list(new.values())[-1].info.place
    yield proven(
        stage.place,
        f"the move {coming} {shortened(stage.id)} asks for {len(new)} fields that nothing before"
        f" asked for: {names}{', …' if len(new) > _MOST_SHOWN else ''}",
        "many-new-demands",
        "people who must fill in much at once fill in anything: ask for some of it earlier",
        last,
    )


def _asked_fields(reasoner: Reasoner, rules: tuple[Rule, ...]) -> dict[str, list[tuple[Rule, str]]]:
    """Returns the fields that must have a value to meet a rule, by where the rule is asked."""
    found: dict[str, list[tuple[Rule, str]]] = {}
    for rule in rules:
        match rule.due, rule.ask:
            case AtEntry(stage), Holds(condition):
                key = f"{stage}/entry"
            case AtPassing(_, True), Holds(condition):
                key = "fit"
            case AtPassing(stage), Holds(condition):
                key = f"{stage}/exit"
            case _:
                continue
        formula = reasoner.formulas.of(condition, stage=rule.info.stage)
        names = dict.fromkeys(str(each[1]) for each in subjects(formula) if each[0] == "field")
        found.setdefault(key, []).extend(
            (rule, name)
            for name in names
            if not reasoner.can_hold(formula, reasoner.formulas.absent(name))
        )
    return found
