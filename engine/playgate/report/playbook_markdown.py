"""A playbook as Markdown, for a wiki or a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.describe import describe
from playgate.model.playbook import Playbook, Stage
from playgate.report.markdown_text import code, code_in_cell, escaped, row
from playgate.report.playbook_declared import declared
from playgate.report.playbook_diagram import render_mermaid
from playgate.report.playbook_numbers import numbers_lines
from playgate.report.rule_words import beside_title
from playgate.rules.list import Rule, list_rules

__all__ = ["render"]


def render(playbook: Playbook) -> Iterator[str]:
    """Yields the playbook: its diagram, then what each stage asks."""
    rules = list_rules(playbook)
    yield f"# {_text(playbook.title)}\n\n"
    yield f"{code(playbook.name)} version {_text(str(playbook.version))}\n\n"
    yield "```mermaid\n"
    yield from render_mermaid(playbook)
    yield "```\n"
    for profile in playbook.profiles:
        yield f"\n**Profile {_text(profile.title)}.** {_text(profile.story)}\n"
    for stage in playbook.stages:
        own = [rule for rule in rules if rule.info.stage == stage.id]
        yield from _stage(stage, own, playbook)
    yield "\n## Whatever the stage\n\n"
    yield from _table([rule for rule in rules if not rule.info.stage], playbook)
    lines = list(numbers_lines(playbook))
    if lines:
        yield "\n## What is counted\n\n| what | |\n|---|---|\n"
        yield from (f"| {_text(what)} | {_text(says)} |\n" for what, says in lines)
    for heading, declared_lines in declared(playbook, rules):
        yield f"\n## {heading}\n\n| | |\n|---|---|\n"
        yield from (f"| {_text(what)} | {_text(says)} |\n" for what, says in declared_lines)


def _stage(stage: Stage, rules: list[Rule], playbook: Playbook) -> Iterator[str]:
    ends = f" (ends the deal: {stage.ends})" if stage.ends else ""
    yield f"\n## {_text(stage.title)}{ends}\n\n"
    if stage.when is not None:
        yield f"Only where {_text(describe(stage.when))}.\n\n"
    if stage.story:
        yield f"{_text(stage.story)}\n\n"
    if stage.inputs:
        yield "Inputs: " + "; ".join(map(_text, stage.inputs)) + "\n\n"
    yield from _table(rules, playbook)


def _table(rules: list[Rule], playbook: Playbook) -> Iterator[str]:
    if not rules:
        yield "No rules.\n"
        return
    yield "| rule | level | what is asked | why |\n|---|---|---|---|\n"
    for rule in rules:
        info = rule.info
        asked = info.title + beside_title(rule, playbook)
        cells = (code_in_cell(info.id), info.level, _text(asked), _text(info.why))
        yield row([*cells])


def _text(text: str) -> str:
    """Returns text that Markdown shows as it is."""
    return escaped(" ".join(text.split()), limit=0)
