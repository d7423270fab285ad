"""The Law: what the gate says move by move, put together, is what the audit says of moves.

Generated playbooks, every level `observe` and without grace, and histories recorded as they
happened go through a real ledger, the machine and the judge: instant by instant, first the facts,
then the moves in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from gate import check_reproduced

from playgate.audit.run import audit
from playgate.documents.yaml12 import parse
from playgate.enforce.decide import Ruling
from playgate.enforce.facts import log, waive
from playgate.enforce.live import Live
from playgate.enforce.moves import AskedMove, check, move
from playgate.enforce.set_fields import set_fields
from playgate.enforce.values import Decision, RecordedFact
from playgate.errors import InputError
from playgate.history.event import Event, read_attrs
from playgate.history.order import settle
from playgate.history.people import People, Person
from playgate.judge.verdict import Verdict
from playgate.ledger.store import Ledger
from playgate.rules.due import AsOf, AtDeadline
from support.parity import Example, as_case, drawn, judged
from support.thorough import but_first

ON_BOTH = True

SEEDS, CHUNK, DEALS = 60, 10, 3
WORSE = ("met", "waived", "unmet")


class Given(NamedTuple):
    """A verdict at a move: what, when, and into which stage the deal moved."""

    verdict: str
    at: int
    stage: str


@pytest.mark.parametrize("first", but_first(3, range(0, SEEDS, CHUNK)))
def test_the_law_through_the_ledger(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + CHUNK):
        example = lawful(drawn(seed, deals=DEALS))
        try:
            check_law(example, tmp_path / f"{seed}.db")
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}\n\n{as_case(example)}") from error


@pytest.mark.parametrize("seed", but_first(2, range(SEEDS)))
def test_every_decision_is_the_same_judged_again(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "drawn.db"
    with Ledger.open(path, create=True) as ledger, ledger.writing():
        replay = Replay(lawful(drawn(seed, deals=1)), ledger)
        replay.run()
    assert check_reproduced(path) >= replay.moves


def lawful(example: Example) -> Example:
    """The example as the Law wants it."""
    rules = {glob: each for glob, each in example.book.get("rules", {}).items() if glob != "*"}
    book = {key: value for key, value in example.book.items() if key != "grace"}
    book["rules"] = {**rules, "*": {"level": "observe"}}
    by_deal = groupby(sorted(example.events, key=lambda e: e.deal), key=lambda e: e.deal)
    settled = [event for _, rows in by_deal for event in settle(list(rows))[0]]
    ordered = sorted(
        (event._replace(recorded_at=event.happened_at) for event in settled),
        key=lambda event: (event.happened_at, event.kind == "stage"),
    )
    numbered = [event._replace(source=0, line=line) for line, event in enumerate(ordered, 1)]
    as_of = max(event.happened_at for event in numbered)
    # Where no people are known nobody holds a role, at the gate; so the audit is told here.
    people = example.people or {}
    return replace(example, book=book, events=numbered, as_of=as_of, people=people)


def check_law(example: Example, path: Path) -> None:
    with Ledger.open(path, create=True) as ledger, ledger.writing():
        replay = Replay(example, ledger)
        replay.run()
        check_verdicts(example, replay)
        check_audit_of_ledger(example, ledger, replay)


class Replay:
    """Appends a history event by event; what was said of each rule at the moves."""

    def __init__(self, example: Example, ledger: Ledger) -> None:
        self.example = example
        self.ledger = ledger
        self.live = Live(ledger, now=0)
        self.said: dict[tuple[str, str], Given] = {}
        self.sets: dict[tuple[str, str], list[str]] = {}
        self.past: set[tuple[str, str]] = set()
        self.moves = 0

    def run(self) -> None:
        playbook = self.example.playbook
        content = json.dumps(self.example.book, ensure_ascii=False).encode()
        document, _ = parse(content, "playbook.yaml")
        assert document is not None
        self.live.keep(playbook, document, content)
        people = self.example.people or {}
        persons = [Person(who, role=role) for who, held in people.items() for role in sorted(held)]
        self.ledger.people.replace(persons, 0)
        for number, event in enumerate(self.example.events):
            self.ledger.deals.begin(event.deal, playbook.sha256)
            self.live.now = event.happened_at
            # Ids of their own: back and forth at one instant are events that are alike.
            event = event._replace(event_id=event.event_id or f"n{number}")
            if event.kind == "stage":
                self.move(event)
            else:
                self.fact(event)

    def fact(self, event: Event) -> None:
        """As a command; what a command refuses, an import would still bring in."""
        deal, name, value = event.deal, event.name, event.value
        at, actor, known = event.happened_at, event.actor, event.event_id
        attrs = read_attrs(event)
        try:
            if event.kind == "activity":
                log(self.live, deal, name, value, at=at, actor=actor, attrs=attrs, known_id=known)
            elif event.kind == "field":
                told = set_fields(
                    self.live, deal, {name: value}, at=at, actor=actor, known_id=known
                )
                self.heed(told)
            else:
                expires = str(attrs.get("expires", ""))
                waive(
                    self.live,
                    deal,
                    name,
                    value,
                    at=at,
                    actor=actor,
                    expires=expires,
                    whole_glob=True,
                    known_id=known,
                )
        except InputError:
            assert self.ledger.events.add([event], live=False) == 1
            self.past.add((deal, f"field/{name}/by"))

    def heed(self, told: Decision | RecordedFact) -> None:
        """Keep what was said of who may set a field."""
        assert isinstance(told, RecordedFact), "nothing refuses"
        for demand in told.demands:
            verdict = "waived" if demand.finding.state == "waived" else "unmet"
            self.sets.setdefault((told.deal, demand.finding.rule.id), []).append(verdict)

    def move(self, event: Event) -> None:
        at, actor = event.happened_at, event.actor
        asked = AskedMove(
            deal=event.deal, stage=event.name, at=at, actor=actor, known_id=event.event_id
        )
        if event.name not in {stage.id for stage in self.example.playbook.stages}:
            with pytest.raises(InputError):
                move(self.live, asked)
            return
        _, ruling = check(self.live, asked)
        decision = move(self.live, asked)
        if ruling is None:
            assert decision.note
            return
        if not decision.allowed:  # nothing but that: then it was made past the gate
            assert not ruling.governed
            assert self.ledger.events.add([event], live=False) == 1
            return
        assert decision.recorded
        assert self.live.current(event.deal) == (event.name, at, actor)
        self.moves += 1
        self.listen(decision, ruling)

    def listen(self, decision: Decision, ruling: Ruling) -> None:
        """Keep what was said of the rules that fell due at this very move."""
        deal, attempt = ruling.deal, ruling.deal.moves[-1]
        assert {(a.rule.rule.info.id, a.verdict.verdict == "waived") for a in ruling.answers} == {
            (demand.finding.rule.id, demand.finding.state == "waived")
            for demand in decision.demands
        }
        assert not any(demand.refuses for demand in decision.demands)
        answers = {
            each.rule.rule.info.id: each.verdict.verdict
            for each in ruling.answers
            if each.verdict.due.position == attempt
        }
        judge = self.live.judge(self.example.playbook)
        if not judge.governs(deal):
            return
        for rule in judge.rules:
            verdict = rule.at_last_move(deal) if rule.at_last_move else None
            if verdict is None:
                assert rule.rule.info.id not in answers
                continue
            assert answers.get(rule.rule.info.id, "met") == verdict.verdict, rule.rule.info.id
            self.put_together(deal.id, rule.rule.info.id, verdict.verdict, decision)

    def put_together(self, deal: str, rule: str, verdict: str, decision: Decision) -> None:
        earlier = self.said.get((deal, rule))
        if earlier is None or WORSE.index(verdict) > WORSE.index(earlier.verdict):
            self.said[deal, rule] = Given(verdict, decision.at, decision.to_stage)


def check_verdicts(example: Example, replay: Replay) -> None:
    """Against the audit of the history as it was generated."""
    assert example.as_of is not None
    for deal, rule, verdict in judged(example, as_of=example.as_of):
        if isinstance(rule.rule.due, AtDeadline | AsOf):
            continue
        rule_id = rule.rule.info.id
        if rule.rule.row.live == "refuses-values":
            check_values(replay, deal.id, rule_id, verdict)
            continue
        said = replay.said.pop((deal.id, rule_id), None)
        if verdict is None:
            assert said is None, rule_id
            continue
        position = verdict.due.position
        event = deal.events[position] if position >= 0 else None
        if event is not None and event.kind == "stage":
            assert said == Given(verdict.verdict, verdict.due.at, event.name), rule_id
        elif said is not None:  # judged at a fact or as of: the moves said nothing worse
            assert WORSE.index(said.verdict) <= WORSE.index(verdict.verdict), rule_id
            assert said.verdict != verdict.verdict or said.at >= verdict.due.at, rule_id
    assert not replay.said, "the gate judged deals that the audit leaves out"


def check_values(replay: Replay, deal: str, rule_id: str, verdict: Verdict | None) -> None:
    """What `set` said, of values that did not come past it; a waiver of that instant came later.

    Before its first stage event a deal is governed as that says, which `set` cannot know.
    """
    told = max(replay.sets.get((deal, rule_id), ["met"]), key=WORSE.index)
    if (deal, rule_id) in replay.past or "applies_to" in replay.example.book:
        return
    found = "met" if verdict is None else verdict.verdict
    assert told == found or (told, found) == ("unmet", "waived"), rule_id


def check_audit_of_ledger(example: Example, ledger: Ledger, replay: Replay) -> None:
    """Against the audit of what stands in the ledger."""
    events = list(ledger.events.of_playbook(example.playbook.sha256))
    found = audit(
        example.playbook, events, people=ledger.people.all() or People(()), as_of=example.as_of
    )
    assert set(_findings(found.findings)) == set(_findings(example.audit().findings))
    made = [row for deal in {e.deal for e in events} for row in ledger.decisions.of(deal)]
    assert sum(row.allowed for row in made) == replay.moves
    assert all(row.allowed or not row.governed for row in made)


def _findings(findings: object) -> Iterator[tuple[object, ...]]:
    for each in findings:  # type: ignore[attr-defined]
        yield each.deal, each.rule.id, each.state, each.due_at, each.actor, each.to_stage
