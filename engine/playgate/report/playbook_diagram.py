"""A playbook's track as Mermaid and dot, drawn from its state machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from playgate.machine import START, StageMachine
from playgate.model.playbook import Playbook, Stage
from playgate.report.words import visible

__all__ = ["render_dot", "render_mermaid"]

_NEW = '"(new)"'
"""Where a deal comes from, in dot."""


def render_mermaid(playbook: Playbook) -> Iterator[str]:
    """Yields a Mermaid state diagram: the track, and the stages that any stage can end in."""
    machine = StageMachine(playbook)
    names = _names(machine.stages)
    yield "stateDiagram-v2\n"
    yield "    direction LR\n"
    for stage in machine.stages:
        yield f"    state {_mermaid_text(stage.title)} as {names[stage.id]}\n"
    for step in machine.steps:
        source = "[*]" if step.from_stage == START else names[step.from_stage]
        label = " : may be skipped" if step.skips else ""
        yield f"    {source} --> {names[step.to_stage]}{label}\n"
    for stage in machine.stages:
        if stage.ends:
            yield f"    {names[stage.id]} --> [*]\n"
    for stage in machine.lost[:1]:
        last = names[stage.id]
        yield f"    note left of {last} : reached from every stage\n"


def render_dot(playbook: Playbook) -> Iterator[str]:
    """Yields a Graphviz digraph of the same."""
    machine = StageMachine(playbook)
    yield f"digraph {_dot_text(playbook.name)} {{\n"
    yield '    rankdir=LR; node [shape=box, style="rounded", fontname="Helvetica"];\n'
    yield f"    {_NEW} [shape=point];\n"
    for stage in machine.stages:
        shape = ", peripheries=2" if stage.ends else ""
        yield f"    {_dot_text(stage.id)} [label={_dot_text(stage.title)}{shape}];\n"
    for step in machine.steps:
        source = _NEW if step.from_stage == START else _dot_text(step.from_stage)
        style = " [style=dashed]" if step.skips else ""
        yield f"    {source} -> {_dot_text(step.to_stage)}{style};\n"
    for stage in machine.lost:
        yield '    "(any stage)" [shape=plaintext];\n    "(any stage)" -> '
        yield f"{_dot_text(stage.id)} [style=dotted];\n"
    yield "}\n"


def _names(stages: Iterable[Stage]) -> dict[str, str]:
    """Returns ids that Mermaid takes: letters, digits and underscores, each only once."""
    names: dict[str, str] = {}
    for stage in stages:
        name = "s_" + re.sub(r"[^A-Za-z0-9_]", "_", stage.id)
        while name in names.values():
            name += "_"
        names[stage.id] = name
    return names


def _mermaid_text(text: str) -> str:
    flat = visible(" ".join(text.split()))
    kept = flat.replace('"', "'").replace(";", ",").replace("#", "").replace("`", "'")
    return f'"{kept}"'


def _dot_text(text: str) -> str:
    return json.dumps(visible(" ".join(text.split())), ensure_ascii=False)
