"""What is true of every two versions and every history."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from playgate.history.deal import Deal
from playgate.history.event import Event
from playgate.history.order import settle
from playgate.judge.judge import Judge
from playgate.judge.verdict import Verdict
from playgate.model.playbook import Playbook
from playgate.versions.carry import carry_on, translator
from playgate.versions.compare import compare
from playgate.versions.going_on import going_on
from support.generate import PEOPLE, STEP, random_history, random_playbook
from support.versions import edited, loaded

law = settings(max_examples=40)


def roles(actor: str, _: int) -> frozenset[str]:
    return frozenset(PEOPLE.get(actor, ()))


def judged(
    playbook: Playbook, events: list[Event], as_of: int
) -> tuple[Deal, dict[str, Verdict | None]]:
    judge = Judge(playbook, has_people=True)
    deal = judge.reader(roles).read("d", events, as_of)
    verdicts = judge.judge(deal)
    return deal, {
        rule.rule.info.id: verdict for rule, verdict in zip(judge.rules, verdicts, strict=True)
    }


def two_versions(seed: int) -> tuple[Playbook, Playbook, list[Event], int] | None:
    """A playbook and its next version, the events of a deal, and when it is migrated."""
    rng = Random(seed)
    book = random_playbook(rng)
    old, new = loaded(book), loaded(edited(book, rng))
    assert old is not None
    assert new is not None
    rows, _ = random_history(rng, book, deals=1)
    events = settle(rows).events
    if not events:
        return None
    first, last = events[0].happened_at, events[-1].happened_at
    at = rng.randint(0, (last - first) // STEP + 2) * STEP + first
    return old, new, events, at


@pytest.mark.thorough
@law
@given(st.integers(0, 2**32))
def test_nothing_counts_before_it_was_in_force(seed: int) -> None:
    drawn = two_versions(seed)
    if drawn is None:
        return
    old, new, events, at = drawn
    carried, ended = carry_on(old, new, at)
    goes_on = going_on(old, new)
    before = [event for event in events if event.happened_at < at]
    _, was = judged(old, before, at)
    _, now = judged(carried, list(translator(old, new)(before)), at)
    note(", ".join(goes_on))
    for rule, verdict in now.items():
        if rule in goes_on:
            assert verdict == was[goes_on[rule].info.id] or _alike(
                verdict, was[goes_on[rule].info.id]
            ), rule
        else:
            assert verdict is None or verdict.due.at >= at, rule
    assert ended == frozenset(was) - {each.info.id for each in goes_on.values()}


def _alike(one: Verdict | None, other: Verdict | None) -> bool:
    """The same verdict at the same instant; positions differ where an event is left out."""
    if one is None or other is None:
        return one is other
    return (one.verdict, one.due.at) == (other.verdict, other.due.at)


@law
@given(st.integers(0, 2**32))
def test_a_version_that_changes_nothing_changes_no_verdict(seed: int) -> None:
    rng = Random(seed)
    book = random_playbook(rng)
    old, new = loaded(book), loaded({**book, "version": 2})
    assert old is not None
    assert new is not None
    assert compare(old, new).changes == ()
    carried, ended = carry_on(old, new, 10**15)
    assert ended == frozenset()
    assert carried.settings == new.settings


_MIRRORED = {
    "added": "removed",
    "removed": "added",
    "tightened": "loosened",
    "loosened": "tightened",
}


@pytest.mark.thorough
@law
@given(st.integers(0, 2**32))
def test_what_is_tighter_one_way_is_looser_the_other(seed: int) -> None:
    rng = Random(seed)
    book = random_playbook(rng)
    old, new = loaded(book), loaded({**edited(book, rng), "migration": {"policy": "pin"}})
    assert old is not None
    assert new is not None
    there = [(each.part, each.kind, each.aspect) for each in compare(old, new).changes]
    back = [
        (each.part, _MIRRORED.get(each.kind, each.kind), each.aspect)
        for each in compare(new, old).changes
    ]
    assert sorted(there) == sorted(back)
