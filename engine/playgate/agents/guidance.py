"""What an agent is told about a rule that is not met: which tool mends it, what only a person can.

Nothing here repeats what stands on a deal: not a value, nor who did something. What a rule is
called and why it is there are the playbook's words.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playgate.agents.tools import TOOLS
from playgate.agents.visitor import Visitor
from playgate.conditions.phrases import somebody
from playgate.enforce.remedy import Remedy
from playgate.enforce.values import UnmetRule
from playgate.records import Record
from playgate.report.words import visible

__all__ = ["Guide"]

_OWN_WORDS = ("do", "find-out", "never")
"""Kinds of remedies whose words repeat nothing that stands on a deal."""
_OTHERWISE: Mapping[str, str] = {
    "known": "what is known is otherwise than is required: see the remedies in the data",
    "wait": "only time mends it: see the remedies in the data",
}


class Guide(Record):
    """Tells an agent what it can do."""

    visitor: Visitor
    roles: frozenset[str]
    """Those that it holds."""

    def mend(self, demand: UnmetRule) -> dict[str, Any]:
        """Returns what is to be done about a rule, as data."""
        rule = demand.finding.rule
        return {
            "rule": rule.id,
            "asks": visible(rule.title),
            "level": rule.level,
            "refuses": demand.refuses,
            "why": visible(rule.why) or None,
            "question": visible(rule.ask) or None,
            "to_do": [self._step(each) for each in demand.remedies],
            "exception": self._exception(demand.waivable_by),
        }

    def _exception(self, roles: Sequence[str] | None) -> dict[str, Any] | None:
        """Returns how an exception is asked for, `None` where nobody may make one."""
        if roles is not None and not roles:
            return None
        tool = "request_waiver"
        return {
            "tool": tool if self.visitor.may(TOOLS[tool]) else None,
            "only_a_person": True,
            "roles": [*(roles or ())],
        }

    def _step(self, remedy: Remedy) -> dict[str, Any]:
        tool, arguments, find_out = _call(remedy.command)
        by_person = remedy.is_by_another or not self._may_do(remedy.roles)
        usable = tool in TOOLS and self.visitor.may(TOOLS[tool]) and not by_person
        words = remedy.words if remedy.kind in _OWN_WORDS else _OTHERWISE.get(remedy.kind, "")
        return {
            "kind": remedy.kind,
            "words": visible(words) if words else "one of these ways",
            "tool": tool if usable else None,
            "arguments": arguments if usable else None,
            "find_out": find_out,
            "only_a_person": by_person,
            "roles": list(remedy.roles),
            "one_of": [[self._step(each) for each in way] for way in remedy.one_of],
        }

    def _may_do(self, roles: Sequence[str]) -> bool:
        return not roles or not self.roles.isdisjoint(roles)

    # In words

    def lines(self, mends: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yields the same as lines of text."""
        for mend in mends:
            weight = "refuses" if mend["refuses"] else mend["level"]
            yield f"- {mend['rule']} ({weight}): {mend['asks']}"
            if mend["why"]:
                yield f"  why: {mend['why']}"
            if mend["question"]:
                yield f"  ask: {mend['question']}"
            for step in mend["to_do"]:
                yield from _step_lines(step, "  ")
            yield from _exception_lines(mend)


def _step_lines(step: Mapping[str, Any], indent: str) -> Iterator[str]:
    yield f"{indent}to do: {step['words']}{_who(step)}"
    for number, way in enumerate(step["one_of"], 1):
        yield f"{indent}  way {number}:"
        for each in way:
            yield from _step_lines(each, f"{indent}    ")


def _who(step: Mapping[str, Any]) -> str:
    if step["one_of"] or step["kind"] in ("known", "wait", "never"):
        return ""
    if step["only_a_person"]:
        roles = step["roles"]
        return f" [only {somebody(tuple(roles)) if roles else 'somebody else than you'} can]"
    return f" [tool: {step['tool']}]" if step["tool"] else " [not by a tool that you may use]"


def _exception_lines(mend: Mapping[str, Any]) -> Iterator[str]:
    exception = mend["exception"]
    if not mend["refuses"]:
        return
    if exception is None:
        yield "  exception: nobody may make one"
        return
    roles = exception["roles"]
    who = somebody(roles) if roles else "a person"
    how = f" [tool: {exception['tool']}]" if exception["tool"] else ""
    yield f"  exception: only {who} may make one{how}"


def _call(command: str) -> tuple[str, dict[str, Any], list[str]]:
    """Returns the tool that a remedy's command is, what it is told besides the deal, and what of it
    is to be found out first; no tool where it is none."""
    words = shlex.split(command)
    if len(words) < 3 or words[0] not in ("log", "set", "move"):
        return "", {}, []
    if words[0] == "move":
        return "move", {"stage": words[2]}, []
    if words[0] == "set":
        return "set", {}, [each.partition("=")[0] for each in words[2:]]
    return "log", _logged(words[2:]), []


def _logged(words: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"activity": words[0]}
    waiting = iter(words[1:])
    for word in waiting:
        if word == "--with":
            told.setdefault("with", []).append(next(waiting))
        elif word == "--attr":
            name, _, value = next(waiting).partition("=")
            told.setdefault("attrs", {})[name] = _value(value)
        elif word.startswith("--"):
            next(waiting, "")  # who or when: that is not for an agent to say
        else:
            told["outcome"] = word
    return told


def _value(text: str) -> object:
    """Returns the value of an attribute, as the command line takes it."""
    try:
        return json.loads(text)
    except ValueError:
        return text
