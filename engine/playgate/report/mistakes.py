"""What `lint` found, as text, JSON, SARIF and JUnit XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from playgate.errors import Mistake, Place
from playgate.report.json_text import json_pieces
from playgate.report.junit import JunitCase, Suite, junit_report
from playgate.report.sarif import fingerprint, sarif_location, sarif_log, sarif_message
from playgate.report.words import plural, visible
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "render_json", "render_junit", "render_sarif", "render_text"]

SCHEMA = "https://playgate.invalid/schemas/mistakes.schema.json"
VERSION = 1

_BOLD, _RED, _YELLOW, _DIM, _GREEN = "1", "31", "33", "2", "32"


def render_text(
    mistakes: Sequence[Mistake], *, files: Sequence[str], colour: bool = False
) -> Iterator[str]:
    """Yields a line for each mistake, its hint indented below, and a last line that counts.

    `files` are the names of all that were checked, here and in the other formats.
    """

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text

    for mistake in mistakes:
        is_warning = mistake.level == "warning"
        place = paint(f"{_place(mistake.place)}:", _BOLD)
        level = paint("warning: " if is_warning else "", _YELLOW)
        rule = paint(f"[{mistake.rule}]", _YELLOW if is_warning else _RED)
        yield f"{place} {level}{visible(mistake.message)} {rule}\n"
        if mistake.hint:
            yield paint(f"    {visible(mistake.hint)}", _DIM) + "\n"
        if mistake.related:
            yield paint(f"    see {_place(mistake.related)}", _DIM) + "\n"
    errors, warnings = _counts(mistakes)
    code = _RED if errors else _YELLOW if warnings else _GREEN
    yield paint(_summary(errors, warnings, files=len(files)), code) + "\n"


def render_json(mistakes: Sequence[Mistake], *, files: Sequence[str]) -> Iterator[str]:
    """Yields JSON as `schemas/mistakes.schema.json` has it, version 1."""
    errors, warnings = _counts(mistakes)
    yield from json_pieces(
        {
            "schema": SCHEMA,
            "version": VERSION,
            "playgate": __version__,
            "files": list(files),
            "errors": errors,
            "warnings": warnings,
            "mistakes": map(_object, mistakes),
        }
    )
    yield "\n"


def render_sarif(mistakes: Sequence[Mistake], *, files: Sequence[str]) -> Iterator[str]:
    """Yields SARIF 2.1.0 with each mistake at its place."""
    rules = {rule: index for index, rule in enumerate(sorted({each.rule for each in mistakes}))}
    artifacts = [
        {"location": sarif_location(file, 0)["physicalLocation"]["artifactLocation"]}
        for file in files
    ]
    yield from sarif_log(
        ({"id": rule, "shortDescription": sarif_message(_words(rule))} for rule in rules),
        (_sarif_result(mistake, rules[mistake.rule]) for mistake in mistakes),
        run={"artifacts": artifacts},
    )


def render_junit(mistakes: Sequence[Mistake], *, files: Sequence[str]) -> Iterator[str]:
    """Yields JUnit XML with a case for each file; one with nothing but warnings passes."""
    by_file: dict[str, list[Mistake]] = {file: [] for file in files}
    for mistake in mistakes:
        by_file.setdefault(mistake.place.file, []).append(mistake)
    cases = [_case(file, found) for file, found in by_file.items()]
    yield from junit_report("playgate lint", [Suite("lint", cases)])


def _place(place: Place) -> str:
    return visible(str(place))


def _counts(mistakes: Sequence[Mistake]) -> tuple[int, int]:
    errors = sum(1 for mistake in mistakes if mistake.level == "error")
    return errors, len(mistakes) - errors


def _summary(errors: int, warnings: int, *, files: int) -> str:
    found = [plural(errors, "mistake")] if errors or not warnings else []
    if warnings:
        found.append(plural(warnings, "warning"))
    if not errors and not warnings:
        found = ["no mistakes"]
    return f"{' and '.join(found)} in {plural(files, 'file')}"


def _object(mistake: Mistake) -> dict[str, Any]:
    return {
        **_place_object(mistake.place),
        "level": mistake.level,
        "rule": mistake.rule,
        "message": mistake.message,
        "hint": mistake.hint or None,
        "related": _place_object(mistake.related) if mistake.related else None,
    }


def _place_object(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}


def _sarif_result(mistake: Mistake, index: int) -> dict[str, Any]:
    place, related = mistake.place, mistake.related
    hint = f" ({mistake.hint})" if mistake.hint else ""
    result: dict[str, Any] = {
        "ruleId": mistake.rule,
        "ruleIndex": index,
        "level": mistake.level,
        "message": sarif_message(mistake.message + hint),
        "locations": [sarif_location(place.file, place.line, place.column)],
        "partialFingerprints": {
            "ruleAndMessage/v1": fingerprint(mistake.rule, place.file, mistake.message)
        },
    }
    if related:
        result["relatedLocations"] = [sarif_location(related.file, related.line, related.column)]
    return result


def _words(rule: str) -> str:
    return rule.replace("-", " ").capitalize()


def _case(file: str, mistakes: Sequence[Mistake]) -> JunitCase:
    errors, warnings = _counts(mistakes)
    lines = "\n".join(
        visible(str(each))
        + (f"\n    {visible(each.hint)}" if each.hint else "")
        + (f"\n    see {_place(each.related)}" if each.related else "")
        for each in mistakes
    )
    return JunitCase(
        name=file,
        group="lint",
        file=file,
        line=mistakes[0].place.line if mistakes else 0,
        failure=_summary(errors, warnings, files=1) if errors else "",
        kind="error",
        detail=lines,
        output="" if errors else lines,
    )
