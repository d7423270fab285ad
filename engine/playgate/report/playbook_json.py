"""A playbook as JSON: its stages and every rule with level and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playgate.conditions.calendar import hours_words, workdays_words
from playgate.conditions.describe import describe
from playgate.conditions.values import FieldType
from playgate.machine import StageMachine, Step
from playgate.model.playbook import ActivityKind, Playbook, Stage
from playgate.report.figures import instant
from playgate.report.json_text import json_pieces
from playgate.report.playbook_declared import setters
from playgate.report.playbook_numbers import numbers_data
from playgate.rules.asks import HasRole
from playgate.rules.list import Rule, list_rules
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "render", "rule_object"]

SCHEMA = "https://playgate.invalid/schemas/show.schema.json"
VERSION = 1


def render(playbook: Playbook) -> Iterator[str]:
    """Yields JSON as `schemas/show.schema.json` has it, version 1."""
    rules = list_rules(playbook)
    owners = setters(rules)
    yield from json_pieces(
        {
            "schema": SCHEMA,
            "version": VERSION,
            "playgate": __version__,
            "playbook": {
                "name": playbook.name,
                "version": str(playbook.version),
                "title": playbook.title,
                "sha256": playbook.sha256,
                "timezone": playbook.zone_name,
                "workdays": workdays_words(playbook.calendar).split(", "),
                "hours": hours_words(playbook.calendar).split(" to "),
                "holidays": [each.words for each in playbook.holidays],
                "applies_to": describe(playbook.applies_to) if playbook.applies_to else None,
                "roles": list(playbook.roles),
                "may_waive": None if playbook.may_waive is None else list(playbook.may_waive),
                "parts": list(playbook.parts),
            },
            "signals": [
                {"id": name, "says": describe(asked)} for name, asked in playbook.signals.items()
            ],
            "fields": [_field(*each, owners) for each in playbook.fields.items()],
            "activities": [_activity(*each) for each in playbook.activities.items()],
            "stages": map(_stage, playbook.stages),
            "track": map(_step, StageMachine(playbook).steps),
            "rules": map(rule_object, rules),
            "numbers": iter(numbers_data(playbook)),
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
        "when": describe(stage.when) if stage.when is not None else None,
        "line": stage.place.line,
    }


def _field(name: str, kind: FieldType, owners: Mapping[str, Rule]) -> dict[str, Any]:
    owner = owners.get(name)
    return {
        "id": name,
        "title": kind.title or name,
        "type": kind.kind,
        "unit": kind.unit or None,
        "currency": kind.currency or None,
        "options": list(kind.options),
        "set_by": list(owner.ask.roles) if owner and isinstance(owner.ask, HasRole) else None,
    }


def _activity(name: str, kind: ActivityKind) -> dict[str, Any]:
    return {
        "id": name,
        "title": kind.title,
        "tools": list(kind.tools),
        "outcomes": list(kind.words.outcomes),
        "attributes": [
            {"name": each, "type": of.kind} for each, of in kind.words.attributes.items()
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    return {"from": step.from_stage or None, "to": step.to_stage, "skips": step.skips}


def rule_object(rule: Rule) -> dict[str, Any]:
    """Returns a rule as data."""
    info = rule.info
    return {
        "id": info.id,
        "family": info.family,
        "stage": info.stage or None,
        "level": info.level,
        "title": info.title,
        "why": info.why or None,
        "ask": info.ask or None,
        "tools": list(info.tools),
        "from": instant(rule.starts),
        "when": None if rule.item_when is None else describe(rule.item_when),
        "may_waive": None if rule.may_waive is None else list(rule.may_waive),
        "file": info.place.file,
        "line": info.place.line,
        "column": info.place.column,
    }
