"""A deal that was carried over to another version: what then judges it, and in which words.

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
"""Events in the words of another version."""


class Migrated(Record):
    """A migration of a deal: when, from which version and to which."""

    at: int
    old: Playbook
    new: Playbook


class Carried(Record):
    """How a deal is judged that began under another version."""

    playbook: Playbook
    """The newest version, each new or changed rule in force from the migration on."""
    translate: Translate
    """Events into its words."""
    until: tuple[Until, ...]
    """The versions before it, the first first."""


class Until(Record):
    """A version that judged a deal until it was migrated."""

    playbook: Playbook
    translate: Translate
    """Events into its words, so far as it has any for what came later."""
    at: int
    """Only what happened, and fell due, before this instant is judged by it."""
    rules: frozenset[str]
    """Those of its rules that did not go on: these alone it answers for."""


def carry(migrations: Iterable[Migrated]) -> Carried:
    """A deal's migrations, one at least, put together."""
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
    """The newer version for a deal that comes from `old` at an instant.

    Its new and changed rules are in force from then on. Besides, the rules of `old` that end.
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
    """From the words of one version to those of another: stages, and rules by them.

    With `drop`, what only the older version knows is left out; nothing is wrong with it.
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
    """What events may name that only the older version knows, by kind."""
    leads, ids = stage_map(old, new), [rule.info.id for rule in list_rules(new)]
    names = [("stage", stage.id) for stage in old.stages if stage.id not in leads]
    names += [("activity", name) for name in old.activities if name not in new.activities]
    names += [("field", name) for name in old.fields if name not in new.fields]
    rules = (rule.info.id for rule in list_rules(old))
    names += [("waiver", rule) for rule in rules if renamed_id(rule, leads) not in ids]
    return frozenset(names)


def _before(steps: tuple[tuple[int, Translate], ...]) -> Translate:
    """Each translation of what happened before its instant, one after the other."""

    def translate(events: Iterable[Event]) -> list[Event]:
        told = list(events)
        for at, step in steps:
            earlier = step([event for event in told if event.happened_at < at])
            told = [*earlier] + [event for event in told if event.happened_at >= at]
        return told

    return translate


def _around(steps: tuple[tuple[int, Translate], ...], at: int, back: Translate) -> Translate:
    """What happened before an instant by these steps, what came later back from the next version's
    words."""
    before = _before(steps)

    def translate(events: Iterable[Event]) -> list[Event]:
        told = list(before(events))
        later = back([event for event in told if event.happened_at >= at])
        return [event for event in told if event.happened_at < at] + [*later]

    return translate
