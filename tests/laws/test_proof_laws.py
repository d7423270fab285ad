"""What lint proves is true: what it says can never hold, or always does, is tried on many deals."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from itertools import product
from random import Random
from typing import Any

from playgate.conditions.compile import Compiler
from playgate.conditions.facts import HoldsAt
from playgate.history.deal import Deal
from playgate.history.event import Event
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.proof.lint import lint_playbook
from playgate.proof.prover import Prover
from support.claims import NOW, book, events, small_book, walk


def _event(kind: str, name: str, value: str = "") -> Event:
    return Event("d", NOW, kind, name, value, "", NOW, "", "", 0, 0)


def _field(name: str, text: str) -> Event:
    return _event("field", name, text)


MANY = int(os.environ.get("PROOF_EXAMPLES", "80"))
DEALS = 40
PEOPLE = {"ann": frozenset({"rep"}), "bob": frozenset({"manager"})}


def _load(data: object) -> Playbook:
    playbook, mistakes = parse_playbook(json.dumps(data).encode(), "book.yaml", fits_schema=True)
    assert playbook is not None, mistakes
    return playbook


def _can_hold(playbook: Playbook, name: str, *, holds: bool = True) -> bool:
    """Whether the signal may hold, or not hold, for all that the prover can tell."""
    prover = Prover(
        fields=playbook.fields,
        signals=playbook.signals,
        conditions=(),
        patterns=(),
        calendar=playbook.calendar,
        reading=playbook.reading,
    )
    return prover.can_hold(prover.formulas.of(playbook.signals[name], holds=holds))


def _compiled(playbook: Playbook, name: str) -> HoldsAt:
    compiler = Compiler(
        signals=playbook.signals, calendar=playbook.calendar, reading=playbook.reading
    )
    return compiler.condition(playbook.signals[name])


def _roles(actor: str, at: int) -> frozenset[str]:
    return PEOPLE.get(actor, frozenset())


@cache
def _deals() -> tuple[Deal, ...]:
    rng = Random(7)
    judge = Judge(_load(book(Random(0), 0)), has_people=True)
    reader = judge.reader(_roles)
    ways = [walk(rng) for _ in range(600)]
    return tuple(reader.read("d", events(rng, way), NOW) for way in ways)


def test_what_can_never_hold_holds_for_no_deal() -> None:
    claims: Counter[bool] = Counter()
    for seed in range(2 * MANY):
        playbook = _load(book(Random(seed), 2))
        for name, condition in playbook.signals.items():
            for holds in (True, False):
                if _can_hold(playbook, name, holds=holds):
                    continue
                claims[holds] += 1
                asked = _compiled(playbook, name)
                for deal in Random(seed).sample(_deals(), DEALS):
                    deal.cache.clear()
                    moment = deal.instant_moment(NOW)
                    assert asked(deal, moment) != holds, (seed, name, holds, condition)
    assert claims[True] > MANY / 20
    assert claims[False] > MANY / 60


LADDER = ("0", "0.5", "1", "1.3", "1.6", "2", "2.3", "2.6", "3", "4", "5")
EXACT: dict[str, list[list[Event]]] = {
    "amount": [[_field("amount", text)] for text in LADDER],
    "price": [[_field("price", text)] for text in LADDER],
    "seats": [[_field("seats", text)] for text in ("0", "1", "2", "3", "4")],
    "colour": [[_field("colour", text)] for text in ("red", "green")],
    "ready": [[_field("ready", text)] for text in ("yes", "no")],
    "note": [[_field("note", text)] for text in ("ab", "abc", "abd", "abcx", "abdx", "abx", "x")],
    "one": [[_event("stage", "one")]],
    "call": [[_event("activity", "call")] * times for times in (1, 2, 3, 4)],
}
"""Every way in which the tests of `_exact` can tell deals apart, absence left out."""


def test_it_is_known_exactly_where_all_cases_can_be_tried() -> None:
    answers: Counter[bool] = Counter()
    empty = _load(book(Random(0), 0))
    reader = Judge(empty, has_people=False).reader()
    for seed in range(2 * MANY):
        rng = Random(seed)
        few = rng.sample(sorted(EXACT), 3)
        data = book(rng, 0)
        data["signals"] = {"c": _exact(rng, 3, few)}
        playbook = _load(data)
        asked = _compiled(playbook, "c")
        found = set()
        for chosen in product(*([[], *EXACT[name]] for name in few)):
            deal = reader.read("d", [event for each in chosen for event in each], NOW)
            found.add(asked(deal, deal.instant_moment(NOW)))
            if len(found) == 2:
                break
        for holds in (True, False):
            known = _can_hold(playbook, "c", holds=holds)
            assert known == (holds in found), (seed, holds, data["signals"])
            answers[known] += 1
    assert min(answers.values()) > MANY / 10


def _exact(rng: Random, depth: int, names: list[str]) -> Any:
    """A condition on few subjects, in the parts of the language that are known exactly."""
    if depth and rng.random() < 0.75:
        key = rng.choice(["all", "all", "any", "not"])
        parts = [_exact(rng, depth - 1, names) for _ in range(1 if key == "not" else 3)]
        return {key: parts[0] if key == "not" else parts}
    name = rng.choice(names)
    number, text = rng.randint(1, 3), rng.choice(["ab", "abc", "abd"])
    test = rng.choice(["more_than", "at_least", "less_than", "at_most", "equals", "not_equals"])
    match name:
        case "one":
            return {"stage": "one", "is": "entered"}
        case "call":
            return {"activity": "call", rng.choice(["times", "no_more_than"]): number}
        case "ready":
            return {"field": name, test if "equals" in test else "equals": rng.random() < 0.5}
        case "colour":
            return {"field": name, "one_of": rng.sample(["red", "green", "none"], 2)}
        case "note":
            return {"field": name, rng.choice(["equals", "starts_with", "not_equals"]): text}
        case _ if {"amount", "price"} <= set(names) and name != "seats" and rng.random() < 0.5:
            return {"field": "amount", test: {"field": "price"}}
        case _:
            return {"field": name, test: number}


def _pigeons(holes: int) -> Any:
    """That one more pigeons than holes each sit in a hole of their own: simple, and hard to see."""

    def sits(pigeon: int, hole: int) -> Any:
        return {"field": f"p{pigeon}h{hole}", "equals": True}

    pairs = [(one, two) for two in range(holes + 1) for one in range(two)]
    return {
        "fields": {
            f"p{pigeon}h{hole}": {"type": "boolean"}
            for pigeon in range(holes + 1)
            for hole in range(holes)
        },
        "signals": {
            "c": [
                *(
                    {"any": [sits(pigeon, hole) for hole in range(holes)]}
                    for pigeon in range(holes + 1)
                ),
                *(
                    {"not": {"all": [sits(one, hole), sits(two, hole)]}}
                    for hole in range(holes)
                    for one, two in pairs
                ),
            ]
        },
    }


def test_what_takes_too_many_steps_is_left_alone() -> None:
    known = []
    for holes in (2, 3, 8):
        playbook = _load({**book(Random(0), 0), **_pigeons(holes)})
        known.append(_can_hold(playbook, "c"))
    assert known == [False, False, True]  # the last is wrong, and raises no alarm


PROVEN = {
    "never-holds",
    "always-holds",
    "stage-never-applies",
    "clashing-rules",
    "implied-rule",
    "sequence-against-track",
    "many-new-demands",
}
_SAID = {
    "never": re.compile(r"^(\S+/\S+) can never hold"),
    "always": re.compile(r"^(\S+/\S+) always holds"),
    "implied": re.compile(r"^(\S+) asks nothing beside (\S+):"),
    "clash": re.compile(r"^no deal that is asked for both can meet (\S+) and (\S+):"),
    "idle": re.compile(r'^the when of stage "(\S+)" can never hold'),
    "early": re.compile(r"^(\S+) asks at the move into"),
}


def test_the_judge_finds_what_lint_said_it_would() -> None:
    said: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for seed in range(MANY):
        rng = Random(seed)
        text = json.dumps(small_book(rng)).encode()
        playbook = _load(json.loads(text))
        mistakes = [each for each in lint_playbook(text, "book.yaml") if each.rule in PROVEN]
        assert all(each.related not in (None, each.place) for each in mistakes), mistakes
        messages = [mistake.message for mistake in mistakes]
        found = [
            (kind, form.match(message).groups())  # type: ignore[union-attr]
            for message in messages
            for kind, form in _SAID.items()
            if form.match(message)
        ]
        said.update(kind for kind, _ in found)
        always = {stage.id for stage in playbook.stages if stage.when is None}
        judge = Judge(playbook, has_people=True)
        reader = judge.reader(_roles)
        for _ in range(DEALS if found else 0):
            verdicts = judge.judge(reader.read("d", events(rng, walk(rng)), NOW))
            by_id = {
                rule.rule.info.id: verdict.verdict if verdict else ""
                for rule, verdict in zip(judge.rules, verdicts, strict=True)
            }
            for kind, names in found:
                stages = {name.partition("/")[0] for name in names}
                if kind == "clash" and not stages <= always:
                    continue  # both were asked, but perhaps never both of this deal
                if kind == "early" and playbook.grace:
                    continue  # a move that follows within the grace counts
                tried[kind] += _agrees(kind, names, by_id, (seed, names))
    assert min(said[kind] for kind in _SAID) > MANY / 50, said
    assert min(tried[kind] for kind in _SAID) > MANY / 5, tried


def _agrees(kind: str, names: tuple[str, ...], by_id: dict[str, str], seed: object) -> bool:
    """Whether the verdicts on a deal put a claim to the test; they must not refute it."""
    if kind == "idle":
        own = {rule_id for rule_id, verdict in by_id.items() if verdict}
        assert not any(rule_id.startswith(f"{names[0]}/") for rule_id in own), seed
        return True
    verdicts = tuple(by_id[name] for name in names)
    match kind:
        case "never" | "early":
            assert verdicts != ("met",), seed
            return verdicts == ("unmet",)
        case "always":
            assert verdicts != ("unmet",), seed
            return verdicts == ("met",)
        case "implied":
            assert verdicts[0] != "unmet" or verdicts[1] == "unmet", seed
            return verdicts[0] == "unmet"
        case _:
            assert verdicts != ("met", "met"), seed
            return "" not in verdicts
