"""What the cases of playbooks came to, as JSON: the contract of `schemas/test.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from playgate.cases.coverage import Coverage
from playgate.cases.result import CasesResult
from playgate.cases.run import CaseDifference, CaseOutcome
from playgate.cases.survey import MutantSurvey
from playgate.errors import Place
from playgate.report.json_text import json_pieces
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "render_json"]

SCHEMA = "https://playgate.invalid/schemas/test.schema.json"
VERSION = 1


def render_json(results: Sequence[CasesResult]) -> Iterator[str]:
    """Yields the results as pieces of text, a case to a line."""
    yield from json_pieces(
        {
            "schema": SCHEMA,
            "version": VERSION,
            "playgate": __version__,
            "good": all(tested.good for tested in results),
            "playbooks": iter([_playbook(tested) for tested in results]),
        }
    )
    yield "\n"


def _playbook(tested: CasesResult) -> dict[str, Any]:
    return {
        "playbook": tested.playbook.name,
        "version": str(tested.playbook.version),
        "sha256": tested.playbook.sha256,
        "file": tested.playbook.file,
        "case_files": list(tested.files),
        "good": tested.good,
        "passed": len(tested.outcomes) - tested.failed,
        "failed": tested.failed,
        "left_out": tested.left_out,
        "cases": map(_outcome, tested.outcomes),
        "coverage": _coverage(tested.coverage) if tested.coverage else None,
        "mutants": _survey(tested.survey) if tested.survey else None,
    }


def _outcome(outcome: CaseOutcome) -> dict[str, Any]:
    return {
        "case": outcome.case.name,
        **_place(outcome.case.place),
        "passed": outcome.passed,
        "seen": outcome.summary,
        "differences": [_difference(each) for each in outcome.differences],
    }


def _difference(difference: CaseDifference) -> dict[str, Any]:
    return {
        "rule": difference.rule,
        "expected": difference.expected,
        "seen": difference.seen,
        "message": difference.message or None,
        "place": _place(difference.place),
        "rule_place": _place(difference.rule_place),
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "covered": coverage.covered,
        "total": coverage.total,
        "percent": round(coverage.percent, 3),
        "rules": (
            {"rule": each.rule.id, **_place(each.rule.place), "met": each.met, "unmet": each.unmet}
            for each in coverage.rules
        ),
        "moves": (
            {"stage": each.stage, "allowed": each.allowed, "refused": each.refused}
            for each in coverage.moves
        ),
    }


def _survey(survey: MutantSurvey) -> dict[str, Any]:
    return {
        "total": survey.total,
        "caught": survey.caught,
        "untried": survey.untried,
        "living": (
            {"mutant": each.mutant.name, **_place(each.mutant.place), "why": each.why or None}
            for each in survey.living
        ),
        "stale": ({"mutant": each.mutant, **_place(each.place)} for each in survey.stale),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}
