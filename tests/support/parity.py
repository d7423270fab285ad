"""The real judge compared with the naive one on generated playbooks and histories.

In the folder `tests`, with the package installed:

    python -m support.parity 0 5000

compares the seeds 0 to 4999, prints every disagreement made as small as it gets, in the form of
the cases under `cases/judge`, and says where to go on. Its exit status is 1 where there was one.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from playgate.audit.result import AuditResult
from playgate.audit.run import audit
from playgate.conditions.instants import show_instant
from playgate.history.deal import Deal, DealReader, no_roles
from playgate.history.event import START, Event
from playgate.history.order import settle
from playgate.history.people import People, Person
from playgate.judge.after_verdict import charged_to
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from support.generate import STEP, random_as_of, random_history, random_playbook
from support.oracle import Answer, judge

__all__ = ["Difference", "Example", "as_case", "differences", "drawn", "judged", "load", "shrink"]

Json = Any
DEALS = 15


@dataclass(frozen=True)
class Example:
    """A playbook as plain data, and a history to judge by it."""

    book: dict[str, Json]
    events: list[Event]
    people: dict[str, set[str]] | None = None
    as_of: int | None = None

    @cached_property
    def playbook(self) -> Playbook:
        return load(self.book)

    @property
    def team(self) -> People | None:
        if self.people is None:
            return None
        rows = [(actor, role) for actor, roles in self.people.items() for role in sorted(roles)]
        return People(Person(actor, role=role) for actor, role in rows)

    def audit(self) -> AuditResult:
        return audit(self.playbook, self.events, people=self.team, as_of=self.as_of)

    def judge(self) -> tuple[Judge, DealReader]:
        """The real judge, and the reader of its deals."""
        team = self.team
        the_judge = Judge(self.playbook, has_people=team is not None)
        return the_judge, the_judge.reader(team.roles if team else no_roles)

    def answers(self) -> dict[str, dict[str, Answer]]:
        return judge(self.book, self.events, people=self.people, as_of=self.as_of)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the two judges say otherwise; `deal` is empty where it is about the whole history."""

    deal: str
    rule: str
    real: object
    naive: object

    def __str__(self) -> str:
        return f"{self.deal} {self.rule}\n  real:  {self.real}\n  naive: {self.naive}"


def load(book: dict[str, Json]) -> Playbook:
    """The playbook, which must be valid."""
    return _loaded(json.dumps(book, ensure_ascii=False))


@lru_cache(maxsize=256)
def _loaded(text: str) -> Playbook:
    playbook, mistakes = parse_playbook(text.encode(), "playbook.yaml")
    assert playbook is not None, "; ".join(f"{each} {each.hint}" for each in mistakes)
    return playbook


def drawn(seed: int, *, deals: int = DEALS, small: bool = False) -> Example:
    """The example of a seed; in some, fields are known from START, or an id comes twice."""
    rng = Random(seed)
    book = random_playbook(rng, small=small)
    events, people = random_history(rng, book, deals=deals)
    as_of = random_as_of(rng, book, events)
    draw = rng.random()
    if draw < 0.2:
        events = [_from_the_start(event, rng) for event in events]
    elif draw < 0.4:
        events = [*events, *_retimed(events, rng)]
    return Example(book, events, people, as_of)


def _from_the_start(event: Event, rng: Random) -> Event:
    if event.kind != "field" or event.event_id or rng.random() < 0.7:
        return event
    return event._replace(happened_at=START, recorded_at=START)


def _retimed(events: list[Event], rng: Random) -> Iterator[Event]:
    """Rows whose id stands in an earlier row with another instant: they are left out."""
    line = len(events)
    for event in events:
        if event.event_id and rng.random() < 0.2:
            line += 1
            moved = rng.choice([-4, -1, 1, 4]) * STEP
            yield event._replace(
                happened_at=event.happened_at + moved,
                recorded_at=event.recorded_at + moved,
                source=events[-1].source,
                line=line,
            )


# --- Comparing -----------------------------------------------------------------------------------


def differences(example: Example) -> list[Difference]:
    """All that the judges disagree on."""
    result, answers = example.audit(), example.answers()
    real, naive = dict(_findings(result)), dict(_expected(answers))
    real |= dict(_met(example, result))
    found = [
        Difference(deal, rule, real.get((deal, rule)), naive.get((deal, rule)))
        for deal, rule in sorted(real.keys() | naive.keys())
        if real.get((deal, rule)) != naive.get((deal, rule))
    ]
    return found or list(_numbers(result, answers))


def _findings(result: AuditResult) -> Iterator[tuple[tuple[str, str], tuple[Json, ...]]]:
    for each in result.findings:
        yield (
            (each.deal, each.rule.id),
            (
                "waived" if each.state == "waived" else "unmet",
                each.due_at,
                each.state,
                each.cause,
                each.actor,
                each.from_stage,
                each.to_stage,
                each.waived_by,
            ),
        )


def _expected(
    answers: dict[str, dict[str, Answer]],
) -> Iterator[tuple[tuple[str, str], tuple[Json, ...]]]:
    for deal, rules in answers.items():
        for rule, each in rules.items():
            if each.verdict == "met":
                yield (deal, rule), ("met", each.due_at, each.actor)
            elif each.verdict != "not applicable":
                yield (
                    (deal, rule),
                    (
                        each.verdict,
                        each.due_at,
                        each.state,
                        each.cause,
                        each.actor,
                        each.from_stage,
                        each.to_stage,
                        each.waived_by,
                    ),
                )


def _met(
    example: Example, result: AuditResult
) -> Iterator[tuple[tuple[str, str], tuple[Json, ...]]]:
    """What is met leaves no finding: the judge is asked itself when it was, and to whose credit."""
    if result.as_of is None:
        return
    for deal, rule, verdict in judged(example, as_of=result.as_of):
        if verdict is not None and verdict.verdict == "met":
            key = (deal.id, rule.rule.info.id)
            yield key, ("met", verdict.due.at, charged_to(deal, verdict.due))


def judged(example: Example, *, as_of: int) -> Iterator[tuple[Deal, CompiledRule, Verdict | None]]:
    """What the real judge says of each deal that the playbook governs."""
    the_judge, reader = example.judge()
    by_deal: dict[str, list[Event]] = {}
    for event in example.events:
        by_deal.setdefault(event.deal, []).append(event)
    for name, rows in by_deal.items():
        events = settle(rows).events
        deal = reader.read(name, events, as_of)
        if deal.events and the_judge.ever_governs(deal):
            for rule, verdict in zip(the_judge.rules, the_judge.judge(deal), strict=True):
                yield deal, rule, verdict


def _numbers(result: AuditResult, answers: dict[str, dict[str, Answer]]) -> Iterator[Difference]:
    """The counts by rule and by actor."""
    given: Counter[tuple[str, str]] = Counter()
    charged: Counter[tuple[str, str]] = Counter()
    for rules in answers.values():
        for rule, answer in rules.items():
            given[rule, answer.verdict] += 1
            if answer.verdict != "not applicable" and answer.level != "observe":
                charged[answer.actor, answer.verdict] += 1
    for tally in result.rules:
        rule = tally.rule.id
        real = (tally.met, tally.unmet, tally.waived)
        naive = tuple(given[rule, verdict] for verdict in ("met", "unmet", "waived"))
        if real != naive:
            yield Difference("", rule, real, naive)
    by_actor = {
        (each.actor, verdict): getattr(each, verdict)
        for each in result.actors
        for verdict in ("met", "unmet", "waived")
        if getattr(each, verdict)
    }
    if by_actor != dict(charged):
        yield Difference("", "actors", by_actor, dict(charged))


# --- Making an example small ---------------------------------------------------------------------


def shrink(example: Example, difference: Difference) -> Example:
    """The smallest example found that shows a disagreement on the same rule."""

    def shows(smaller: Example) -> bool:
        try:
            return any(each.rule == difference.rule for each in differences(smaller))
        except (AssertionError, KeyError, StopIteration, IndexError):
            return False

    if example.as_of is None:
        latest = max(event.happened_at for event in example.events)
        example = replace(example, as_of=latest)
    own = replace(example, events=[e for e in example.events if e.deal == difference.deal])
    example = own if difference.deal and shows(own) else example
    before = None
    while before != example:
        before = example
        example = _without_events(example, shows)
        example = _without_keys(example, shows)
    return example


def _without_events(example: Example, shows: Callable[[Example], bool]) -> Example:
    for event in list(example.events):
        fewer = replace(example, events=[each for each in example.events if each is not event])
        if fewer.events and shows(fewer):
            example = fewer
            continue
        for plain in (event._replace(attrs=""), event._replace(actor="")):
            simpler = replace(
                example, events=[plain if each is event else each for each in example.events]
            )
            if plain != event and shows(simpler):
                example = simpler
                break
    return example


def _without_keys(example: Example, shows: Callable[[Example], bool]) -> Example:
    for route in sorted(_routes(example.book), key=len):
        book = deepcopy(example.book)
        try:
            inner = book
            for step in route[:-1]:
                inner = inner[step]
            del inner[route[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        smaller = replace(example, book=book)
        if shows(smaller):
            example = smaller
    return example


def _routes(value: Json) -> Iterator[tuple[Json, ...]]:
    """The way to every entry and item, the last items first."""
    steps = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        steps = list(reversed(range(len(value))))
    for step in steps:
        yield (step,)
        yield from ((step, *rest) for rest in _routes(value[step]))


def as_case(example: Example) -> str:
    """The example as text that reads as a case."""
    lines = [f"playbook: {json.dumps(example.book, ensure_ascii=False)}"]
    if example.people is not None:
        people = {actor: sorted(roles) for actor, roles in example.people.items() if roles}
        lines.append(f"people: {json.dumps(people)}")
    if example.as_of is not None:
        lines.append(f"as_of: {show_instant(example.as_of)}")
    return "\n".join([*lines, "history: |", *("  " + _line(each) for each in example.events)])


def _line(event: Event) -> str:
    at = "START" if event.happened_at == START else show_instant(event.happened_at)
    parts = [f"{event.deal}: {at} {event.kind} {event.name}"]
    if event.value:
        parts.append(f"= {json.dumps(event.value)}")
    if event.actor:
        parts.append(f"by {event.actor}")
    if event.recorded_at != event.happened_at:
        parts.append(f"recorded {show_instant(event.recorded_at)}")
    if event.event_id:
        parts.append(f"id {event.event_id}")
    if event.attrs:
        parts.append(f"attrs {event.attrs}")
    return " ".join(parts)


# --- The command line ----------------------------------------------------------------------------


def main(first: int, end: int) -> int:
    """Compares the seeds and prints; the exit status."""
    found = 0
    families: Counter[str] = Counter()
    started = time.monotonic()
    for seed in range(first, end):
        example = drawn(seed)
        for difference in differences(example):
            found += 1
            family = difference.rule.split("/")[-2 if "/" in difference.rule else 0]
            families[family] += 1
            if families[family] <= 3:
                print(f"\nseed {seed}: {difference}\n", flush=True)
                print(as_case(shrink(example, difference)), flush=True)
        if (seed + 1 - first) % 100 == 0 or seed + 1 == end:
            took = time.monotonic() - started
            print(f"{seed + 1 - first} seeds in {took:.0f} s; go on at {seed + 1}", flush=True)
    print(f"{found} disagreements", dict(families))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
