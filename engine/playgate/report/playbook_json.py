"""A playbook as JSON: its stages and every rule with level and place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.machine import build_machine, track_steps
from playgate.playbook.model import Playbook, Stage
from playgate.playbook.rules import Rule, list_rules
from playgate.report.figures import instant
from playgate.report.json_text import json_pieces

__all__ = ["SCHEMA", "VERSION", "render"]

SCHEMA = "https://playgate.invalid/schemas/show.schema.json"
VERSION = 1


def render(playbook: Playbook) -> Iterator[str]:
    """The contract of `schemas/show.schema.json`, version 1."""
    yield from json_pieces(
        {
            "schema": SCHEMA,
            "version": VERSION,
            "playbook": {
                "name": playbook.name,
                "version": playbook.version,
                "title": playbook.title,
                "sha256": playbook.sha256,
                "timezone": playbook.zone_name,
            },
            "stages": [_stage(stage) for stage in playbook.stages],
            "track": [
                {"from": step.from_stage, "to": step.to_stage, "skips": step.skips}
                for step in track_steps(playbook, build_machine(playbook))
            ],
            "rules": [_rule(rule) for rule in list_rules(playbook)],
        }
    )
    yield "\n"


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.id,
        "title": stage.title,
        "ends": stage.ends,
        "counts_as_won": stage.counts_as_won,
        "optional": stage.optional,
        "conditional": stage.when is not None,
        "line": stage.place.line,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    info = rule.info
    return {
        "id": info.id,
        "family": rule.family,
        "stage": info.stage or None,
        "level": info.level,
        "title": info.title,
        "why": info.why,
        "ask": info.ask,
        "tools": list(info.tools),
        "from": instant(rule.starts),
        "file": info.place.file,
        "line": info.place.line,
        "column": info.place.column,
    }
