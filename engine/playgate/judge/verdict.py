"""Verdicts, the judge's answers, and how several are combined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from playgate.conditions.facts import DueAt
from playgate.history.deal import Deal, Waiver

__all__ = ["JudgeRule", "Verdict", "combine", "met"]


class Verdict(NamedTuple):
    """The judge's answer on one rule for one deal; a rule that is not applicable has none."""

    verdict: Literal["met", "unmet", "waived"]
    due: DueAt
    waiver: Waiver | None = None
    starts: tuple[int, ...] = ()
    """The positions of the events whose deadlines were missed; only for deadlines."""


_new: Any = tuple.__new__


def met(due: DueAt) -> Verdict:
    """Returns the verdict on what holds; as most are, it skips the named tuple's slower
    constructor."""
    verdict: Verdict = _new(Verdict, ("met", due, None, ()))
    return verdict


JudgeRule = Callable[[Deal], Verdict | None]


def combine(answers: list[Verdict]) -> Verdict | None:
    """Combines verdicts to one: the first unmet, else the first waived, else the first met."""
    if len(answers) < 2:
        return answers[0] if answers else None
    for wanted in ("unmet", "waived", "met"):
        found = [answer for answer in answers if answer.verdict == wanted]
        if found:
            starts = tuple(start for answer in found for start in answer.starts)
            first = min(found, key=_instant)
            return first._replace(starts=starts) if wanted == "unmet" else first
    return None


def _instant(answer: Verdict) -> tuple[int, int]:
    return answer.due.at, answer.due.position
