"""Compares two versions of a playbook by what they mean: comments and layout do not count."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping

from playgate.conditions.activity_words import ActivityWords
from playgate.conditions.calendar import hours_words, workdays_words
from playgate.conditions.describe import describe
from playgate.conditions.instants import show_instant
from playgate.model.playbook import Playbook, Stage
from playgate.playbook.migration import migration_words
from playgate.proof.playbooks import prover_of_versions
from playgate.proof.prover import Prover
from playgate.rules.list import Rule, list_rules
from playgate.versions.change import Change, Diff, Kind, Part, Version
from playgate.versions.meaning import Applies, normal
from playgate.versions.rules import applies_when, compare_rules, scope_strength
from playgate.versions.stages import sure_renames

__all__ = ["compare", "version_of"]


def compare(old: Playbook, new: Playbook, *, rules: tuple[Rule, ...] | None = None) -> Diff:
    """Returns all differences in meaning between two versions.

    `rules` replaces the newer version's own rules.
    """
    renamed = sure_renames(old, new)
    both = list_rules(old), list_rules(new) if rules is None else rules
    prover = prover_of_versions(old, new, both)
    changes = (
        *_settings(old, new),
        *_named(old, new),
        *_stages(old, new, renamed, prover),
        *compare_rules((old, both[0]), (new, both[1]), renamed, prover),
    )
    return Diff(version_of(old), version_of(new), changes)


def version_of(playbook: Playbook) -> Version:
    """Returns which version the playbook is."""
    return Version(playbook.name, str(playbook.version), playbook.sha256, playbook.file)


# Settings of the whole playbook

_SETTINGS: tuple[tuple[str, Callable[[Playbook], str]], ...] = (
    ("playbook", lambda book: book.name),
    ("timezone", lambda book: book.zone_name),
    ("level", lambda book: book.level or "block"),
    ("from", lambda book: _instant(book.starts, book)),
    ("grace", lambda book: str(book.grace) if book.grace and not book.grace.is_nothing else ""),
    ("late_after", lambda book: str(book.late_after or "")),
    ("placeholders", lambda book: _listed(book.reading.placeholders)),
    ("workdays", lambda book: workdays_words(book.calendar)),
    ("hours", lambda book: hours_words(book.calendar)),
    ("holidays", lambda book: _listed(each.words for each in book.holidays)),
    ("applies_to", lambda book: describe(book.applies_to) if book.applies_to else ""),
    (
        "may_waive",
        lambda book: "anybody" if book.may_waive is None else (_listed(book.may_waive) or "nobody"),
    ),
    ("parts", lambda book: _listed(book.parts)),
    ("migration", migration_words),
)
"""Each setting, with a function that says its value in words; empty where it is not set."""


def _settings(old: Playbook, new: Playbook) -> Iterator[Change]:
    for name, shown in _SETTINGS:
        before, after = shown(old), shown(new)
        if before != after or (name == "applies_to" and _other_deals(old, new)):
            yield Change(
                part="setting",
                kind="changed",
                id=name,
                old=before,
                new=after,
                old_place=old.place,
                new_place=new.place,
            )
    yield from _other_holidays(old, new)
    if old.title != new.title:
        yield Change(
            part="setting",
            kind="wording",
            id="title",
            old=old.title,
            new=new.title,
            old_place=old.place,
            new_place=new.place,
        )


def _other_holidays(old: Playbook, new: Playbook) -> Iterator[Change]:
    """Yields where a country has other holidays now, though the same is written."""
    before, now = ({each.words: each.dates for each in book.holidays} for book in (old, new))
    for words in sorted(before.keys() & now.keys()):
        if before[words] != now[words]:
            yield Change(
                part="setting",
                kind="changed",
                id="holidays",
                aspect=words,
                old=_listed(map(str, before[words] - now[words])),
                new=_listed(map(str, now[words] - before[words])),
                old_place=old.place,
                new_place=new.place,
            )


def _other_deals(old: Playbook, new: Playbook) -> bool:
    """Whether `applies_to` asks something else, though it may read the same: a signal may
    differ."""
    if old.applies_to is None or new.applies_to is None:
        return old.applies_to is not new.applies_to
    return normal(old.applies_to, old.signals) != normal(new.applies_to, new.signals)


def _instant(at: int | None, book: Playbook) -> str:
    return "" if at is None else show_instant(at, book.zone)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts))


# The words in which deals are told: fields, activities, roles


def _named(old: Playbook, new: Playbook) -> Iterator[Change]:
    def roles(book: Playbook) -> dict[str, tuple[str, str]]:
        return dict.fromkeys(book.roles, ("", ""))

    def activities(book: Playbook) -> dict[str, tuple[str, str]]:
        return {
            name: (
                _words(each.words),
                _joined(each.title if each.title != name else "", *each.tools),
            )
            for name, each in book.activities.items()
        }

    def fields(book: Playbook) -> dict[str, tuple[str, str]]:
        return {
            name: (
                each.kind + (f" ({', '.join(sorted(each.options))})" if each.options else ""),
                _joined(each.title, each.unit, each.currency),
            )
            for name, each in book.fields.items()
            if name != "owner" or each.title
        }

    yield from _names(old, new, "role", roles(old), roles(new))
    yield from _names(old, new, "field", fields(old), fields(new))
    yield from _names(old, new, "activity", activities(old), activities(new))


def _words(words: ActivityWords) -> str:
    """Says what an activity declares."""
    attributes = sorted(f"{name}: {kind.kind}" for name, kind in words.attributes.items())
    said = (("outcomes", sorted(words.outcomes)), ("attributes", attributes))
    return "; ".join(f"{what} {', '.join(items)}" for what, items in said if items)


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def _names(
    old: Playbook,
    new: Playbook,
    part: Part,
    before: Mapping[str, tuple[str, str]],
    after: Mapping[str, tuple[str, str]],
) -> Iterator[Change]:
    for name in (*after, *(name for name in before if name not in after)):
        if name not in before:
            yield Change(part=part, kind="added", id=name, new=after[name][0], new_place=new.place)
        elif name not in after:
            yield Change(
                part=part, kind="removed", id=name, old=before[name][0], old_place=old.place
            )
        elif before[name] != after[name]:
            asked = before[name][0] != after[name][0]
            index = 0 if asked else 1
            yield Change(
                part=part,
                kind="changed" if asked else "wording",
                id=name,
                old=before[name][index],
                new=after[name][index],
                old_place=old.place,
                new_place=new.place,
            )


# Stages


def _stages(
    old: Playbook, new: Playbook, renamed: Mapping[str, str], prover: Prover
) -> Iterator[Change]:
    before = {renamed.get(stage.id, stage.id): stage for stage in old.stages}
    moved = _moved(list(before), [stage.id for stage in new.stages])
    for stage in new.stages:
        one = before.get(stage.id)
        if one is None:
            yield Change(
                part="stage",
                kind="added",
                id=stage.id,
                new=_place_of(new, stage.id),
                new_place=stage.place,
            )
            continue
        if one.id != stage.id:
            yield _of_stage(one, stage, "renamed", "", one.id, stage.id)
        if stage.id in moved:
            places = _place_of(old, one.id), _place_of(new, stage.id)
            yield _of_stage(one, stage, "moved", "", *places)
        for aspect, kind, was, now in _aspects(one, stage):
            if was != now:
                yield _of_stage(one, stage, kind, aspect, was, now)
        yield from _scope(one, old, stage, new, renamed, prover)
    after = {stage.id for stage in new.stages}
    for name, stage in before.items():
        if name not in after:
            yield Change(
                part="stage",
                kind="removed",
                id=name,
                old=_place_of(old, stage.id),
                old_place=stage.place,
            )


def _of_stage(one: Stage, other: Stage, kind: Kind, aspect: str, old: str, new: str) -> Change:
    return Change(
        part="stage",
        kind=kind,
        id=other.id,
        old_id=one.id if one.id != other.id else "",
        aspect=aspect,
        old=old,
        new=new,
        old_place=one.place,
        new_place=other.place,
    )


def _scope(
    one: Stage,
    old: Playbook,
    other: Stage,
    new: Playbook,
    renamed: Mapping[str, str],
    prover: Prover,
) -> Iterator[Change]:
    """Yields the change in when the stage, and with it each of its rules, applies."""
    before, after = (
        Applies(
            None if stage.when is None else normal(stage.when, book.signals, renames),
            stage.optional,
        )
        for stage, book, renames in ((one, old, renamed), (other, new, {}))
    )
    kind = scope_strength(before, after, prover)
    if kind != "same":
        texts = (applies_when(each.when, optional=each.optional) for each in (before, after))
        yield _of_stage(one, other, kind, "when", *texts)


def _aspects(one: Stage, other: Stage) -> tuple[tuple[str, Kind, str, str], ...]:
    """Returns what a stage says that is no rule of its own, before and now."""
    return (
        ("ends", "changed", one.ends or "", other.ends or ""),
        ("counts_as", "changed", _won(one), _won(other)),
        ("title", "wording", _title(one), _title(other)),
        ("story", "wording", one.story, other.story),
        ("inputs", "wording", ", ".join(one.inputs), ", ".join(other.inputs)),
    )


def _won(stage: Stage) -> str:
    return "won" if stage.counts_as_won else ""


def _title(stage: Stage) -> str:
    return "" if stage.title == stage.id else stage.title


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Returns as few stages as possible whose moving explains the new order of the common ones."""
    places = [after.index(name) for name in before if name in after]
    ends: list[int] = []  # the least last place of a row in order, for each length
    rows: list[list[int]] = []
    for place in places:
        length = bisect_left(ends, place)
        row = [*(rows[length - 1] if length else []), place]
        ends[length : length + 1] = [place]
        rows[length : length + 1] = [row]
    stayed = rows[-1] if rows else []
    return {after[place] for place in places} - {after[place] for place in stayed}


def _place_of(playbook: Playbook, stage: str) -> str:
    ids = [each.id for each in playbook.stages]
    place = ids.index(stage)
    return f"after {ids[place - 1]}" if place else "first"
