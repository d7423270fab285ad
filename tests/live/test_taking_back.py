"""What is taken back in a ledger: judged as if it had never been there, and as one deal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from gate import events_of, say

from playgate.audit.result import AuditResult
from playgate.audit.run import audit
from playgate.enforce.live import Live
from playgate.enforce.taking_back import merge, retract
from playgate.history.event import Event, event_id
from playgate.history.order import settle
from playgate.ledger.rows import PlaybookRow
from playgate.ledger.store import Ledger
from support.parity import Example, drawn

ON_BOTH = True

SEEDS = [3, 4, 9, pytest.param(17, marks=pytest.mark.thorough)]


def filled(path: Path, example: Example) -> tuple[Ledger, list[Event]]:
    """A ledger with the events of an example, and these events as they stand there."""
    named = [each._replace(event_id=event_id(each)) for each in example.events]
    by_deal: dict[str, list[Event]] = {}
    for each in named:
        by_deal.setdefault(each.deal, []).append(each)
    events = [each for some in by_deal.values() for each in settle(some)[0]]
    ledger = Ledger.open(path, create=True)
    playbook = example.playbook
    with ledger.writing():
        row = PlaybookRow(playbook.sha256, playbook.name, str(playbook.version), "p", b"", "{}")
        ledger.playbooks.keep(row, 0)
        ledger.deals.begin_all(by_deal, playbook.sha256)
        ledger.events.add(events, live=False)
    return ledger, events


def said(example: Example, events: Iterable[Event]) -> tuple[object, ...]:
    """All that an audit says of events, but for where they stand."""
    found: AuditResult = audit(example.playbook, events, people=example.team, as_of=example.as_of)
    return (
        list(found.findings),
        found.rules,
        found.actors,
        found.stages,
        found.history.events,
        sorted(problem.reason for problem in found.problems),
    )


def as_one(events: list[Event], into: dict[str, str]) -> Iterable[Event]:
    """The events with deals merged: told by hand, and slowly."""
    ids = {(each.deal, each.event_id): each for each in events}
    rows = {(each.deal, each[1:7], each.attrs) for each in events if derived(each)}
    for each in events:
        other = into.get(each.deal)
        if other is None:
            yield each
            continue
        twin = ids.get((other, each.event_id))
        if twin is not None:
            if (each[1:6], each.attrs) == (twin[1:6], twin.attrs):
                continue
            yield each._replace(deal=other, event_id=f"{each.deal}/{each.event_id}")
        elif not (derived(each) and (other, each[1:7], each.attrs) in rows):
            yield each._replace(deal=other)


def derived(event: Event) -> bool:
    return event_id(event._replace(event_id="")) == event.event_id


def live_on(ledger: Ledger, example: Example) -> Live:
    live = Live(ledger, now=2**52)
    live._playbooks[example.playbook.sha256] = example.playbook
    return live


@pytest.mark.parametrize("seed", SEEDS)
def test_retract_and_judge_is_to_judge_without(seed: int, tmp_path: Path) -> None:
    example, rng = drawn(seed, deals=12, small=True), Random(seed)
    ledger, events = filled(tmp_path / "l.db", example)
    with ledger:
        gone = rng.sample(events, len(events) // 4)
        live = live_on(ledger, example)
        with ledger.writing():
            for each in gone:
                retract(live, each.deal, each.event_id, "never", actor="ann")
        left = [each for each in events if each not in gone]
        told = list(ledger.events.of_playbook(example.playbook.sha256))
        assert said(example, told) == said(example, left)
        # An import that brings them again revives none.
        with ledger.writing():
            assert ledger.events.add(ledger.taken_back.under_new_ids(events), live=False) == 0
        assert list(ledger.events.of_playbook(example.playbook.sha256)) == told


@pytest.mark.parametrize("seed", SEEDS)
def test_merged_deals_are_judged_as_one_of_both_histories(seed: int, tmp_path: Path) -> None:
    example, rng = drawn(seed, deals=12, small=True), Random(seed)
    ledger, events = filled(tmp_path / "l.db", example)
    with ledger:
        deals = sorted({each.deal for each in events})
        rng.shuffle(deals)
        into = dict(zip(deals[::2], deals[1::2], strict=False))
        live = live_on(ledger, example)
        with ledger.writing():
            for deal, other in into.items():
                merge(live, deal, other, actor="ann")
        found = list(ledger.events.of_playbook(example.playbook.sha256))
        assert said(example, found) == said(example, list(as_one(events, into)))
        with ledger.writing():
            assert ledger.events.add(ledger.taken_back.under_new_ids(events), live=False) == 0


def test_what_the_crm_brings_of_a_merged_deal_goes_to_the_other(
    db: Path, playbook: Path, tmp_path: Path
) -> None:
    for deal in ("A", "B"):
        assert say("open", deal, "--playbook", str(playbook), db=db).status == 0
    assert say("log", "B", "call", "--id", "7", db=db).status == 0
    assert say("merge", "A", "B", db=db).status == 0
    crm = tmp_path / "crm.csv"
    crm.write_text(
        "deal,happened_at,kind,name,value,event_id\n"
        "A,2026-03-01T09:00:00Z,activity,call,reached,7\n"
        "A,2026-03-02T09:00:00Z,activity,call,reached,8\n",
        encoding="utf-8",
    )
    for new in ("2", "0"):
        told = say("import", str(crm), "--db", str(db), db=db)
        assert f"{new} of them new" in told.err
    assert events_of(db, "A") == []
    calls = [value for kind, _, value in events_of(db, "B") if kind == "activity"]
    assert calls == ["", "reached", "reached"]
    audited = json.loads(
        say("audit", "--db", str(db), "--deal", "A", "--format", "json", db=db).out
    )
    assert audited["history"]["deals"] == 1


def test_deals_of_two_playbooks_are_not_one(db: Path, playbook: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = playbook.read_text(encoding="utf-8")
    other.write_text(text.replace("version: 1", "version: 2"), encoding="utf-8")
    assert say("open", "A", "--playbook", str(playbook), db=db).status == 0
    assert say("open", "B", "--playbook", str(other), db=db).status == 0
    told = say("merge", "A", "B", db=db)
    assert told.status == 2
    assert "version 1, B under" in told.err
    assert "playgate migrate" in told.err
