"""Random playbooks, always valid, and random histories that hit their edges.

Few names, few values and a coarse grid of instants, so that events tie, windows end exactly on an
event and every rule is met about as often as not. Every construct of the language is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from playgate.conditions.instants import SECOND, from_datetime, load_zone, show_instant, to_datetime
from playgate.history.event import Event
from support.oracle import fits_glob, rules_of
from support.slow_time import WEEKDAYS

__all__ = ["random_as_of", "random_history", "random_playbook"]

Json = Any

STEP = 6 * 3600 * SECOND
ZONES = {  # wall clocks from which a step of days or hours meets a change of the clock
    "UTC": "2026-03-25T00:00:00",
    "Europe/Paris": "2026-03-25T02:30:00",
    "America/New_York": "2026-10-28T01:30:00",
    "Asia/Jerusalem": "2026-03-24T02:30:00",
    "Africa/Cairo": "2026-10-27T23:30:00",
    "Australia/Lord_Howe": "2026-03-31T01:45:00",
}
SPAN = 40  # steps of the grid
LEVELS = ("block", "warn", "observe")
ACTIVITIES = ("call", "meeting", "demo", "mail")
OUTCOMES = ("done", "failed")
PARTS = ("decider", "user")
ROLES = ("rep", "specialist", "manager")
OPTIONS = ("red", "green", "blue")
TEXTS = ("abc", "abd", "bcd", "Abc")
FIELDS: dict[str, dict[str, Json]] = {
    "amount": {"type": "number", "unit": "EUR"},
    "size": {"type": "number"},
    "seats": {"type": "integer"},
    "ready": {"type": "boolean"},
    "agreed": {"type": "boolean"},
    "colour": {"type": "choice", "options": list(OPTIONS)},
    "tags": {"type": "choices", "options": list(OPTIONS)},
    "note": {"type": "text"},
    "contact": {"type": "text"},
    "due": {"type": "date"},
    "signed": {"type": "datetime"},
}
ORDERED = ("equals", "more_than", "at_least", "less_than", "at_most", "between")
NEAR = ("older_than", "newer_than", "in_next")
HOURS = ("00:00", "01:45", "02:30", "06:00", "08:30", "12:00", "14:31", "18:00", "23:30", "24:00")
SHORT = (
    "4 business hours",
    "0 calendar days",
    "6 hours",
    "12 hours",
    "720 minutes",
    "1 day",
    "43200 seconds",
    "1 business day",
)
LONG = (
    *("1 day", "2 days", "36 hours", "1 calendar day", "2 calendar days", "9 business hours"),
    *("1 business day", "2 business days", "3 business days"),
)
LONGEST = ("4 days", "1 week", "4 business days", "6 days", "4 calendar days", "20 business hours")
GRACES = ("6 hours", "12 hours", "30 seconds", "0 calendar days", "2 business hours")
PEOPLE = {
    "ann": {"rep"},
    "bob": {"rep", "specialist"},
    "cyd": {"manager"},
    "dan": {"manager", "rep"},
    "eve": set[str](),
}
ACTORS = ("ann", "ann", "bob", "bob", "cyd", "dan", "eve", "zoe", "", "")


# --- Playbooks -----------------------------------------------------------------------------------


def random_playbook(rng: Random, *, small: bool = False) -> dict[str, Json]:
    """A valid playbook as plain data; a `small` one has few stages and rules."""
    return _Playbook(rng, small=small).build()


class _Playbook:
    def __init__(self, rng: Random, *, small: bool) -> None:
        self.rng = rng
        self.small = small
        self.zone = rng.choice(list(ZONES))
        self.fields = rng.sample(sorted(FIELDS), rng.randint(2, 5) if small else rng.randint(4, 8))
        self.activities = list(ACTIVITIES[: rng.randint(2, 4)])
        self.going = [f"s{i}" for i in range(rng.choice([2, 2, 3]) if small else rng.randint(2, 5))]
        self.won = ["won", "renewed"][: rng.choice([1, 1, 2])]
        self.lost = ["lost", "dropped"][: rng.choice([1, 1, 2])]
        self.signals: dict[str, Json] = {}

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def build(self) -> dict[str, Json]:
        book: dict[str, Json] = {"playbook": "generated", "version": 1}
        if self.zone != "UTC" or self.chance(0.5):
            book["timezone"] = self.zone
        self._defaults(book)
        book["fields"] = {name: FIELDS[name] for name in self.fields}
        book["activities"] = {name: {"title": name.title()} for name in self.activities}
        for name in ("known", "ok", "near")[: self.rng.randint(0, 3)]:
            self.signals[name] = self._one_or_list(self.condition(2, rule=False))
        if self.signals:
            book["signals"] = dict(self.signals)
        if self.roles:
            self._owned(book["fields"])
        if self.chance(0.6):
            book["profiles"] = self._profiles()
        book["stages"] = self._stages()
        if self.chance(0.85):
            book["sequence"] = [self._sequence(i) for i in range(self.rng.randint(1, 4))]
        if self.chance(0.7):
            book["limits"] = self._limits()
        draw = self.rng.random()
        if draw < 0.15:
            book["applies_to"] = {"not": self.condition(1, rule=False)}
        elif draw < 0.3:
            book["applies_to"] = self._comes_and_goes()
        if self.small:
            self._thin(book)
        if self.chance(0.7):
            book["rules"] = self._settings(book)
        return book

    def _owned(self, fields: dict[str, Json]) -> None:
        """Fields that only some may set, and that only for a time."""
        for name in self.fields:
            if not self.chance(0.2):
                continue
            fields[name] = FIELDS[name] | {"by": self.rng.choice(["manager", ["rep", "manager"]])}
            if self.chance(0.6):
                fields[name]["when"] = self._one_or_list(self.condition(1, rule=False))
            self._marked(fields[name])

    def _comes_and_goes(self) -> Json:
        """A condition on fields that changes while a deal goes on."""
        tests = [self.field_test(self.rng.choice(self.fields)) for _ in range(2)]
        return tests[0] if self.chance(0.3) else {"any": tests}

    def _thin(self, book: dict[str, Json]) -> None:
        """Take out all but a few of what makes rules."""
        rules: list[tuple[dict[str, Json], str, Json]] = []
        for stage in book["stages"]:
            for key in ("entry", "activities", "exit", "hold"):
                rules += [(stage, key, item) for item in stage.get(key, ())]
            rules += [(stage, key, None) for key in ("by", "time_limit") if key in stage]
        rules += [(book, "sequence", item) for item in book.get("sequence", ())]
        rules += [(book["limits"], key, None) for key in book.get("limits", ())]
        rules += [(book, "profiles", None)] * ("profiles" in book)
        rules += [(each, "by", None) for each in book["fields"].values() if "by" in each]
        self.rng.shuffle(rules)
        for place, key, item in rules[self.rng.randint(2, 5) :]:
            if item is not None:
                place[key].remove(item)
            if item is None or not place[key]:
                del place[key]
        if not book.get("limits", True):
            del book["limits"]
        for name, each in book["fields"].items():
            if "by" not in each:
                book["fields"][name] = FIELDS[name]

    def _defaults(self, book: dict[str, Json]) -> None:
        if self.chance(0.4):
            book["level"] = self.rng.choice(LEVELS)
        if self.chance(0.15):
            book["from"] = self.date(0.3)
        if self.chance(0.3):
            book["grace"] = self.rng.choice([*GRACES, "1 business day"])
        if self.chance(0.6):
            book["late_after"] = self.rng.choice(
                ["6 hours", "1 day", "1 business day", "0 calendar days", "4 business hours"]
            )
        if self.chance(0.7):
            book["placeholders"] = ["n/a", "TBD", "-"]
        if self.chance(0.4):
            book["holidays"] = sorted({self.date(1) for _ in range(2)})
            if self.chance(0.4):
                first, last = sorted(self.date(1) for _ in range(2))
                book["holidays"] += [f"{first}..{last}" if self.chance(0.5) else first[5:]]
        if self.chance(0.2):
            book["workdays"] = sorted(self.rng.sample(WEEKDAYS, self.rng.randint(2, 7)))
        if self.chance(0.2):
            book["hours"] = self.rng.choice([["08:30", "18:00"], ["06:00", "22:00"]])
        if self.chance(0.85):
            book["roles"] = list(ROLES)
            if self.chance(0.5):
                book["may_waive"] = self.rng.choice([["manager"], ["manager", "specialist"]])
        self.roles = bool(book.get("roles"))

    def date(self, share: float) -> str:
        """A day in the first part of the time that histories span."""
        days = self.rng.randint(0, int(SPAN / 4 * share) + 1)
        return (datetime.fromisoformat(ZONES[self.zone]) + timedelta(days=days)).date().isoformat()

    def _one_or_list(self, condition: Json) -> Json:
        if self.chance(0.6):
            return condition
        return [condition, *[self.condition(1, rule=False) for _ in range(self.rng.randint(0, 1))]]

    # conditions

    def condition(self, depth: int, *, rule: bool, actor: bool = False) -> Json:
        """Any condition; in a `rule` of a stage with `since`, with `actor` where that may stand."""
        draw = self.rng.random()
        if depth > 0 and draw < 0.25:
            key = self.rng.choice(["all", "any", "any", "not", "not"])
            if key == "not":
                return {"not": self.condition(depth - 1, rule=rule, actor=actor)}
            count = self.rng.randint(1, 3)
            parts = [self.condition(depth - 1, rule=rule, actor=actor) for _ in range(count)]
            if key == "any" and count > 1 and self.chance(0.4):
                return {key: parts, "at_least": self.rng.randint(1, count)}
            return {key: parts}
        if draw < 0.35 and self.signals:
            name = self.rng.choice(sorted(self.signals))
            return name if self.chance(0.5) else {"signal": name}
        if draw < 0.6:
            return self.counted(rule=rule, actor=actor)
        if draw < 0.64:
            return self.changes(rule=rule)
        if draw < 0.72:
            entered = {"stage": self.rng.choice([*self.going, *self.lost]), "is": "entered"}
            if self.chance(0.25):
                entered[self.rng.choice(["times", "no_more_than"])] = self.rng.randint(1, 2)
            return entered
        return self.field_test()

    def counted(self, *, rule: bool, actor: bool) -> dict[str, Json]:
        condition: dict[str, Json] = {"activity": self.names()}
        condition |= self.narrowings(actor=actor)
        if self.chance(0.15):
            condition["different"] = self.different()
        if self.chance(0.2):
            condition["no_more_than"] = self.rng.randint(0, 2)
        elif self.chance(0.25):
            condition["times"] = self.rng.randint(1, 2)
        return condition | self.spans(rule=rule)

    def changed(self) -> dict[str, Json]:
        """Changes of a field, narrowed now and then."""
        name = self.rng.choice([*self.fields, "owner"])
        found: dict[str, Json] = {"changes": name}
        ways = {
            "date": ["later", "earlier"],
            "datetime": ["later", "earlier"],
            "number": ["higher", "lower"],
            "integer": ["higher", "lower"],
        }
        kind = FIELDS[name]["type"] if name != "owner" else "text"
        if kind in ways and self.chance(0.6):
            found["to"] = self.rng.choice(ways[kind])
        if self.roles and self.chance(0.15):
            found["by"] = self.rng.choice(["rep", ["manager", "specialist"]])
        return found

    def changes(self, *, rule: bool) -> dict[str, Json]:
        found = self.changed() | self.spans(rule=rule)
        if self.chance(0.6):
            found["no_more_than"] = self.rng.randint(0, 2)
        elif self.chance(0.4):
            found["times"] = 2
        return found

    def spans(self, *, rule: bool) -> dict[str, Json]:
        """From when on what is counted counts, now and then."""
        if rule and self.chance(0.2):
            return {"since": "stage"}
        if self.chance(0.2):
            return {"since": self.since()}
        if self.chance(0.25):
            return {"in_last": self.rng.choice([*SHORT, *LONG, *LONGEST])}
        return {}

    def since(self) -> dict[str, Json]:
        """A stage, or an event, since which things count."""
        draw = self.rng.random()
        if draw < 0.35:
            return {"stage": self.rng.choice([*self.going, *self.lost])}
        if draw < 0.7:
            found = self.changed()
            found.pop("by", None)
            return found
        outcome = {"outcome": self.rng.choice(OUTCOMES)} if self.chance(0.4) else {}
        return {"activity": self.names(), **outcome}

    def names(self) -> Json:
        if self.chance(0.3):
            return self.rng.sample(self.activities, 2)
        return self.rng.choice(self.activities)

    def narrowings(self, *, actor: bool = False) -> dict[str, Json]:
        found: dict[str, Json] = {}
        if self.chance(0.2):
            found["outcome"] = self.rng.choice(["done", "failed", list(OUTCOMES)])
        if self.roles and self.chance(0.12):
            found["by"] = self.rng.choice(["rep", "manager", ["rep", "specialist"]])
        if self.chance(0.1):
            found["with"] = self.rng.choice(PARTS)
        if self.chance(0.15):
            found["where"] = self.where()
        if self.chance(0.08):
            found["on"] = self.rng.choice(["monday", ["tuesday", "friday"], [*WEEKDAYS[:5]]])
        if self.chance(0.08):
            low, high = sorted(self.rng.sample(HOURS, 2))
            found["hours"] = [low, high]
        if actor and self.chance(0.2):
            found["actor"] = self.rng.choice(["same", "other"])
        return found

    def different(self) -> str:
        if self.small:  # what engines are asked to say, too
            return "actor"
        return self.rng.choice(["actor", "actor", "with", "channel", "minutes"])

    def where(self) -> dict[str, Json]:
        draws: list[dict[str, Json]] = [
            {"channel": "phone"},
            {"channel": {"one_of": ["phone", "web"]}},
            {"channel": {"not_equals": "phone"}},
            {"channel": {"is": self.rng.choice(["present", "absent"])}},
            {"minutes": {"at_least": 30}},
            {"minutes": 30},
            {"minutes": {"between": [15, 30]}},
            {"recorded": True},
            {"booked": {"newer_than": self.rng.choice(LONG)}},
            {"booked": {"older_than": self.rng.choice(LONG)}},
            {"origin": {"none_of": ["import", "bulk"]}},
            {"minutes": {"less_than": 45}, "channel": {"starts_with": "p"}},
        ]
        return self.rng.choice(draws)

    def field_test(self, name: str = "") -> dict[str, Json]:
        if not name and self.chance(0.04):
            return {"field": "owner", "is": "present"}
        name = name or self.rng.choice(self.fields)
        if self.chance(0.2):
            return {"field": name, "is": self.rng.choice(["present", "present", "absent"])}
        kind = FIELDS[name]["type"]
        return {"field": name, **getattr(self, f"_test_{kind}")(name)}

    def other(self, name: str, constant: Json) -> Json:
        """Another field of a like type for the right side, or the constant."""
        like = {"integer": "number", "datetime": "date"}
        kind = like.get(FIELDS[name]["type"], FIELDS[name]["type"])
        same = [
            each
            for each in self.fields
            if each != name and like.get(FIELDS[each]["type"], FIELDS[each]["type"]) == kind
        ]
        if not same or not self.chance(0.35):
            return constant
        return {"field": self.rng.choice(same), **self.arithmetic(kind)}

    def arithmetic(self, kind: str) -> dict[str, Json]:
        """What is reckoned from a number or a date, now and then."""
        if kind not in ("number", "date") or self.chance(0.5):
            return {}
        sign = self.rng.choice(["plus", "minus"])
        if kind == "date":
            return {sign: self.rng.choice([*SHORT, *LONG, *LONGEST])}
        found = {sign: self.rng.choice([1, 0.5, -1])} if self.chance(0.7) else {}
        if not found or self.chance(0.5):
            found["times"] = self.rng.choice([2, 0.5, 0.85, -1])
        return found

    def _test_number(self, name: str) -> dict[str, Json]:
        test = self.rng.choice(["one_of", "none_of", "not_equals", *ORDERED])
        low = self.rng.choice([1, 2])
        if test == "between":
            return {test: [self.other(name, low), self.other(name, low + 1)]}
        if test in ("one_of", "none_of"):
            return {test: [self.other(name, low), 3]}
        fraction = 0.5 if FIELDS[name]["type"] == "number" and self.chance(0.2) else 0
        return {test: self.other(name, low + fraction)}

    _test_integer = _test_number

    def _test_boolean(self, name: str) -> dict[str, Json]:
        test = self.rng.choice(["equals", "equals", "not_equals"])
        return {test: self.other(name, self.chance(0.6))}

    def _test_choice(self, name: str) -> dict[str, Json]:
        if self.chance(0.5):
            test = self.rng.choice(["equals", "not_equals"])
            return {test: self.rng.choice(OPTIONS)}
        return {self.rng.choice(["one_of", "none_of"]): self.rng.sample(OPTIONS, 2)}

    def _test_choices(self, name: str) -> dict[str, Json]:
        draw = self.rng.random()
        if draw < 0.4:
            others = [each for each in self.fields if FIELDS[each]["type"] == "choice"]
            other = {"field": others[0]} if others and self.chance(0.4) else None
            return {"includes": other or self.rng.choice(OPTIONS)}
        return {self.rng.choice(["includes_any", "includes_all"]): self.rng.sample(OPTIONS, 2)}

    def _test_text(self, name: str) -> dict[str, Json]:
        test = self.rng.choice(
            ["equals", "not_equals", "one_of", "none_of", "contains", "starts_with", "matches"]
        )
        if test == "matches":
            return {test: self.rng.choice(["^ab", "b[cd]$", "c", "^(abc|bcd)$", "[A-Z]"])}
        if test in ("contains", "starts_with"):
            return {test: self.rng.choice(["a", "ab", "bc"])}
        if test in ("one_of", "none_of"):
            return {test: [self.other(name, "abc"), "bcd"]}
        return {test: self.other(name, self.rng.choice(TEXTS))}

    def _test_date(self, name: str) -> dict[str, Json]:
        test = self.rng.choice([*NEAR, *NEAR, "not_equals", *ORDERED])
        if test in NEAR:
            return {test: self.rng.choice([*SHORT, *LONG, *LONGEST])}
        low, high = sorted([self.date(0.6), self.date(1)])
        if test == "between":
            return {test: [self.other(name, low), high]}
        return {test: self.other(name, self.rng.choice([low, high, f"{high}T12:00:00"]))}

    _test_datetime = _test_date

    # stages

    def _stages(self) -> list[dict[str, Json]]:
        going = [self._going(name, index) for index, name in enumerate(self.going)]
        ending = [self._ending(name, "won") for name in self.won]
        ending += [self._ending(name, "lost") for name in self.lost]
        if self.chance(0.3):
            self.rng.shuffle(ending)
        return [*going, *ending]

    def _going(self, name: str, index: int) -> dict[str, Json]:
        stage: dict[str, Json] = {"stage": name, "title": name.upper()}
        if self.chance(0.25 if index else 0.08):
            stage["when"] = self._one_or_list(self.condition(1, rule=False))
        if self.chance(0.2):
            stage["optional"] = True
        if index and self.chance(0.1):
            stage["counts_as"] = "won"
        self._common(stage)
        if self.chance(0.7):
            stage["activities"] = [self._activity() for _ in range(self.rng.randint(1, 3))]
        if self.chance(0.5):
            stage["exit"] = self._items(actor=True)
        if self.chance(0.4):
            stage["time_limit"] = self.rng.choice(LONG)
        if self.chance(0.3):
            stage["idle"] = self.rng.choice([*SHORT, *LONG])
        return stage

    def _ending(self, name: str, ends: str) -> dict[str, Json]:
        stage: dict[str, Json] = {"stage": name, "ends": ends}
        if self.chance(0.05):
            stage["when"] = self.condition(1, rule=False)
        self._common(stage)
        return stage

    def _common(self, stage: dict[str, Json]) -> None:
        """The keys that every stage takes."""
        if self.chance(0.4):
            stage["entry"] = self._items(actor=True)
        if self.chance(0.35):
            stage["hold"] = self._items(actor=False)
        if self.roles and self.chance(0.35):
            stage["by"] = self.rng.choice([["rep"], ["rep", "specialist"], ["manager"]])
        if self.chance(0.15):
            stage["level"] = self.rng.choice(LEVELS)

    def _items(self, *, actor: bool) -> list[Json]:
        """Conditions that are rules: some with ids, some of one name."""
        items = [
            self.condition(2, rule=True, actor=actor) for _ in range(self.rng.choice([1, 1, 2, 3]))
        ]
        if self.chance(0.1):
            items.append(items[0])
        free = ["a", "amount-2", "any", "call"]
        self.rng.shuffle(free)
        return [self._named(item, free) for item in items]

    def _named(self, item: Json, free: list[str]) -> Json:
        if not isinstance(item, dict):
            return item
        item = dict(item)
        if self.chance(0.15):
            item["id"] = free.pop()
        if self.chance(0.1):
            item |= {"why": "It helps.", "ask": "Does it?"}
        return self._marked(item)

    def _marked(self, item: dict[str, Json]) -> dict[str, Json]:
        """With a level, a start, a `when` or approvers of its own, now and then."""
        if self.chance(0.15):
            item["level"] = self.rng.choice(LEVELS)
        if self.chance(0.08):
            item["from"] = self.date(0.5)
        if "when" not in item and self.chance(0.12):
            item["when"] = self._one_or_list(self.condition(1, rule=False))
        if self.roles and self.chance(0.1):
            item["may_waive"] = self.approvers()
        return item

    def approvers(self) -> list[str]:
        return self.rng.choice([["manager"], ["rep", "specialist"], ["specialist"], []])

    def _activity(self) -> Json:
        name = self.rng.choice(self.activities)
        if self.chance(0.25):
            return name
        item: dict[str, Json] = {"do": name, **self.narrowings()}
        if self.chance(0.12):
            item["different"] = self.different()
        if self.chance(0.25):
            item["times"] = self.rng.randint(1, 3)
        if self.chance(0.5):
            item["within"] = self.rng.choice([*SHORT, *LONG])
        elif self.chance(0.2):
            item["actor"] = self.rng.choice(["same", "other"])
        elif self.chance(0.15):
            item["in_last"] = self.rng.choice([*LONG, *LONGEST])
        if self.chance(0.3):
            since = self.since() if self.chance(0.6) else "stage"
            if "within" not in item or since == "stage" or "stage" in since:
                item["since"] = since
        counted = item.keys() & {"times", "different", "since", "in_last", "actor"}
        if not counted and self.chance(0.5):
            item["every"] = self.rng.choice([*SHORT, *LONG])
        if self.chance(0.05):
            item |= {"why": "It helps.", "ask": "Who?", "tools": ["list"]}
        return self._marked(item)

    # what stands beside the stages

    def _profiles(self) -> dict[str, Json]:
        profiles = {}
        for name in ("small", "large")[: self.rng.randint(1, 2)]:
            groups = ("demographic", "technical")[: self.rng.randint(1, 2)]
            fit = {
                group: [self.field_test() for _ in range(self.rng.randint(1, 2))]
                for group in groups
            }
            profiles[name] = {"story": "You grow.", "fit": fit}
        return profiles

    def _pattern(self, *, actor: bool = False) -> Json:
        found = [self._one_pattern(actor=actor) for _ in range(self.rng.choice([1, 1, 2]))]
        return found[0] if len(found) == 1 and self.chance(0.7) else found

    def _one_pattern(self, *, actor: bool) -> dict[str, Json]:
        draw = self.rng.random()
        if draw < 0.6:
            narrowings = self.narrowings(actor=actor) if self.chance(0.6) else {}
            return {"activity": self.names(), **narrowings}
        if draw < 0.7:
            return self.changed()
        if draw < 0.85:
            return {"stage": self.rng.choice([*self.going, *self.won, *self.lost])}
        return self.field_test(self.rng.choice(self.fields))

    def _sequence(self, index: int) -> dict[str, Json]:
        dates = [each for each in self.fields if FIELDS[each]["type"] in ("date", "datetime")]
        dated = ["until", "until", "until"] if dates else []
        kind = self.rng.choice(["before", "after", "after", "if", *dated])
        if kind == "until":
            return self._until(index, self.rng.choice(dates))
        rule: dict[str, Json] = {"id": f"q{index}", kind: self._pattern()}
        if kind == "before":
            rule["need"] = self.condition(2, rule=False, actor=True)
        else:
            rule["need"] = self._pattern(actor=True)
        if self.chance(0.5):
            rule["which"] = self.rng.choice(["first", "every"])
        if kind == "after" and self.chance(0.65):
            rule["within"] = self.rng.choice([*SHORT, *LONG, *LONGEST])
        if kind == "if" and self.chance(0.4):
            rule["later"] = True
        if self.chance(0.2):
            rule["when"] = self._one_or_list(self.condition(1, rule=False))
        return self._marked(rule)

    def _until(self, index: int, field: str) -> dict[str, Json]:
        minus = self.rng.choice([*SHORT, *LONG]) if self.chance(0.5) else "0 days"
        rule: dict[str, Json] = {
            "id": f"q{index}",
            "until": {"field": field, "minus": minus},
            "need": self.condition(2, rule=False),
        }
        if self.chance(0.2):
            rule["when"] = self._one_or_list(self.condition(1, rule=False))
        return self._marked(rule)

    def _limits(self) -> dict[str, str]:
        limits = {}
        if self.chance(0.8):
            limits["idle"] = self.rng.choice([*LONG, *LONGEST])
        if self.chance(0.7) or not limits:
            limits["age"] = self.rng.choice(LONGEST)
        return limits

    def _settings(self, book: dict[str, Json]) -> dict[str, Json]:
        ids = [rule.id for rule in rules_of(book)]
        globs = [
            "*",
            "*/entered",
            "order/*",
            "*/activity/*",
            "s0/*",
            "*/by",
            "sequence/*",
            "*/a",
            "field/*",
        ]
        globs += ["limit/*", "*/hold/*", "*-2", "profile/fit", "order/back"]
        fitting = [glob for glob in globs if any(fits_glob(glob, each) for each in ids)]
        drawn = [self.rng.choice([*fitting, *ids]) for _ in range(self.rng.randint(1, 4))]
        settings = {}
        for glob in drawn:
            setting: dict[str, Json] = {}
            if self.chance(0.7):
                setting["level"] = self.rng.choice(LEVELS)
            if not setting or self.chance(0.25):
                setting["from"] = self.date(0.3 if glob == "*" else 0.7)
            if self.chance(0.2):
                setting["when"] = self._one_or_list(self.condition(1, rule=False))
            if self.roles and self.chance(0.15):
                setting["may_waive"] = self.approvers()
            settings[glob] = setting
        return settings


# --- Histories -----------------------------------------------------------------------------------


def random_history(
    rng: Random, playbook: dict[str, Json], *, deals: int
) -> tuple[list[Event], dict[str, set[str]] | None]:
    """Events in no order, numbered by the place where they stand, and people or none."""
    maker = _History(rng, playbook)
    rows = [row for number in range(deals) for row in maker.deal(f"d{number}")]
    rng.shuffle(rows)
    sources = sorted(rng.randint(0, 1) for _ in rows)
    events = [
        row._replace(source=source, line=line)
        for line, (source, row) in enumerate(zip(sources, rows, strict=True), start=1)
    ]
    people = {name: set(roles) for name, roles in PEOPLE.items()}
    return events, people if rng.random() < 0.85 else None


def random_as_of(rng: Random, playbook: dict[str, Json], events: Sequence[Event]) -> int | None:
    """None, or an instant on the grid, on an event or just beside one."""
    draw = rng.random()
    if draw < 0.4 or not events:
        return None
    if draw < 0.6:
        return _start(playbook) + rng.randint(SPAN // 2, SPAN + 12) * STEP
    happened = sorted(event.happened_at for event in events)
    late = rng.choice(happened[len(happened) // 2 :])
    return late + rng.choice([0, 0, 0, -1, 1])


def _start(playbook: dict[str, Json]) -> int:
    name = playbook.get("timezone", "UTC")
    return from_datetime(datetime.fromisoformat(ZONES[name]).replace(tzinfo=load_zone(name)))


class _History:
    def __init__(self, rng: Random, book: dict[str, Json]) -> None:
        self.rng = rng
        self.book = book
        self.start = _start(book)
        self.zone = load_zone(book.get("timezone", "UTC"))
        self.ids = [rule.id for rule in rules_of(book)]
        ends: dict[str, str] = {each["stage"]: each.get("ends", "") for each in book["stages"]}
        self.going = [name for name, end in ends.items() if not end]
        self.won = [name for name, end in ends.items() if end == "won"]
        self.lost = [name for name, end in ends.items() if end == "lost"]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def deal(self, name: str) -> list[Event]:
        """A walk over the stages, with facts before and between the moves."""
        rng = self.rng
        self.name, self.owner = name, rng.choice(ACTORS)
        instants = self._instants(rng.randint(5, 14))
        rows = self._opening(instants[0])
        stage = self.going[0] if self.chance(0.9) else rng.choice(self.going)
        if self.chance(0.95):
            rows.append(self.row(instants[0], "stage", stage))
        else:
            instants[0] = instants[-1]
        for before, instant in pairwise(instants):
            for _ in range(rng.choice([0, 1, 1, 2, 3])):
                rows.append(self._fact(rng.choice([before, instant, instant])))
            if self.chance(0.6):
                stage = self._next(stage)
                rows.append(self.row(instant, "stage", stage))
        rows += [self._odd(rng.choice(instants)) for _ in range(rng.choice([0, 0, 1, 2]))]
        rows += [self._waiver(rng.choice(instants)) for _ in range(rng.choice([0, 1, 3, 5]))]
        return [*rows, *self._copies(rows)]

    def _instants(self, count: int) -> list[int]:
        first = self.rng.randint(0, 12)
        gaps = [self.rng.choice([0, 0, 1, 1, 2, 2, 3, 4, 8]) for _ in range(count - 1)]
        steps = [first + sum(gaps[:i]) for i in range(count)]
        shifts = [self.rng.choice([-1, 1]) if self.chance(0.04) else 0 for _ in steps]
        pairs = zip(steps, shifts, strict=True)
        return sorted(self.start + step * STEP + shift for step, shift in pairs)

    def _opening(self, instant: int) -> list[Event]:
        """What is known when the deal begins."""
        rows = []
        if self.chance(0.6):
            rows.append(self.row(instant, "field", "owner", self.owner))
        for field in self.book["fields"]:
            if self.chance(0.45):
                rows.append(self.row(instant, "field", field, self._value(field, instant)))
        return rows

    def row(self, instant: int, kind: str, name: str, value: str = "", **more: Json) -> Event:
        actor = more.get("actor", self._actor())
        recorded = more.get("recorded", instant)
        attrs = more.get("attrs", {})
        text = json.dumps(attrs, sort_keys=True, separators=(",", ":")) if attrs else ""
        id_ = f"x{self.rng.randint(0, 10**6)}" if self.chance(0.4) else ""
        return Event(self.name, instant, kind, name, value, actor, recorded, id_, text, 0, 0)

    def _actor(self) -> str:
        return self.owner if self.chance(0.5) else self.rng.choice(ACTORS)

    def _next(self, stage: str) -> str:
        """Mostly one step on; sometimes over a stage, back, or to an end; reopened at times."""
        draw = self.rng.random()
        if stage not in self.going:
            if self.chance(0.65):
                return stage
            return self.rng.choice([*self.going, *self.won, *self.lost])
        if draw < 0.07:
            return self.rng.choice(self.lost)
        if draw < 0.2:
            return self.rng.choice(self.going)
        place = self.going.index(stage) + self.rng.choice([1, 1, 1, 2])
        return self.going[place] if place < len(self.going) else self.rng.choice(self.won)

    def _fact(self, instant: int) -> Event:
        if self.chance(0.62):
            return self._done(instant)
        if self.chance(0.06):
            value = self.rng.choice([*ACTORS, "tbd", " bob "])
            return self.row(instant, "field", "owner", value)
        field = self.rng.choice(list(self.book["fields"]))
        return self.row(instant, "field", field, self._value(field, instant))

    def _done(self, instant: int) -> Event:
        rng = self.rng
        name = rng.choice(list(self.book["activities"]))
        late = rng.choice([0, 0, 0, 0, 1, 2, 4, 5, 8]) * STEP
        outcome = rng.choice(["done", "done", "done", "failed", "", "Done"])
        attrs = self._attrs(instant)
        return self.row(instant, "activity", name, outcome, recorded=instant + late, attrs=attrs)

    def _attrs(self, instant: int) -> dict[str, Json]:
        rng = self.rng
        attrs: dict[str, Json] = {}
        if self.chance(0.5):
            attrs["with"] = rng.sample(PARTS, rng.randint(0, 2))
        if self.chance(0.5):
            attrs["channel"] = rng.choice(["phone", "phone", "web", "Phone", "", "n/a", None])
        if self.chance(0.5):
            attrs["minutes"] = rng.choice([10, 15, 30, 30.0, 45, "30", " 45 ", "long"])
        if self.chance(0.3):
            attrs["recorded"] = rng.choice([True, True, False, "yes", "maybe"])
        if self.chance(0.3):
            attrs["booked"] = self._moment(instant)
        if self.chance(0.3):
            attrs["origin"] = rng.choice(["ui", "api", "import", "bulk"])
        return attrs

    def _moment(self, instant: int) -> str:
        """An instant near by in one of its spellings, at times with the wall clock alone."""
        near = instant + self.rng.choice([-8, -6, -4, -2, -1, 0, 0, 1, 2, 4, 8]) * STEP
        assert self.zone is not None
        local = to_datetime(near, self.zone)
        spellings = [
            show_instant(near),
            show_instant(near, self.zone),
            show_instant(near + self.rng.choice([-1, 1])),
            local.replace(tzinfo=None).isoformat(timespec="seconds"),
            local.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds"),
            local.date().isoformat(),
        ]
        return self.rng.choice(spellings)

    def _value(self, field: str, instant: int) -> str:
        if self.chance(0.12):
            return self.rng.choice(["", " ", "n/a", " N/A", "tbd", "-", "what?", "1,5"])
        kind = FIELDS[field]["type"]
        if kind in ("date", "datetime"):
            return self._moment(instant)
        values = {
            "number": ["0", "1", "2", "3", "1.5", "2.5", "2.0", " 2 ", "1e0", "01", "-1"],
            "integer": ["0", "1", "2", "3", "2.0", "1e0", "1.5", "+1"],
            "boolean": ["true", "true", "yes", "1", "false", "no", "0", "YES", " True ", "on"],
            "choice": [*OPTIONS, "red", " green ", "Red", "grey"],
            "choices": ["red", "green; blue", "blue;red", " red ;; green", ";", "red; grey", "RED"],
            "text": [*TEXTS, "abc", "bcd", " abc"],
        }
        return self.rng.choice(values[kind])

    def _odd(self, instant: int) -> Event:
        """Names that the playbook does not know, nearly known ones among them."""
        draw = self.rng.random()
        if draw < 0.4:
            return self.row(instant, "stage", self.rng.choice(["nowhere", "S0", "s9"]))
        if draw < 0.7:
            return self.row(instant, "activity", self.rng.choice(["Call", "golf"]), "done")
        return self.row(instant, "field", self.rng.choice(["Amount", "weather"]), "2")

    def _waiver(self, instant: int) -> Event:
        rng = self.rng
        id_ = rng.choice(self.ids)
        name = rng.choice(
            [id_, id_, id_.split("/")[0] + "/*", "*/" + id_.split("/")[-1], "*", "*", "no/such"]
        )
        reason = rng.choice(["agreed"] * 9 + ["", " ", "N/A"])
        actor = rng.choice(["cyd", "cyd", "dan", "dan", "bob", "ann", "", self.owner])
        attrs = {}
        if self.chance(0.35):
            last = self._moment(instant + rng.choice([0, 4, 8, 16]) * STEP)
            attrs["expires"] = rng.choice([*[last] * 12, "soon", ""])
        earlier = max(self.start, instant - rng.choice([0, 4, 8, 16]) * STEP)
        recorded = earlier + rng.choice([0, 0, 0, 0, 1, 4]) * STEP
        return self.row(
            earlier, "waiver", name, reason, actor=actor, recorded=recorded, attrs=attrs
        )

    def _copies(self, rows: list[Event]) -> list[Event]:
        """Rows that come twice: alike, or with the id of another."""
        copies = [row for row in rows if self.chance(0.04)]
        changed = [
            row._replace(value="2", actor="dan")
            for row in rows
            if row.event_id and row.kind != "stage" and self.chance(0.04)
        ]
        moved = [
            row._replace(name=self.rng.choice(self.going))
            for row in rows
            if row.event_id and row.kind == "stage" and self.chance(0.05)
        ]
        return [*copies, *changed, *moved]
