"""What the prover says follows, follows: tried on deals with the judge's compiled conditions."""

from __future__ import annotations

import json
import os
from collections import Counter
from random import Random
from typing import Any, TypeVar

from playgate.conditions.tree import Condition, Pattern
from playgate.history.deal import Deal
from playgate.history.event import Event
from playgate.history.order import settle
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.proof.playbooks import prover_of_versions
from playgate.versions.meaning import normal
from support.generate import PEOPLE, _Playbook, random_history
from support.versions import loaded

EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "80"))
PAIRS = 6


TWEAKS = (
    (": 1", ": 2"),
    (": 2", ": 3"),
    ("at_least", "more_than"),
    ("less_than", "at_most"),
    ("more_than", "at_least"),
    ('"not_equals', '"equals'),
    ("1 day", "2 days"),
    ("3 business days", "6 days"),
    ("2 business days", "1 week"),
    ("1 week", "1 business day"),
    ("2 calendar days", "2 days"),
    ("1 calendar day", "2 business days"),
    ("2 days", "9 business hours"),
    ("9 business hours", "2 calendar days"),
    ('"any"', '"all"'),
    ('"all"', '"any"'),
    ('"one_of', '"none_of'),
    ('["red", ', "["),
    ('"abc"', '"ab"'),
    ("contains", "starts_with"),
    ("older_than", "newer_than"),
    (', "since": "stage"', ""),
    (', "outcome": "done"', ""),
    ('["call", ', "["),
    ('["demo", ', "["),
)


def tweaked(data: Any, rng: Random) -> Any:
    """The condition or pattern with one thing changed, if there is one."""
    text = json.dumps(data)
    one, other = rng.choice([each for each in TWEAKS if each[0] in text] or [("", "")])
    return json.loads(text.replace(one, other, 1)) if one else data


class Drawn:
    """A playbook whose conditions and patterns come in pairs, a little different, and a deal."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        maker = _Playbook(rng, small=False)
        self.book = maker.build()
        conditions = [
            {"id": f"one{number}", "any": [maker.condition(1, rule=True, actor=True)]}
            for number in range(PAIRS)
        ]
        patterns = [maker._pattern() for _ in range(PAIRS)]
        stage = self.book["stages"][0]
        exits = [each for one in conditions for each in (one, _other(one, rng))]
        stage["exit"] = [*stage.get("exit", ()), *exits]
        need = {"activity": maker.activities[0]}
        self.book["sequence"] = [
            *self.book.get("sequence", ()),
            *(
                {"id": f"p{number}", "after": each, "need": need}
                for number, one in enumerate(patterns)
                for each in (one, tweaked(one, rng))
            ),
        ]
        for number, rule in enumerate(self.book["sequence"]):
            rule["id"] = f"r{number}"
        self.playbook = loaded(self.book)
        self.events = settle(random_history(rng, self.book, deals=1)[0])[0]
        self.stage = stage["stage"]

    def conditions(self, playbook: Playbook) -> list[tuple[Condition, Condition]]:
        found = [
            normal(each.condition, playbook.signals)
            for each in playbook.stages[0].exit[-2 * PAIRS :]
        ]
        return _both_ways(found)

    def patterns(self, playbook: Playbook) -> list[tuple[tuple[Pattern, ...], tuple[Pattern, ...]]]:
        return _both_ways([each.matches for each in playbook.sequence[-2 * PAIRS :]])


def _other(one: Any, rng: Random) -> Any:
    return {**tweaked(one, rng), "id": one["id"].replace("one", "two")}


Each = TypeVar("Each")


def _both_ways(listed: list[Each]) -> list[tuple[Each, Each]]:
    pairs = list(zip(listed[::2], listed[1::2], strict=True))
    return [*pairs, *((other, one) for one, other in pairs)]


def _roles(actor: str, _: int) -> frozenset[str]:
    return frozenset(PEOPLE.get(actor, ()))


def read(judge: Judge, events: list[Event]) -> Deal:
    return judge.reader(_roles).read("d", events, events[-1].happened_at)


def test_what_is_implied_holds() -> None:
    said: Counter[str] = Counter()
    for seed in range(EXAMPLES):
        drawn = Drawn(seed)
        playbook = drawn.playbook
        if playbook is None or not drawn.events:
            continue
        prover = prover_of_versions(playbook, playbook)
        judge = Judge(playbook, has_people=True)
        deal = read(judge, drawn.events)
        moments = [
            deal.instant_moment(at, actor) for at in deal.happened for actor in ("", "ann", "dan")
        ]
        for one, other in drawn.conditions(playbook):
            implied = prover.implies(one, other, stage=drawn.stage)
            apart = prover.contradicts(one, other, stage=drawn.stage)
            said.update(implied=implied and one != other, apart=apart, pairs=True)
            holds, follows = (judge.condition(each, drawn.stage) for each in (one, other))
            for moment in moments if implied or apart else ():
                if holds(deal, moment):
                    assert not implied or follows(deal, moment), (seed, one, other)
                    assert not apart or not follows(deal, moment), (seed, one, other)
        for wide, narrow in drawn.patterns(playbook):
            covered = prover.covers(wide, narrow)
            said.update(covered=covered and wide != narrow)
            positions = [set(judge.pattern(each)(deal)) for each in (wide, narrow)]
            assert not covered or positions[0] >= positions[1], (seed, wide, narrow)
    assert said["pairs"] > 5 * EXAMPLES, said
    assert said["implied"] > EXAMPLES / 2, said
    assert min(said["apart"], said["covered"]) > EXAMPLES / 10, said
