"""Findings in their order, in memory or in a file."""

from __future__ import annotations

import errno
import tempfile
from random import Random

import pytest

from playgate.audit.findings_store import FindingStore, Ordered
from playgate.errors import InputError, Place
from playgate.findings import Finding, RuleInfo, Witness

RULES = [
    RuleInfo(f"r{n}", "entry", "s", "block", f"Rule {n}", Place("p.yaml", n, 1)) for n in range(3)
]


def findings(count: int) -> list[Finding]:
    random = Random(count)
    return [
        Finding(
            rule=random.choice(RULES),
            deal=f"d{random.randrange(50)}",
            actor="ann",
            due_at=random.randrange(20),
            from_stage="a",
            to_stage="b",
            state="open",
            cause=None,
            made_good_at=None,
            message=f"message {n}",
            evidence=(Witness("e1", "field", "f", "v", "ann", 1),),
        )
        for n in range(count)
    ]


def in_order(given: list[Finding]) -> list[Finding]:
    return sorted(given, key=lambda each: (each.due_at, each.deal, each.rule.id))


@pytest.mark.parametrize("limit", [1, 7, 300, 10_000])
@pytest.mark.parametrize("count", [0, 1, 300, 1000])
def test_all_come_back_in_order_again_and_again(limit: int, count: int) -> None:
    given = findings(count)
    store = FindingStore(RULES, limit=limit)
    store.extend(given)
    ordered = store.ordered()
    assert len(store) == len(ordered) == count
    assert list(ordered) == list(ordered) == in_order(given)
    assert sorted(map(repr, store)) == sorted(map(repr, given))
    assert isinstance(ordered, tuple) is (count < limit)
    if given:
        assert given[0] in ordered
        assert given[0].rule in [each.rule for each in ordered]
    assert all(each.rule in RULES for each in ordered)


def test_two_passes_at_once() -> None:
    store = FindingStore(RULES, limit=10)
    store.extend(findings(95))
    ordered = store.ordered()
    assert [one == other for one, other in zip(ordered, ordered, strict=True)] == [True] * 95


def test_from_another_process() -> None:
    one, other = FindingStore(RULES, limit=60), FindingStore(RULES, limit=50)
    given, more = findings(333), findings(77)
    one.extend(given)
    other.extend(more)
    for packed in one.packed():
        other.unpack(packed)
    assert list(other.ordered()) == in_order([*more, *given])
    assert any(each.rule is RULES[0] for each in other)


def test_of_several_sources() -> None:
    one, other = in_order(findings(20)), in_order(findings(30))
    both = Ordered([one, other], lambda each: (each.due_at, each.deal, each.rule.id))
    assert list(both) == in_order([*one, *other])
    assert len(both) == 50
    assert one[3] in both
    assert "nothing" not in both


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    store = FindingStore(RULES, limit=2)
    with pytest.raises(InputError, match="no room left in"):
        store.extend(findings(3))
