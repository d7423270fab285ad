"""A playbook on one screen: stages in order, what each asks, at which level."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.findings import Level
from playgate.playbook.model import Playbook, Stage
from playgate.playbook.rules import Rule, list_rules

__all__ = ["render"]

_HEADS = {
    "entry": "to come in", "by": "moved by", "activity": "to do", "within": "in time",
    "exit": "to leave", "hold": "to hold", "time": "at most", "entered": "not to skip",
}  # fmt: skip
_MARKS: dict[Level, str] = {"block": "■", "warn": "▲", "observe": "·"}
_COLOURS: dict[Level, str] = {"block": "31", "warn": "33", "observe": "2"}


def render(playbook: Playbook, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """The playbook as lines of at most `width` characters."""
    painter = _Painter(width, colour)
    rules = list_rules(playbook)
    yield painter.bold(f"{playbook.title}") + f"  {playbook.name} version {playbook.version}\n"
    yield (
        painter.dim(
            f"{len(playbook.stages)} stages, {len(rules)} rules: "
            "■ block  ▲ warn  · observe    time zone " + playbook.zone_name
        )
        + "\n"
    )
    for number, stage in enumerate(playbook.stages, 1):
        yield "\n" + painter.bold(f"{number:>2}  {stage.title}") + painter.dim(_about(stage)) + "\n"
        mine = [rule for rule in rules if rule.info.stage == stage.id]
        yield from painter.rules(mine, "")
    rest = [rule for rule in rules if not rule.info.stage]
    yield "\n" + painter.bold("    Whatever the stage") + "\n"
    yield from painter.rules(rest, "")


def _about(stage: Stage) -> str:
    said = [stage.id]
    if stage.ends:
        said.append(f"ends the deal: {stage.ends}")
    if stage.counts_as_won:
        said.append("counts as won")
    if stage.optional:
        said.append("optional")
    if stage.when is not None:
        said.append("only for some deals")
    return "  " + ", ".join(said)


class _Painter:
    def __init__(self, width: int, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def bold(self, text: str) -> str:
        return self._paint(text, "1")

    def dim(self, text: str) -> str:
        return self._paint(text, "2")

    def rules(self, rules: list[Rule], head: str) -> Iterator[str]:
        for rule in rules:
            said = _HEADS.get(rule.family, rule.info.id)
            mark = self._paint(_MARKS[rule.info.level], _COLOURS[rule.info.level])
            room = self._width - 6 - 24
            for index, line in enumerate(_wrapped(_short(rule), max(room, 30))):
                if index == 0:
                    shown = "" if said == head else said
                    yield f"    {mark} {shown:<23.23} {line}\n"
                else:
                    yield " " * 30 + line + "\n"
            head = said


def _short(rule: Rule) -> str:
    """The rule's title without what its heading says already."""
    if rule.family == "entered":
        return "the stage itself"
    for prefix in ("Moved here by ", "Left within "):
        if rule.info.title.startswith(prefix):
            return rule.info.title.removeprefix(prefix)
    return rule.info.title


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width) or [""]
