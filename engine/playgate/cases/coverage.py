"""What its cases have seen of a playbook: rules met and unmet, moves allowed and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from playgate.cases.model import Attempt, Case
from playgate.cases.run import Bench, Said, concerns
from playgate.conditions.tree import SetPattern, StagePattern
from playgate.findings import RuleInfo
from playgate.model.playbook import Playbook, Stage
from playgate.records import Record
from playgate.rules.due import (
    AsOf,
    AtDeadline,
    AtEntry,
    AtMatch,
    AtMoves,
    AtPassing,
    Due,
    FirstEntry,
    WhileHeld,
)
from playgate.rules.list import Rule

__all__ = ["Coverage", "MoveSeen", "RuleSeen", "cover"]


class RuleSeen(Record):
    """A rule, and how many cases saw it met and expected it unmet."""

    rule: RuleInfo
    met: int
    unmet: int


class MoveSeen(Record):
    """A stage, and how many cases expected moves into it allowed and refused."""

    stage: str
    allowed: int
    refused: int | None
    """`None` where no rule can refuse it."""


class Coverage(Record):
    """The coverage of one playbook."""

    rules: tuple[RuleSeen, ...]
    moves: tuple[MoveSeen, ...]

    @property
    def covered(self) -> int:
        """How much of `total` was seen."""
        return sum(seen > 0 for seen in self._cells())

    @property
    def total(self) -> int:
        """How much there is to see: two for each rule, two (or one) for each stage."""
        return len(self._cells())

    @property
    def percent(self) -> float:
        """The share that was seen, in percent."""
        return 100.0 * self.covered / self.total if self.total else 100.0

    def _cells(self) -> list[int]:
        cells = [seen for rule in self.rules for seen in (rule.met, rule.unmet)]
        for move in self.moves:
            cells += [move.allowed] if move.refused is None else [move.allowed, move.refused]
        return cells


def cover(playbook: Playbook, tried: Sequence[tuple[Bench, Sequence[Case]]]) -> Coverage:
    """Returns the coverage by cases that pass, each with the bench that it was tried on."""
    met: dict[str, int] = {}
    unmet: dict[str, int] = {}
    moves: dict[tuple[str, bool], int] = {}
    rules: tuple[Rule, ...] = ()
    for bench, cases in tried:
        rules = tuple(rule.rule for rule in bench.judge.rules)
        for case in cases:
            said = bench.say(case)
            for rule_id in _met(bench, case, said):
                met[rule_id] = met.get(rule_id, 0) + 1
            for rule_id in _expected_unmet(case, said):
                unmet[rule_id] = unmet.get(rule_id, 0) + 1
            if isinstance(case.asked, Attempt):
                refused = said.has_no_gate or any(each.group == "refused" for each in said.heard)
                key = (case.asked.event.name, refused)
                moves[key] = moves.get(key, 0) + 1
    return Coverage(
        tuple(
            RuleSeen(rule.info, met.get(rule.info.id, 0), unmet.get(rule.info.id, 0))
            for rule in rules
        ),
        tuple(
            MoveSeen(
                stage.id,
                moves.get((stage.id, False), 0),
                moves.get((stage.id, True), 0) if _can_be_refused(playbook, stage, rules) else None,
            )
            for stage in playbook.stages
        ),
    )


def _met(bench: Bench, case: Case, said: Said) -> Iterator[str]:
    if not said.governed:
        return
    judge = bench.judge_of(case)
    for rule, verdict in zip(judge.rules, judge.judge(said.deal), strict=True):
        if verdict is not None and verdict.verdict == "met" and concerns(case, rule):
            yield rule.rule.info.id


def _expected_unmet(case: Case, said: Said) -> Iterator[str]:
    """Yields the unmet rules that the case asks for; a warning of which it does not speak was not
    tested."""
    for each in said.heard:
        if each.verdict.verdict == "unmet" and each.group in case.expected:
            yield each.rule.rule.info.id


def _can_be_refused(playbook: Playbook, stage: Stage, rules: Sequence[Rule]) -> bool:
    """Returns whether some rule at `block` can refuse moves into the stage."""
    track = [each.id for each in playbook.track]
    earlier = track[: track.index(stage.id)] if stage.id in track else []
    return any(
        _refuses(rule.due, stage, earlier)
        for rule in rules
        if rule.info.level == "block" and rule.row.live != "reports"
    )


def _refuses(due: Due, stage: Stage, earlier: Sequence[str]) -> bool:
    """Whether a rule that is due so may refuse a move into the stage."""
    if due == AtEntry(stage.id):
        return True
    if stage.ends == "lost":
        return False
    match due:
        case AtEntry():
            return False
        case AtMoves() | WhileHeld():
            return True
        case AtMatch(matches) | AsOf(matches):
            return StagePattern(stage.id) in matches or any(
                isinstance(each, SetPattern)  # a move may bring values of fields
                for each in matches
            )
        case AtPassing(passed) | AtDeadline(FirstEntry(passed)):
            return passed in earlier
        case AtDeadline():
            return True
        case _:
            assert_never(due)
