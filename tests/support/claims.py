"""Small playbooks whose conditions contradict each other often, and deals that try them.

Few constants, and values on, between and beyond them: what holds for some deal holds for one of
these, and what lint says can never hold is tried on many.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from playgate.conditions.instants import DAY
from playgate.history.event import Event

__all__ = ["FIELDS", "NOW", "STAGES", "VALUES", "book", "condition", "events", "small_book", "walk"]

Json = Any

NOW = 20_000 * DAY  # 2024-10-04
FIELDS: dict[str, Json] = {
    "amount": {"type": "number"},
    "price": {"type": "number"},
    "seats": {"type": "integer"},
    "ready": {"type": "boolean"},
    "agreed": {"type": "boolean"},
    "colour": {"type": "choice", "options": ["red", "green", "none"]},
    "note": {"type": "text"},
    "memo": {"type": "text"},
    "due": {"type": "date"},
    "signed": {"type": "datetime"},
}
VALUES: dict[str, list[str]] = {
    "number": ["0", "1", "1.5", "2", "2.5", "3", "4", "", "n/a", "none"],
    "integer": ["0", "1", "2.0", "3", "4", "1.5", ""],
    "boolean": ["yes", "false", "n/a"],
    "choice": ["red", "green", "none", "blue"],
    "text": ["ab", "abc", "abd", "b", "n/a", "none", " ab", "zabc", "xyz", ""],
    "date": [
        f"2024-{day}"
        for day in (
            "09-30",
            "10-01",
            "10-02",
            "10-03",
            "10-04",
            "10-05",
            "10-06",
            "10-07",
            "10-08",
            "10-10",
        )
    ]
    + [""],
}
VALUES["datetime"] = [*VALUES["date"], "2024-10-04T12:00:00Z", "2024-10-01T00:00:01Z"]
NUMBERS = (1, 2, 3)
TEXTS = ("ab", "abc", "abd", "n/a", "none")
DAYS = ("2024-10-01", "2024-10-03", "2024-10-05")
SPANS = ("1 day", "48 hours", "3 days", "2 business days", "2 calendar days", "9 business hours")
STAGES = ("one", "two", "three")


def book(rng: Random, conditions: int = 1) -> dict[str, Json]:
    """A playbook with signals `c0`, `c1`, …"""
    made: dict[str, Json] = {
        "playbook": "claims",
        "version": 1,
        "roles": ["rep", "manager"],
        "placeholders": ["n/a", "None"],
        "fields": FIELDS,
        "activities": {"call": {}, "demo": {}},
        "signals": {},
        "stages": [{"stage": name} for name in STAGES]
        + [{"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}],
    }
    for number in range(conditions):
        made["signals"][f"c{number}"] = condition(rng, 3, signals=sorted(made["signals"]))
    return made


def small_book(rng: Random) -> dict[str, Json]:
    """A playbook whose stages ask for conditions on few fields, so that they clash."""
    made = book(rng, rng.randint(0, 2))
    few = rng.sample(sorted(FIELDS), 2)
    names = sorted(made["signals"])

    def asked(*, rule: bool = True) -> Json:
        return condition(rng, 1, signals=names, fields=few, rule=rule)

    for stage in made["stages"]:
        for key in ("entry", "hold", "exit"):
            if (key != "exit" or "ends" not in stage) and rng.random() < 0.7:
                items = [asked(rule=key != "hold") for _ in range(rng.randint(1, 2))]
                stage[key] = [
                    {"signal": each, "id": f"r{number}"}
                    if isinstance(each, str)
                    else {**each, "id": f"r{number}"}
                    for number, each in enumerate(items)
                ]
        if "ends" not in stage and rng.random() < 0.4:
            stage["activities"] = [{"do": "call"}, {"do": "call", "id": "x", **_narrowed(rng)}]
        if rng.random() < 0.3:
            stage["when"] = asked(rule=False)
        if rng.random() < 0.2:
            stage["optional"] = True
    made["sequence"] = [
        {"id": "s", "before": {"activity": "demo"}, "need": asked(rule=False)},
        {"id": "t", "before": {"stage": rng.choice(STAGES)}, "need": asked(rule=False)},
    ]
    if rng.random() < 0.3:
        made["grace"] = "1 day"
    return made


def condition(
    rng: Random,
    depth: int,
    *,
    signals: list[str] | None = None,
    fields: list[str] | None = None,
    rule: bool = False,
) -> Json:
    """Any condition; of a `rule`, with what only a rule of a stage may say."""

    def inner() -> Json:
        return condition(rng, depth - 1, signals=signals, fields=fields, rule=rule)

    draw = rng.random()
    if depth > 0 and draw < 0.6:
        key = rng.choice(["all", "all", "any", "not"])
        return {key: inner() if key == "not" else [inner() for _ in range(rng.randint(2, 3))]}
    if signals and draw < 0.65:
        return rng.choice(signals)
    if draw < 0.78:
        return _counted(rng, rule=rule)
    if draw < 0.82:
        return {"stage": rng.choice(STAGES), "is": "entered"}
    name = rng.choice(fields or sorted(FIELDS))
    return {"field": name} | _test(rng, FIELDS[name]["type"])


def _counted(rng: Random, *, rule: bool) -> Json:
    made: Json = {"activity": rng.choice(["call", "call", ["call", "demo"]])}
    made |= {rng.choice(["times", "no_more_than"]): rng.randint(1, 2)} if rng.random() < 0.8 else {}
    made |= _narrowed(rng)
    if rng.random() < 0.15:
        made["in_last"] = rng.choice(SPANS)
    elif rule and rng.random() < 0.2:
        made["since"] = "stage"
    if rule and rng.random() < 0.15:
        made["actor"] = rng.choice(["same", "other"])
    return made


def _narrowed(rng: Random) -> Json:
    made: Json = {}
    if rng.random() < 0.25:
        made["outcome"] = rng.choice(["done", ["done", "failed"]])
    if rng.random() < 0.1:
        made["by"] = rng.choice(["rep", ["rep", "manager"]])
    if rng.random() < 0.1:
        made["where"] = rng.choice(
            [{"minutes": {"more_than": 2}}, {"form": "n/a"}, {"form": {"not_equals": "n/a"}}]
        )
    return made


def _test(rng: Random, kind: str) -> Json:
    if rng.random() < 0.12:
        return {"is": rng.choice(["present", "absent"])}
    others = [name for name, each in FIELDS.items() if _group(each["type"]) == _group(kind)]

    def right() -> Json:
        return {"field": rng.choice(others)} if rng.random() < 0.3 else _constant(rng, kind)

    tests = ["equals", "not_equals", "one_of", "none_of"]
    if _group(kind) in ("number", "date"):
        tests += ["more_than", "at_least", "less_than", "at_most", "between"]
    if _group(kind) == "date":
        tests += ["older_than", "newer_than", "in_next"] * 2
    if _group(kind) == "text":
        tests += ["contains", "starts_with", "matches"]
    test = rng.choice(tests)
    match test:
        case "one_of" | "none_of":
            return {test: [right() for _ in range(rng.randint(1, 2))]}
        case "between":
            low, high = sorted([_constant(rng, kind), _constant(rng, kind)])
            other = {"field": rng.choice(others)}
            return {test: rng.choice([[low, high], [low, other], [other, high]])}
        case "older_than" | "newer_than" | "in_next":
            return {test: rng.choice(SPANS)}
        case "contains" | "starts_with":
            return {test: rng.choice(["a", "ab", "b", ""])}
        case "matches":
            return {test: rng.choice(["^a", "c$", "b"])}
        case _:
            return {test: right()}


def _group(kind: str) -> str:
    return {"integer": "number", "choice": "text", "datetime": "date"}.get(kind, kind)


def _constant(rng: Random, kind: str) -> Json:
    match kind:
        case "boolean":
            return rng.random() < 0.5
        case "choice":
            return rng.choice(["red", "green", "none"])
        case "text":
            return rng.choice(TEXTS)
        case "date" | "datetime":
            return rng.choice(DAYS)
        case _:
            return rng.choice(NUMBERS)


def events(rng: Random, stages: list[str]) -> list[Event]:
    """A deal: some values, some activities, and moves into `stages`, all by now."""
    made = []
    for name, each in FIELDS.items():
        if rng.random() < 0.8:
            made += [
                _event(rng, "field", name, rng.choice(VALUES[each["type"]]))
                for _ in range(rng.choice([1, 1, 2]))
            ]
    for _ in range(rng.randint(0, 4)):
        name = rng.choice(["call", "demo"])
        attrs = rng.choice([{}, {"minutes": 1}, {"minutes": 3}, {"form": "a"}, {"form": "n/a"}])
        made.append(_event(rng, "activity", name, rng.choice(["", "done", "failed"]), attrs))
    moves = [_event(rng, "stage", name, "") for name in stages]
    moves.sort(key=lambda event: event.happened_at)
    made += [move._replace(name=name) for move, name in zip(moves, stages, strict=True)]
    return sorted(made, key=lambda event: event.happened_at)


def walk(rng: Random) -> list[str]:
    """A way along the track that never goes back; it may leave out stages."""
    return [name for name in (*STAGES, "won") if rng.random() < 0.75]


def _event(rng: Random, kind: str, name: str, value: str, attrs: Json = None) -> Event:
    at = NOW - rng.randint(0, 8) * DAY // 2
    actor = rng.choice(["ann", "bob", ""])
    text = json.dumps(attrs) if attrs else ""
    return Event("d", at, kind, name, value, actor, at, "", text, 0, 0)
