"""The judge's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from playgate.conditions.facts import Due
from playgate.history.deal import Deal, Waiver

__all__ = ["JudgeRule", "Verdict", "combine", "met"]


class Verdict(NamedTuple):
    """One rule's answer for one deal; a rule that is not applicable has none."""

    verdict: Literal["met", "unmet", "waived"]
    due: Due
    waiver: Waiver | None = None
    starts: tuple[int, ...] = ()
    """Of deadlines: the events whose deadlines were missed (positions)."""


_new: Any = tuple.__new__


def met(due: Due) -> Verdict:
    """The verdict on what holds; most are so, and a named tuple's own call takes twice as long."""
    verdict: Verdict = _new(Verdict, ("met", due, None, ()))
    return verdict


JudgeRule = Callable[[Deal], Verdict | None]


def combine(answers: list[Verdict]) -> Verdict | None:
    """One verdict of several: the first unmet, else the first waived, else the first met."""
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
