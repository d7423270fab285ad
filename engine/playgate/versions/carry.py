"""Tells by which versions a deal that was carried over is judged, and in which words.

The reading (`docs/decisions/0009-versions.md`): to a deal that was migrated at M, every rule that
is new or changed is as if its author had written `from: M`. A rule that both versions have alike
goes on without a break. What happened before M is told in the newer version's stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from playgate.history.event import Event
from playgate.model.playbook import Playbook, Settings
from playgate.records import Record, replace
from playgate.rules.list import list_rules
from playgate.versions.going_on import going_on
from playgate.versions.rules import renamed_id
from playgate.versions.stages import stage_map

__all__ = ["Carried", "Migrated", "Translate", "carry", "carry_on", "translator"]

Translate = Callable[[Iterable[Event]], Iterable[Event]]
"""Translates events into the words of another version."""


class Migrated(Record):
    """The migration of a deal: when it was, from which version and to which."""

    at: int
    old: Playbook
    new: Playbook


class Carried(Record):
    """How a deal that began under another version is judged."""

    playbook: Playbook
    """The newest version, with each new or changed rule in force only from the migration on."""
    translate: Translate
    """Translates events into its words."""
    until: tuple[Until, ...]
    """The versions before it, the earliest first."""


class Until(Record):
    """A version that judged a deal until it was migrated."""

    playbook: Playbook
    translate: Translate
    """Translates events into its words, as far as it has words for what came later."""
    at: int
    """It judges only what happened, and fell due, before this instant."""
    rules: frozenset[str]
    """The ids of its rules that did not go on; it judges by these alone."""


def carry(migrations: Iterable[Migrated]) -> Carried:
    """Combines a deal's migrations, of which there must be at least one."""
    until: list[Until] = []
    steps: list[tuple[int, Translate]] = []
    playbook: Playbook | None = None
    for each in migrations:
        old = playbook or each.old
        playbook, ended = carry_on(old, each.new, each.at)
        back = translator(each.new, each.old)
        until.append(Until(old, _around(tuple(steps), each.at, back), each.at, ended))
        steps.append((each.at, translator(each.old, each.new)))
    assert playbook is not None  # noqa: S101  (so the caller promised)
    return Carried(playbook, _before(tuple(steps)), tuple(until))


def carry_on(old: Playbook, new: Playbook, at: int) -> tuple[Playbook, frozenset[str]]:
    """Returns the newer version for a deal that comes from `old` at an instant.

    In it, new and changed rules are in force from then on. The second value is the rules of `old`
    that end.
    """
    before = going_on(old, new)
    settings = []
    for rule in list_rules(new):
        known = before.get(rule.info.id)
        since = at if known is None else known.starts
        if since is not None and since != rule.starts:
            starts = since if rule.starts is None else max(since, rule.starts)
            settings.append(Settings(rule.info.id, None, starts, rule.info.place))
    kept = {known.info.id for known in before.values()}
    ended = frozenset(rule.info.id for rule in list_rules(old)) - kept
    return replace(new, settings=(*new.settings, *settings)), ended


def translator(old: Playbook, new: Playbook, *, drop: bool = True) -> Translate:
    """Returns a translation of stages, and of rules named by them, between two versions.

    With `drop`, it leaves out what only the older version knows, which is not a mistake.
    """
    leads = {one: other for one, other in stage_map(old, new).items() if one != other}
    gone = _gone(old, new) if drop else frozenset()

    def translate(events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if (event.kind, event.name) in gone:
                continue
            if event.kind == "stage" and event.name in leads:
                event = event._replace(name=leads[event.name])
            elif event.kind == "waiver":
                event = event._replace(name=renamed_id(event.name, leads))
            yield event

    return translate if leads or gone else iter


def _gone(old: Playbook, new: Playbook) -> frozenset[tuple[str, str]]:
    """Returns what events may name and only the older version knows, as pairs of kind and name."""
    leads, ids = stage_map(old, new), [rule.info.id for rule in list_rules(new)]
    names = [("stage", stage.id) for stage in old.stages if stage.id not in leads]
    names += [("activity", name) for name in old.activities if name not in new.activities]
    names += [("field", name) for name in old.fields if name not in new.fields]
    rules = (rule.info.id for rule in list_rules(old))
    names += [("waiver", rule) for rule in rules if renamed_id(rule, leads) not in ids]
    return frozenset(names)


def _before(steps: tuple[tuple[int, Translate], ...]) -> Translate:
    """Returns a translation that applies each step in turn to what came before its instant."""

    def translate(events: Iterable[Event]) -> list[Event]:
        told = list(events)
        for at, step in steps:
            earlier = step([event for event in told if event.happened_at < at])
            told = [*earlier] + [event for event in told if event.happened_at >= at]
        return told

    return translate


def _around(steps: tuple[tuple[int, Translate], ...], at: int, back: Translate) -> Translate:
    """Returns a translation by `steps` of what came before an instant, and by `back` of the rest.

    `back` translates from the next version's words.
    """
    before = _before(steps)

    def translate(events: Iterable[Event]) -> list[Event]:
        told = list(before(events))
        later = back([event for event in told if event.happened_at >= at])
        return [event for event in told if event.happened_at < at] + [*later]

    return translate
