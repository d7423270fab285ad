"""The judge once more, as plainly as it can be said: every question scans the whole deal again.

It exists to be compared with the real judge, so it shares nothing with it but the arithmetic of
time and the event tuple. It reads a valid playbook as plain data.

READINGS: where the design leaves something open, this is how it is read here.

 1. "of two rows with one id the first stays": first by place in the source, decided before the
    as-of cut and before unknown names are dropped.
 2. "events that happened later are left out", "ignored": a deal of which no event remains is not
    judged. The default as-of is the latest `happened_at` of all rows, known names or not.
 3. "Won stages stand together at the end": they share one place, so from one won stage to another
    is neither passing nor a back move. Won stages are last on the track wherever they are listed.
 4. "as of it" (a match), "the match": an activity stands at its effective instant; the *first*
    match is the first in order. `applies_to` is asked at the first event's effective instant, or
    as-of where that comes first; of a deal without any event, at as-of.
 5. "at the first such" (of several instants): the earliest due instant, then order.
 6. "since: stage (only from the first entry)": effective at or after that instant; the entry must
    itself be among the stage events that count.
 7. "due at: when fulfilled": not before the start of the deadline (work done before the entry, a
    match that became effective later than its answer): the later of the two instants.
 8. "where just before the deadline the deal was ended": by the stage events that happened at an
    instant before the deadline's, also where the deadline is that of an ending stage event.
 9. "Fulfilled by the deadline, that instant included": by instant, for stage events too.
10. An `after` without `within` is one of the deadlines: it has no grace, its charge goes to the
    owner, and it is due at no move, though its deadline is that of a stage event.
11. "the deal has ended" (`limit/age`, met and its cause): a stage event into an ending stage came,
    reopened or not. Made good asks more: the deal is ended as of as-of.
12. `limit/idle`, "leaves the deal open": by the stage events up to it by effective instant, then
    order; before the first stage event the deal is not open.
13. "an optional stage that was not entered by G(S)": asked as `entered` is, grace included; where
    there is no G(S) it says nothing.
14. "asked as at the finding's instant (windows keep their start)": facts by as-of; `in_last` from
    the start that it had; tests on dates, `newer_than` too, with the instant that was judged
    (grace included); `since: stage` from the first entry, also one that came later.
15. Of several unmet instants only the first is asked for made good, but for `after` and `idle` all
    are. Where several deadlines are missed at the first unmet instant, the cause is `late` only if
    all of these were fulfilled by as-of.
16. "logged-late (enough had happened in time)": the same count with `happened_at` in place of the
    effective instant, in windows too, also of what is recorded only after as-of.
17. "Nobody excuses their own move": the event is the stage event or the match of `before`; a
    deadline, and what is due at as-of, has none.
18. `if` with `actor: same / other`: every match needs an answer; it may be the match itself.
19. "Grace … due at a stage event": also a `before` whose match is a stage event. A grace of
    nothing is no grace. For deadlines there is none.
20. "charged … effective by then": stage events after the judged one do not count, as for facts;
    for what is fulfilled before its deadline, *then* is when it was fulfilled.
21. Text is not trimmed ("compares exactly"), nor are outcomes and parts; the other types are.
22. One absent item of a list on the right side fits nothing and spoils nothing (but `between`).
23. An attribute has the type of what it is compared with: text, number, boolean; date for
    `older_than`, `newer_than`, `in_next`. A number or boolean counts as the text that JSON writes.
24. `S/within/A` bears the name of its `S/activity/A`, numbered with it.
25. A number beyond the 64-bit floats does not read. A waiver whose `expires` does not read has no
    effect.
26. `from` of a point is asked at its due instant, of a deadline at its start; a bare date is its
    midnight in the playbook's zone. The playbook's `from` covers `order/*` too, its `level` not.
    So is `when`; of `limit/age` the start is the instant at which the first event happened.
27. "Charged": only an empty actor is none; an `owner` is passed over where it is an absent value.
28. "the deal's first event" (`age`): of any kind, a waiver without effect too, but no unknown name.
29. A field known from the start stands first at its deal's earliest instant: the first row of each
    field; a deal of which nothing else is known is none.
30. `from_stage` of what was not due at a stage event is the stage that the deal was in then.
31. Of several waivers that lift a rule, the first in order is named.
32. "the answer holds from there, in order" (governed): a match follows the last stage event that is
    not later in order, also where it is effective only after others.
33. "as of the instants before its own" (the `when` of `field/F/by`): as of the microsecond before,
    stage events by their instants; windows are measured from there.
34. "late (fulfilled by as-of)", of `until`: `need` holds with the facts of as-of, by the clock of
    the deadline. Of `every`: another came, or the deal left the stage.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from playgate.conditions.instants import Zone, day_end, load_zone, read_instant, to_datetime
from playgate.history.event import START, Event, event_id, read_attrs
from support.slow_time import earlier, later

__all__ = ["Answer", "Rule", "judge", "rules_of"]

Json = Any
People = dict[str, set[str]] | None
MET, UNMET, WAIVED, NOT_APPLICABLE = "met", "unmet", "waived", "not applicable"
LAST = (2**63, 0, 0, 0)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEVER_MADE_GOOD = ("by", "set-by", "order", "time", "until")


@dataclass(frozen=True, slots=True)
class Answer:
    """The one verdict on a rule for a deal."""

    verdict: str
    level: str
    due_at: int | None = None
    state: str | None = None
    cause: str | None = None
    actor: str = ""
    from_stage: str = ""
    to_stage: str = ""
    waived_by: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`body` is what stands in the playbook, `stage` the stage that it stands in."""

    id: str
    family: str
    stage: str
    body: Json
    level: str
    since: int | None
    whens: tuple[Json, ...] = ()
    may_waive: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """An event with its place in order and the instant from which it counts."""

    event: Event
    order: tuple[int, int, int, int]
    happened: int
    effective: int


@dataclass(frozen=True, slots=True)
class World:
    """All that is the same for every deal."""

    book: dict[str, Json]
    people: People
    as_of: int

    @property
    def zone(self) -> Zone:
        zone = load_zone(self.book.get("timezone", "UTC"))
        assert zone is not None
        return zone

    def after(self, duration: str, instant: int) -> int:
        return later(self.book, duration, instant)

    def before(self, duration: str, instant: int) -> int:
        return earlier(self.book, duration, instant)

    def stage(self, name: str) -> dict[str, Json]:
        return next(each for each in self.book["stages"] if each["stage"] == name)

    def ends(self, name: str) -> str:
        return str(self.stage(name).get("ends", ""))

    def place(self, name: str) -> int | None:
        """The place on the track; won stages share the last, lost stages have none."""
        going = [each["stage"] for each in self.book["stages"] if "ends" not in each]
        if self.ends(name) == "lost":
            return None
        return len(going) if self.ends(name) == "won" else going.index(name)

    def roles(self, actor: str) -> set[str]:
        return (self.people or {}).get(actor, set())


@dataclass(frozen=True, slots=True)
class Deal:
    """The facts of a deal in order, unknown names and stage events that move nothing left out."""

    world: World
    facts: tuple[Fact, ...]

    def of(self, kind: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.event.kind == kind]

    def entries(self, stage: str) -> list[Fact]:
        return [fact for fact in self.of("stage") if fact.event.name == stage]

    def first_entry(self, stage: str) -> Fact | None:
        """E(S)."""
        return next(iter(self.entries(stage)), None)

    def passing(self, stage: str) -> Fact | None:
        """G(S)."""
        own = self.world.place(stage)
        if self.world.ends(stage) or own is None:
            return None
        for fact in self.of("stage"):
            place = self.world.place(fact.event.name)
            if place is not None and place > own:
                return fact
        return None

    def left(self, move: Fact) -> str:
        """The stage that a stage event leaves, empty for the first."""
        earlier = [fact for fact in self.of("stage") if fact.order < move.order]
        return earlier[-1].event.name if earlier else ""

    def stage_at(self, instant: int) -> str:
        earlier = [fact for fact in self.of("stage") if fact.happened <= instant]
        return earlier[-1].event.name if earlier else ""

    def ended_before(self, instant: int) -> bool:
        earlier = [fact for fact in self.of("stage") if fact.happened < instant]
        return bool(earlier) and bool(self.world.ends(earlier[-1].event.name))

    def is_open(self) -> bool:
        moves = self.of("stage")
        return bool(moves) and not self.world.ends(moves[-1].event.name)

    def is_ended(self) -> bool:
        moves = self.of("stage")
        return bool(moves) and bool(self.world.ends(moves[-1].event.name))


@dataclass(frozen=True, slots=True)
class View:
    """A deal as of an instant: which facts count, and what windows and tests are measured from."""

    deal: Deal
    instant: int
    horizon: int
    moves: tuple[Fact, ...]
    judged: Fact | None = None
    stage: str = ""
    as_happened: bool = False

    def when(self, fact: Fact) -> int:
        return fact.happened if self.as_happened else fact.effective


# --- Which events a deal has (section 4) ---------------------------------------------------------


def deals_of(world: World, events: list[Event]) -> dict[str, Deal]:
    """Every deal of which something remains."""
    names = dict.fromkeys(event.deal for event in events)
    deals = {name: deal_of(world, [e for e in events if e.deal == name]) for name in names}
    return {name: deal for name, deal in deals.items() if deal.facts}


def deal_of(world: World, events: list[Event]) -> Deal:
    rows = sorted(events, key=lambda event: (event.source, event.line))
    seen: set[str] = set()
    unique = []
    for event in (*from_the_start(rows), *(each for each in rows if each.happened_at != START)):
        if event_id(event) not in seen:
            unique.append(event)
            seen.add(event_id(event))
    facts = [fact_of(world, event, index) for index, event in enumerate(unique)]
    facts = [fact for fact in facts if fact.happened <= world.as_of and is_known(world, fact)]
    facts.sort(key=lambda fact: fact.order)
    return Deal(world, tuple(without_standstill(facts)))


def from_the_start(rows: list[Event]) -> list[Event]:
    """The first row of each field known from the start, at the deal's earliest instant."""
    instants = [event.happened_at for event in rows if event.happened_at != START]
    if not instants:
        return []
    known: dict[str, Event] = {}
    for event in rows:
        if event.happened_at == START:
            known.setdefault(event.name, event)
    first = min(instants)
    return [
        event._replace(happened_at=first, recorded_at=first, source=-1, line=line)
        for line, event in enumerate(known.values())
    ]


def fact_of(world: World, event: Event, index: int) -> Fact:
    order = (event.happened_at, event.rest, event.source, event.line, index)
    return Fact(event, order, event.happened_at, effective_at(world, event, event.happened_at))


def effective_at(world: World, event: Event, happened: int) -> int:
    if event.kind == "waiver":
        return event.recorded_at
    late_after = world.book.get("late_after")
    if event.kind == "activity" and late_after is not None:
        late = event.recorded_at > world.after(late_after, happened)
        return event.recorded_at if late else happened
    return happened


def is_known(world: World, fact: Fact) -> bool:
    event = fact.event
    if event.kind == "stage":
        return any(event.name == each["stage"] for each in world.book["stages"])
    if event.kind == "activity":
        return event.name in world.book.get("activities", {})
    if event.kind == "field":
        return event.name == "owner" or event.name in world.book.get("fields", {})
    return True


def without_standstill(facts: list[Fact]) -> Iterator[Fact]:
    current = None
    for fact in facts:
        if fact.event.kind == "stage":
            if fact.event.name == current:
                continue
            current = fact.event.name
        yield fact


# --- Values (section 3.1) ------------------------------------------------------------------------


def is_blank(world: World, text: str) -> bool:
    placeholders = {p.strip().casefold() for p in world.book.get("placeholders", [])}
    return not text.strip() or text.strip().casefold() in placeholders


def read_value(world: World, text: str, kind: str, options: list[str]) -> Json:
    """The value that a text reads as, `None` where it is absent."""
    if is_blank(world, text):
        return None
    trimmed = text.strip()
    if kind in ("number", "integer"):
        return read_number(trimmed, kind)
    if kind == "boolean":
        names = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        return names.get(trimmed.lower())
    if kind in ("date", "datetime"):
        return read_instant(trimmed, world.zone)
    if kind == "choice":
        return trimmed if trimmed in options else None
    if kind == "choices":
        chosen = {item.strip() for item in text.split(";")} - {""}
        return frozenset(chosen) if chosen and chosen <= set(options) else None
    return text


def read_number(text: str, kind: str) -> float | None:
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", text, re.ASCII):
        return None
    number = float(text)
    if math.isinf(number) or (kind == "integer" and not number.is_integer()):
        return None
    return number


def declared(world: World, field: str) -> tuple[str, list[str]]:
    found = world.book.get("fields", {}).get(field) or {"type": "text"}
    return found["type"], found.get("options", [])


def field_value(view: View, field: str) -> Json:
    """The value as of the view: that of the last event in order that is effective by then."""
    events = [fact for fact in view.deal.of("field") if fact.event.name == field]
    events = [fact for fact in events if fact.effective <= view.horizon]
    if not events:
        return None
    return read_value(view.deal.world, events[-1].event.value, *declared(view.deal.world, field))


def operand(view: View, right: Json, kind: str) -> Json:
    """The right side: another field's value, or what the playbook says, read as `kind`."""
    if isinstance(right, dict):
        value = field_value(view, right["field"])
        return None if value is None else reckoned(view.deal.world, value, right)
    if kind in ("number", "integer"):
        return float(right)
    if kind in ("date", "datetime"):
        return read_instant(right, view.deal.world.zone)
    return right


def reckoned(world: World, value: Json, right: dict[str, Json]) -> Json:
    """Times first, then plus or minus; of a date a duration, and of a bare date days as such."""
    summand = right.get("plus", right.get("minus", 0))
    sign = -1 if "minus" in right else 1
    if not isinstance(summand, str):
        if right.keys() <= {"field"}:
            return value
        result = value * float(right.get("times", 1)) + sign * float(summand)
        return result if math.isfinite(result) else None
    kind, _ = declared(world, right["field"])
    days = re.fullmatch(r"(\d+) +(day|week)s?", summand)
    if kind == "date" and days:
        count = int(days[1]) * (7 if days[2] == "week" else 1)
        return days_later(world, value, sign * count)
    return (world.after if sign > 0 else world.before)(summand, value)


def days_later(world: World, instant: int, days: int) -> int:
    """The same wall clock so many days on; read anew, so that clock changes mean what they do."""
    local = to_datetime(instant, world.zone)
    day = local.date() + timedelta(days=days)
    found = read_instant(f"{day}T{local:%H:%M:%S.%f}", world.zone)
    assert found is not None
    return found


def passes(view: View, value: Json, kind: str, test: str, right: Json) -> bool:
    if test == "is":
        return bool((value is None) == (right == "absent"))
    if test in ("not_equals", "none_of"):
        positive = {"not_equals": "equals", "none_of": "one_of"}[test]
        return not passes(view, value, kind, positive, right)
    if value is None:
        return False
    if test in ("older_than", "newer_than", "in_next"):
        return passes_window(view, value, test, right)
    if test == "matches":
        return re.search(right, value) is not None
    items = right if isinstance(right, list) else [right]
    operands = [operand(view, item, kind) for item in items]
    if test == "one_of":
        return any(each is not None and each == value for each in operands)
    if test == "includes_any":
        return any(each in value for each in operands)
    if any(each is None for each in operands):
        return False
    return passes_against(value, test, operands)


def passes_window(view: View, value: int, test: str, right: str) -> bool:
    world, instant = view.deal.world, view.instant
    if test == "older_than":
        return value < world.before(right, instant)
    if test == "newer_than":
        return world.before(right, instant) <= value <= instant
    return instant <= value <= world.after(right, instant)


def passes_against(value: Json, test: str, right: list[Json]) -> bool:
    tests: dict[str, Callable[[], bool]] = {
        "equals": lambda: value == right[0],
        "more_than": lambda: value > right[0],
        "at_least": lambda: value >= right[0],
        "less_than": lambda: value < right[0],
        "at_most": lambda: value <= right[0],
        "between": lambda: right[0] <= value <= right[1],
        "contains": lambda: right[0] in value,
        "starts_with": lambda: value.startswith(right[0]),
        "includes": lambda: right[0] in value,
        "includes_all": lambda: all(each in value for each in right),
    }
    return bool(tests[test]())


TESTS = (
    "is",
    "equals",
    "not_equals",
    "one_of",
    "none_of",
    "more_than",
    "at_least",
    "less_than",
    "at_most",
    "between",
    "contains",
    "starts_with",
    "matches",
    "includes",
    "includes_any",
    "includes_all",
    "older_than",
    "newer_than",
    "in_next",
)


def passes_all(view: View, value: Json, kind: str, condition: dict[str, Json]) -> bool:
    tests = [(test, condition[test]) for test in TESTS if test in condition]
    return all(passes(view, value, kind, test, right) for test, right in tests)


# --- Conditions (section 3.1) --------------------------------------------------------------------


def holds(view: View, condition: Json) -> bool:
    if isinstance(condition, list):
        return all(holds(view, each) for each in condition)
    if isinstance(condition, str):
        return holds(view, view.deal.world.book["signals"][condition])
    if "signal" in condition:
        return holds(view, condition["signal"])
    if "all" in condition:
        return all(holds(view, each) for each in condition["all"])
    if "any" in condition:
        held = [each for each in condition["any"] if holds(view, each)]
        return len(held) >= int(condition.get("at_least", 1))
    if "not" in condition:
        return not holds(view, condition["not"])
    if "stage" in condition:
        entries = [move for move in view.moves if move.event.name == condition["stage"]]
        return is_enough(condition, len(entries))
    if "field" in condition:
        kind, _ = declared(view.deal.world, condition["field"])
        return passes_all(view, field_value(view, condition["field"]), kind, condition)
    if "changes" in condition:
        found = [each for each in view.deal.of("field") if is_change(view.deal, condition, each)]
        return is_enough(condition, sum(is_in_time(view, condition, each) for each in found))
    return enough(view, condition)


def is_change(deal: Deal, condition: dict[str, Json], fact: Fact) -> bool:
    """Whether an event of the field changes its value, as asked, and by whom."""
    name = condition["changes"]
    if fact.event.kind != "field" or fact.event.name != name:
        return False
    facts = [each for each in deal.of("field") if each.event.name == name]
    kind = declared(deal.world, name)
    values = [read_value(deal.world, each.event.value, *kind) for each in facts]
    new = values[facts.index(fact)]
    earlier = [value for value in values[: facts.index(fact)] if value is not None]
    if new is None or not earlier or new == earlier[-1]:
        return False
    if "by" in condition and not deal.world.roles(fact.event.actor) & set(as_list(condition["by"])):
        return False
    if condition.get("to") in ("later", "higher"):
        return bool(new > earlier[-1])
    return "to" not in condition or bool(new < earlier[-1])


def enough(view: View, condition: dict[str, Json]) -> bool:
    """Whether so many matching activities are effective."""
    found = [fact for fact in view.deal.of("activity") if counts(view, condition, fact)]
    if "different" not in condition:
        return is_enough(condition, len(found))
    values = {text for fact in found for text in values_of(view, fact, condition["different"])}
    return is_enough(condition, len(values))


def is_enough(condition: dict[str, Json], count: int) -> bool:
    if "no_more_than" in condition:
        return count <= int(condition["no_more_than"])
    return count >= int(condition.get("times", 1))


def values_of(view: View, fact: Fact, what: str) -> list[str]:
    """The present values of an attribute as text, each item of a list apart, or the actor."""
    if what == "actor":
        return [fact.event.actor] if fact.event.actor else []
    texts = [attribute_as_text(each) for each in as_list(read_attrs(fact.event).get(what))]
    return [text for text in texts if not is_blank(view.deal.world, text)]


def attribute_as_text(found: Json) -> str:
    return "" if found is None else found if isinstance(found, str) else json.dumps(found)


def counts(view: View, condition: dict[str, Json], fact: Fact) -> bool:
    """Whether an activity is effective, in the windows, and such as the condition asks."""
    return is_in_time(view, condition, fact) and is_such(view, condition, fact)


def is_since(view: View, since: Json, fact: Fact) -> bool:
    """From the first entry of a stage on, or later in order than the last such event."""
    if since == "stage" or "stage" in since:
        name = view.stage if since == "stage" else since["stage"]
        entries = [move for move in view.moves if move.event.name == name]
        return bool(entries) and view.when(fact) >= entries[0].happened
    kind = "field" if "changes" in since else "activity"
    events = [each for each in view.deal.of(kind) if view.when(each) <= view.instant]
    if kind == "field":
        events = [each for each in events if is_change(view.deal, since, each)]
    else:
        events = [each for each in events if is_such(view, since, each)]
    return not events or fact.order > events[-1].order


def is_in_time(view: View, condition: dict[str, Json], fact: Fact) -> bool:
    """Whether an event is effective, and in the windows."""
    instant = view.when(fact)
    if instant > view.horizon:
        return False
    if "since" in condition and not is_since(view, condition["since"], fact):
        return False
    if "in_last" in condition:
        start = view.deal.world.before(condition["in_last"], view.instant)
        if instant < start:
            return False
    return True


def is_such(view: View, condition: dict[str, Json], fact: Fact) -> bool:
    """The narrowings that look at nothing but the activity, and at who did what is judged."""
    names = as_list(condition["activity"] if "activity" in condition else condition["do"])
    event = fact.event
    if event.name not in names:
        return False
    if "outcome" in condition and event.value not in as_list(condition["outcome"]):
        return False
    if "by" in condition:
        roles = view.deal.world.roles(event.actor)
        if not roles & set(as_list(condition["by"])):
            return False
    parts = as_list(read_attrs(event).get("with", []))
    if "with" in condition and not set(parts) & set(as_list(condition["with"])):
        return False
    local = to_datetime(fact.happened, view.deal.world.zone)
    if "on" in condition and WEEKDAYS[local.weekday()] not in as_list(condition["on"]):
        return False
    if "hours" in condition:
        low, high = condition["hours"]
        if not low <= f"{local:%H:%M}" < high:
            return False
    where = condition.get("where", {}).items()
    if not all(attribute_passes(view, fact, name, test) for name, test in where):
        return False
    return same_or_other(view, condition.get("actor"), event)


def same_or_other(view: View, actor: str | None, event: Event) -> bool:
    if actor is None:
        return True
    if view.judged is None or not view.judged.event.actor or not event.actor:
        return False
    return (view.judged.event.actor == event.actor) == (actor == "same")


def attribute_passes(view: View, fact: Fact, name: str, test: Json) -> bool:
    """An attribute's test, as of the activity's own effective instant."""
    condition = test if isinstance(test, dict) else {"equals": test}
    kind = attribute_type(condition)
    found = read_attrs(fact.event).get(name)
    value = read_value(view.deal.world, attribute_as_text(found), kind, [])
    return passes_all(replace(view, instant=fact.effective), value, kind, condition)


def attribute_type(condition: dict[str, Json]) -> str:
    if condition.keys() & {"older_than", "newer_than", "in_next"}:
        return "datetime"
    rights = [right for test, right in condition.items() if test != "is"]
    first = as_list(rights[0])[0] if rights else ""
    if isinstance(first, bool):
        return "boolean"
    return "number" if isinstance(first, int | float) else "text"


def as_list(one_or_many: Json) -> list[Json]:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


# --- Views: facts as of T (section 4, and grace of section 5) ------------------------------------


def view_as_of(deal: Deal, instant: int, stage: str = "") -> View:
    """Seen from no stage event: all that is effective by then."""
    moves = tuple(move for move in deal.of("stage") if move.happened <= instant)
    return View(deal, instant, instant, moves, None, stage)


def view_at(deal: Deal, fact: Fact, stage: str = "") -> View:
    """Seen from an event: of stage events, from one of them, only those up to it in order."""
    view = replace(view_as_of(deal, fact.effective, stage), judged=fact)
    if fact.event.kind != "stage":
        return view
    return replace(view, moves=tuple(m for m in deal.of("stage") if m.order <= fact.order))


def view_with_grace(deal: Deal, fact: Fact, stage: str = "") -> View:
    """What is due at a stage event is judged so much later, stage events by instant too."""
    grace = deal.world.book.get("grace")
    if (
        fact.event.kind != "stage"
        or grace is None
        or (grace.startswith("0 ") and "calendar" not in grace)
    ):
        return view_at(deal, fact, stage)
    instant = min(deal.world.after(grace, fact.effective), deal.world.as_of)
    return replace(view_as_of(deal, instant, stage), judged=fact)


def view_later(view: View) -> View:
    """The same question with all that is known by as-of; windows keep their start."""
    return replace(view, horizon=view.deal.world.as_of, moves=tuple(view.deal.of("stage")))


# --- Patterns of sequences (section 3.2) ---------------------------------------------------------


def matches_pattern(deal: Deal, pattern: Json, fact: Fact, other: Fact | None) -> bool:
    """Whether an event matches; `other` is the match that `actor` compares with."""
    if isinstance(pattern, list):
        return any(matches_pattern(deal, each, fact, other) for each in pattern)
    if "changes" in pattern:
        return is_change(deal, pattern, fact)
    kind = next(kind for kind in ("activity", "field", "stage") if kind in pattern)
    if fact.event.kind != kind:
        return False
    if kind == "activity":
        return is_such(replace(view_at(deal, fact), judged=other), pattern, fact)
    if fact.event.name != pattern[kind]:
        return False
    if kind == "stage":
        return True
    type_, options = declared(deal.world, fact.event.name)
    value = read_value(deal.world, fact.event.value, type_, options)
    return passes_all(view_at(deal, fact), value, type_, pattern)


def matches_of(deal: Deal, body: dict[str, Json], pattern: Json) -> list[Fact]:
    """Each match that is effective by as-of, or the first of them."""
    found = [fact for fact in deal.facts if fact.effective <= deal.world.as_of]
    found = [fact for fact in found if matches_pattern(deal, pattern, fact, None)]
    return found[:1] if body.get("which") == "first" else found


# --- The rules of a playbook: ids, levels, from (sections 3.2 and 5) -----------------------------


def rules_of(book: dict[str, Json]) -> list[Rule]:
    return [with_settings(book, *each) for each in plain_rules(book)]


def plain_rules(book: dict[str, Json]) -> Iterator[tuple[str, str, str, Json]]:
    """Id, family, stage and body of every rule."""
    for stage in book["stages"]:
        yield from stage_rules(stage["stage"], stage)
    yield "order/back", "order", "", None
    yield "order/reopened", "order", "", None
    for name, field in book.get("fields", {}).items():
        if "by" in field:
            yield f"field/{name}/by", "set-by", "", field | {"field": name}
    for sequence in book.get("sequence", []):
        kind = next(kind for kind in ("before", "after", "if", "until") if kind in sequence)
        yield f"sequence/{sequence['id']}", kind, "", sequence
    for limit in ("idle", "age"):
        if limit in book.get("limits", {}):
            yield f"limit/{limit}", limit, "", book["limits"][limit]
    if book.get("profiles"):
        yield "profile/fit", "fit", "", book["profiles"]


def stage_rules(name: str, stage: dict[str, Json]) -> Iterator[tuple[str, str, str, Json]]:
    if "ends" not in stage:
        yield f"{name}/entered", "entered", name, None
    for family in ("entry", "exit", "hold"):
        items = as_list(stage.get(family, []))
        for part, item in zip(names_of(items), items, strict=True):
            yield f"{name}/{family}/{part}", family, name, item
    items = stage.get("activities", [])
    items = [{"do": each} if isinstance(each, str) else each for each in items]
    for part, item in zip(names_of(items), items, strict=True):
        yield f"{name}/activity/{part}", "activity", name, item
        if "within" in item:
            yield f"{name}/within/{part}", "within", name, item
        if "every" in item:
            yield f"{name}/every/{part}", "every", name, item
    if "by" in stage:
        yield f"{name}/by", "by", name, stage["by"]
    if "time_limit" in stage:
        yield f"{name}/time", "time", name, stage["time_limit"]
    if "idle" in stage:
        yield f"{name}/idle", "idle", name, stage["idle"]


def names_of(items: list[Json]) -> list[str]:
    """The last part of each id; given ids first, then `-2`, `-3` … where a name is taken."""
    given = [item.get("id") if isinstance(item, dict) else None for item in items]
    taken = {each for each in given if each}
    names = []
    for item, own in zip(items, given, strict=True):
        base = own or base_name(item)
        name, number = base, 2
        while not own and name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def base_name(item: Json) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, list):
        return "all"
    for key in ("signal", "field", "changes", "activity", "do", "stage"):
        if key in item:
            return str(as_list(item[key])[0])
    return next(key for key in ("all", "any", "not") if key in item)


def with_settings(book: dict[str, Json], id_: str, family: str, stage: str, body: Json) -> Rule:
    of_stage: dict[str, Json] = next(
        (each for each in book["stages"] if each["stage"] == stage), {}
    )
    in_place = body if isinstance(body, dict) and family != "fit" else {}
    level = setting(book, id_, "level") or in_place.get("level") or of_stage.get("level")
    level = level or ("observe" if family == "order" else book.get("level", "block"))
    since = setting(book, id_, "from") or in_place.get("from") or book.get("from")
    zone = World(book, None, 0).zone
    whens = [of_stage.get("when"), in_place.get("when"), setting(book, id_, "when")]
    may_waive = setting(book, id_, "may_waive")
    if may_waive is None:
        may_waive = in_place.get("may_waive", book.get("may_waive"))
    return Rule(
        id_,
        family,
        stage,
        body,
        level,
        read_instant(since, zone) if since else None,
        tuple(when for when in whens if when is not None),
        None if may_waive is None else tuple(may_waive),
    )


def setting(book: dict[str, Json], id_: str, key: str) -> Json:
    """What `rules` says: the last entry that matches and has the key."""
    found = [each for glob, each in book.get("rules", {}).items() if fits_glob(glob, id_)]
    return next((each[key] for each in reversed(found) if key in each), None)


def fits_glob(glob: str, id_: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, glob.split("*"))), id_, re.DOTALL) is not None


# --- Waivers (sections 4 and 5) ------------------------------------------------------------------


def waiver_of(deal: Deal, rule: Rule, instant: int, judged: Fact | None) -> Fact | None:
    """The first in order that lifts the rule."""
    found = [w for w in deal.of("waiver") if lifts(deal.world, w, rule, instant, judged)]
    return next(iter(found), None)


def lifts(world: World, waiver: Fact, rule: Rule, instant: int, judged: Fact | None) -> bool:
    event = waiver.event
    if not fits_glob(event.name, rule.id) or is_blank(world, event.value):
        return False
    if waiver.effective > instant or expired(world, event, instant):
        return False
    if rule.may_waive is None:
        return True
    if not world.roles(event.actor) & set(rule.may_waive):
        return False
    return judged is None or judged.event.actor != event.actor


def expired(world: World, event: Event, instant: int) -> bool:
    expires = read_attrs(event).get("expires")
    if expires in (None, ""):
        return False
    last = day_end(str(expires).strip(), world.zone)
    return last is None or instant > last


# --- Charging (section 5) ------------------------------------------------------------------------


def charged(deal: Deal, instant: int, judged: Fact | None) -> str:
    if judged is not None and judged.event.actor:
        return judged.event.actor
    view = view_at(deal, judged) if judged is not None else view_as_of(deal, instant)
    owner = field_value(view, "owner")
    if owner is not None:
        return str(owner)
    for fact in reversed(deal.facts):
        seen = fact in view.moves if fact.event.kind == "stage" else fact.effective <= instant
        if fact.event.kind != "waiver" and seen and fact.event.actor:
            return fact.event.actor
    return ""


# --- Judging (section 5) -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """The verdict at one instant; `good` asks whether it was made good by as-of."""

    verdict: str
    due_at: int
    order: tuple[int, int, int, int]
    judged: Fact | None
    waiver: Fact | None
    good: Callable[[], bool]
    cause: Callable[[], str | None] = lambda: None


def judge(
    playbook: dict[str, Json],
    events: list[Event],
    *,
    people: People = None,
    as_of: int | None = None,
) -> dict[str, dict[str, Answer]]:
    """The answer for every deal that the playbook governs and every rule."""
    if as_of is None:
        as_of = max((event.happened_at for event in events), default=0)
    world = World(playbook, people, as_of)
    rules = rules_of(playbook)
    return {
        name: {rule.id: answer(deal, rule) for rule in rules}
        for name, deal in deals_of(world, events).items()
        if is_ever_governed(deal)
    }


def is_ever_governed(deal: Deal) -> bool:
    """Whether the playbook governs the deal at any of its stage events, or without any at all."""
    return any(governs_from(deal, each) for each in deal.of("stage") or [None])


def is_governed(deal: Deal, due_at: int, judged: Fact | None) -> bool:
    """By the last stage event up to the event that is judged, or to the instant where none is;
    before the first stage event by the first."""
    moves = deal.of("stage")
    if judged is not None:
        before = [move for move in moves if move.order <= judged.order]
    else:
        before = [move for move in moves if move.happened <= due_at]
    if before:
        return governs_from(deal, before[-1])
    return governs_from(deal, moves[0] if moves else None)


def governs_from(deal: Deal, move: Fact | None) -> bool:
    """Whether `applies_to` holds at a stage event, or where there is none, at the first event."""
    condition = deal.world.book.get("applies_to")
    if condition is None:
        return True
    if move is not None:
        return holds(view_with_grace(deal, move), condition)
    instants = [fact.effective for fact in deal.facts[:1]]
    return holds(view_as_of(deal, min([*instants, deal.world.as_of])), condition)


def answer(deal: Deal, rule: Rule) -> Answer:
    """Unmet if it is at any instant, at the first such; else waived; else met."""
    trials = sorted(trials_of(deal, rule), key=lambda trial: (trial.due_at, trial.order))
    for verdict in (UNMET, WAIVED, MET):
        found = [trial for trial in trials if trial.verdict == verdict]
        if found:
            return answer_of(deal, rule, found)
    return Answer(NOT_APPLICABLE, rule.level)


def answer_of(deal: Deal, rule: Rule, found: list[Trial]) -> Answer:
    first = found[0]
    state = {WAIVED: "waived", MET: None}.get(first.verdict, "open")
    asked = found if rule.family in ("after", "idle", "every") else [first]
    if first.verdict == UNMET and rule.family not in NEVER_MADE_GOOD:
        state = "made-good" if all(trial.good() for trial in asked) else "open"
    move = first.judged if first.judged and first.judged.event.kind == "stage" else None
    return Answer(
        first.verdict,
        rule.level,
        first.due_at,
        state,
        cause_at_first(found) if first.verdict == UNMET else None,
        charged(deal, first.due_at, first.judged),
        deal.left(move) if move else deal.stage_at(first.due_at),
        move.event.name if move else "",
        first.waiver.event.actor if first.waiver else "",
    )


def cause_at_first(unmet: list[Trial]) -> str | None:
    """That of the first unmet instant: the worst, where several deadlines were missed then."""
    causes = [trial.cause() for trial in unmet if trial.due_at == unmet[0].due_at]
    return "missing" if "missing" in causes else causes[0]


def trials_of(deal: Deal, rule: Rule) -> list[Trial]:
    if rule.stage and is_skipped_option(deal, rule.stage):
        return []
    if rule.family in ("by", "set-by") and deal.world.people is None:
        return []
    if rule.family in ("within", "time", "after", "idle", "age", "every"):
        tried = [try_deadline(deal, rule, each) for each in deadlines_of(deal, rule)]
    elif rule.family == "until":
        tried = [try_date(deal, rule, each) for each in deal.of("field")]
    else:
        tried = [try_point(deal, rule, point) for point in points_of(deal, rule)]
    return [
        trial
        for trial in tried
        if trial is not None and is_governed(deal, trial.due_at, trial.judged)
    ]


def is_skipped_option(deal: Deal, stage: str) -> bool:
    """An optional stage that was not entered by G(S)."""
    passing = deal.passing(stage)
    if not deal.world.stage(stage).get("optional") or passing is None:
        return False
    moves = view_with_grace(deal, passing).moves
    return all(move.event.name != stage for move in moves)


def is_in_force(rule: Rule, instant: int) -> bool:
    return rule.since is None or rule.since <= instant


def is_asked(rule: Rule, view: View) -> bool:
    """Whether each `when` holds: of the rule's stage, its own, and that under `rules`."""
    return all(holds(view, when) for when in rule.whens)


# --- Rules that are due at events, or at as-of (`None`) ------------------------------------------


def points_of(deal: Deal, rule: Rule) -> list[Fact | None]:
    moves = deal.of("stage")
    if rule.family in ("entered", "activity", "exit"):
        passing = deal.passing(rule.stage)
        return [passing] if passing else []
    if rule.family in ("entry", "by"):
        return list(deal.entries(rule.stage))
    if rule.family == "hold":
        return hold_points(deal, rule.stage)
    if rule.family == "order":
        return list(moves[1:])
    if rule.family == "before":
        return list(matches_of(deal, rule.body, rule.body["before"]))
    if rule.family == "if":
        return [None] if matches_of(deal, rule.body, rule.body["if"]) else []
    if rule.family == "set-by":
        return list(sets_of(deal, rule.body["field"]))
    going = [each["stage"] for each in deal.world.book["stages"] if "ends" not in each]
    passing = deal.passing(going[0])
    return [passing] if passing else []


def hold_points(deal: Deal, stage: str) -> list[Fact | None]:
    first = deal.first_entry(stage)
    if first is None:
        return []
    after = [move for move in deal.of("stage") if move.order > first.order]
    points: list[Fact | None] = [m for m in after if deal.world.ends(m.event.name) != "lost"]
    return [*points, None] if deal.is_open() else points


def sets_of(deal: Deal, field: str) -> Iterator[Fact]:
    """Each event of the field that has an actor and changes what it holds, be it nothing."""
    held = None
    for fact in deal.of("field"):
        if fact.event.name == field and fact.effective <= deal.world.as_of:
            before, held = (
                held,
                read_value(deal.world, fact.event.value, *declared(deal.world, field)),
            )
            if held != before and fact.event.actor:
                yield fact


def try_point(deal: Deal, rule: Rule, point: Fact | None) -> Trial | None:
    due_at = deal.world.as_of if point is None else point.effective
    order = LAST if point is None else point.order
    if point is None:
        view = view_as_of(deal, due_at, rule.stage)
    else:
        view = view_with_grace(deal, point, rule.stage)
    asked_of = view_as_of(deal, due_at - 1) if rule.family == "set-by" else view
    if not is_in_force(rule, due_at) or not is_asked(rule, asked_of):
        return None
    verdict, waiver = MET, None
    if not is_met(rule, view):
        waiver = waiver_of(deal, rule, view.instant, point)
        verdict = WAIVED if waiver else UNMET
    return Trial(
        verdict,
        due_at,
        order,
        point,
        waiver,
        lambda: is_met(rule, view_later(view)),
        lambda: cause_of(rule, view),
    )


def is_met(rule: Rule, view: View) -> bool:
    deal, judged = view.deal, view.judged
    if rule.family == "entered":
        return any(move.event.name == rule.stage for move in view.moves)
    if rule.family in ("by", "set-by"):
        assert judged is not None
        roles = rule.body if rule.family == "by" else rule.body["by"]
        return bool(deal.world.roles(judged.event.actor) & set(as_list(roles)))
    if rule.family == "order":
        assert judged is not None
        return is_in_order(deal, rule, judged)
    if rule.family == "before":
        return holds(view, rule.body["need"])
    if rule.family == "if":
        found = matches_of(deal, rule.body, rule.body["if"])
        anywhere = not rule.body.get("later", False)
        return all(answers(deal, rule, match, view.horizon, anywhere=anywhere) for match in found)
    if rule.family == "fit":
        groups = [list(each["fit"].values()) for each in rule.body.values()]
        return any(all(holds(view, group) for group in each) for each in groups)
    return enough(view, rule.body) if rule.family == "activity" else holds(view, rule.body)


def is_in_order(deal: Deal, rule: Rule, move: Fact) -> bool:
    left = deal.left(move)
    if rule.id == "order/reopened":
        return not deal.world.ends(left) or bool(deal.world.ends(move.event.name))
    here, there = deal.world.place(left), deal.world.place(move.event.name)
    return here is None or there is None or there >= here


def cause_of(rule: Rule, view: View) -> str | None:
    if rule.family not in ("activity", "within"):
        return None
    if enough(replace(view, as_happened=True), rule.body):
        return "logged-late"
    return "late" if enough(view_later(view), rule.body) else "missing"


def answers(
    deal: Deal, rule: Rule, match: Fact, until: int, *, anywhere: bool = False
) -> list[Fact]:
    """The matches of `need`, later in order than the match, that are effective by an instant."""
    found = [fact for fact in deal.facts if fact.effective <= until]
    found = [fact for fact in found if anywhere or fact.order > match.order]
    return [fact for fact in found if matches_pattern(deal, rule.body["need"], fact, match)]


# --- Deadlines -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deadline:
    """From `start` something must be done by `by` (never, where `None`); it was at `done`."""

    start: Fact
    started: int
    by: int | None
    done: int | None
    is_good: bool | None = None
    """Whether it was made good; `None` where that is to be fulfilled by as-of."""


def deadlines_of(deal: Deal, rule: Rule) -> list[Deadline]:
    if rule.family == "within":
        first = deal.first_entry(rule.stage)
        return [within_deadline(deal, rule, first)] if first else []
    if rule.family == "time":
        return [visit_deadline(deal, rule, entry) for entry in deal.entries(rule.stage)]
    if rule.family == "after":
        found = matches_of(deal, rule.body, rule.body["after"])
        return [after_deadline(deal, rule, match) for match in found]
    if rule.family == "idle":
        return idle_deadlines(deal, rule)
    if rule.family == "every":
        return every_deadlines(deal, rule)
    return [age_deadline(deal, rule)]


def within_deadline(deal: Deal, rule: Rule, first: Fact) -> Deadline:
    by = deal.world.after(rule.body["within"], first.happened)
    instants = sorted(fact.effective for fact in deal.of("activity"))
    views = [within_view(deal, rule, first, instant) for instant in instants]
    done = [view.horizon for view in views if enough(view, rule.body)]
    return Deadline(first, first.happened, by, min(done, default=None))


def within_view(deal: Deal, rule: Rule, first: Fact, instant: int) -> View:
    view = replace(view_at(deal, first, rule.stage), judged=None)
    moves = tuple(move for move in deal.of("stage") if move.happened <= instant)
    return replace(view, instant=instant, horizon=instant, moves=moves)


def visit_deadline(deal: Deal, rule: Rule, entry: Fact) -> Deadline:
    by = deal.world.after(rule.body, entry.happened)
    later = [move for move in deal.of("stage") if move.order > entry.order]
    return Deadline(entry, entry.happened, by, later[0].happened if later else None)


def after_deadline(deal: Deal, rule: Rule, match: Fact) -> Deadline:
    found = [fact.effective for fact in answers(deal, rule, match, deal.world.as_of)]
    by = None
    if "within" in rule.body:
        by = deal.world.after(rule.body["within"], match.effective)
    else:
        moves = [move for move in deal.of("stage") if deal.world.ends(move.event.name)]
        moves = [move for move in moves if move.order > match.order]
        moves = [move for move in moves if move.happened >= match.effective]
        by = moves[0].happened if moves else None
    return Deadline(match, match.effective, by, min(found, default=None))


def idle_deadlines(deal: Deal, rule: Rule) -> list[Deadline]:
    """Each activity or stage event that leaves the deal open (in the stage), until another has
    come."""
    found = [*deal.of("activity"), *deal.of("stage")]
    found = [fact for fact in found if fact.effective <= deal.world.as_of]
    found.sort(key=lambda fact: (fact.effective, fact.order))
    deadlines = []
    for index, fact in enumerate(found):
        moves = [each for each in found[: index + 1] if each.event.kind == "stage"]
        if not moves or not waits_in(deal, rule, moves[-1].event.name):
            continue
        by = deal.world.after(rule.body, fact.effective)
        coming = [each.effective for each in found[index + 1 :]]
        deadlines.append(Deadline(fact, fact.effective, by, min(coming, default=None)))
    return deadlines


def every_deadlines(deal: Deal, rule: Rule) -> list[Deadline]:
    """Each visit's start, and each matching activity in it, until another has come, or the deal has
    left the stage."""
    view = view_as_of(deal, deal.world.as_of)
    found = [*deal.of("stage"), *(f for f in deal.of("activity") if is_such(view, rule.body, f))]
    found = [fact for fact in found if fact.effective <= deal.world.as_of]
    found.sort(key=lambda fact: (fact.effective, fact.order))
    deadlines = []
    for index, fact in enumerate(found):
        moves = [each for each in found[: index + 1] if each.event.kind == "stage"]
        if not moves or moves[-1].event.name != rule.stage:
            continue
        by = deal.world.after(rule.body["every"], fact.effective)
        coming = [each.effective for each in found[index + 1 :]]
        again = [each for each in found[index + 1 :] if each.event.kind == "activity"]
        done = min(coming, default=None)
        deadlines.append(Deadline(fact, fact.effective, by, done, is_good=bool(again)))
    return deadlines


def waits_in(deal: Deal, rule: Rule, stage: str) -> bool:
    """Whether a silence counts in this stage: in the rule's own, or in all that end nothing."""
    return stage == rule.stage if rule.stage else not deal.world.ends(stage)


def age_deadline(deal: Deal, rule: Rule) -> Deadline:
    first = deal.facts[0]
    by = deal.world.after(rule.body, first.happened)
    ended = [move.happened for move in deal.of("stage") if deal.world.ends(move.event.name)]
    return Deadline(first, first.happened, by, min(ended, default=None))


def try_deadline(deal: Deal, rule: Rule, deadline: Deadline) -> Trial | None:
    world, by, done = deal.world, deadline.by, deadline.done
    asked = is_asked(rule, start_view(deal, deadline))
    if not is_in_force(rule, deadline.started) or not asked or by is None:
        return None
    order = deadline.start.order
    if done is not None and done <= by and done <= world.as_of:
        return Trial(MET, max(done, deadline.started), order, None, None, lambda: True)
    if by > world.as_of or is_called_off(deal, rule, by):
        return None
    waiver = waiver_of(deal, rule, by, None)
    return Trial(
        WAIVED if waiver else UNMET,
        by,
        order,
        None,
        waiver,
        lambda: is_made_good(deal, rule, deadline),
        lambda: cause_of_deadline(deal, rule, deadline, by),
    )


def try_date(deal: Deal, rule: Rule, start: Fact) -> Trial | None:
    """A condition at so long before a date, which stands from the event until then."""
    by = date_deadline(deal, rule, start)
    if by is None or by > deal.world.as_of:
        return None
    asked = is_asked(rule, view_at(deal, start))
    if not is_in_force(rule, start.happened) or not asked:
        return None
    view, need = view_as_of(deal, by), rule.body["need"]
    if holds(view, need):
        return Trial(MET, by, start.order, None, None, lambda: True)
    if deal.ended_before(by):
        return None
    waiver = waiver_of(deal, rule, by, None)
    return Trial(
        WAIVED if waiver else UNMET,
        by,
        start.order,
        None,
        waiver,
        lambda: False,
        lambda: "late" if holds(view_later(view), need) else "missing",
    )


def date_deadline(deal: Deal, rule: Rule, start: Fact) -> int | None:
    """So long before the date that an event gives the field; none where it is no date, or lies
    before the event, or another value stands by then."""
    world, until = deal.world, rule.body["until"]
    kind = declared(world, until["field"])
    if start.event.name != until["field"]:
        return None
    value = read_value(world, start.event.value, *kind)
    if value is None:
        return None
    is_bare = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", start.event.value.strip())
    end = day_end(start.event.value.strip(), world.zone) if is_bare else value
    by = None if end is None else reckoned(world, end, until)
    if by is None or by < start.happened:
        return None
    later = [each for each in deal.of("field") if each.event.name == until["field"]]
    later = [each for each in later if each.order > start.order]
    for each in later:
        stands_then = each.happened >= by and each.happened != start.happened
        if not stands_then and read_value(world, each.event.value, *kind) != value:
            return None
    return int(by)


def is_made_good(deal: Deal, rule: Rule, deadline: Deadline) -> bool:
    if rule.family == "age":
        return deal.is_ended()
    return is_late(deal, deadline) if deadline.is_good is None else deadline.is_good


def start_view(deal: Deal, deadline: Deadline) -> View:
    """Seen from the start: of a deal's age that is when its first event happened."""
    if deadline.start.event.kind == "stage":
        return view_at(deal, deadline.start)
    return view_as_of(deal, deadline.started)


def is_late(deal: Deal, deadline: Deadline) -> bool:
    """Fulfilled after all, by as-of."""
    return deadline.done is not None and deadline.done <= deal.world.as_of


def cause_of_deadline(deal: Deal, rule: Rule, deadline: Deadline, by: int) -> str | None:
    if rule.family == "within":
        return cause_of(rule, within_view(deal, rule, deadline.start, by))
    return "late" if is_late(deal, deadline) else "missing"


def is_called_off(deal: Deal, rule: Rule, by: int) -> bool:
    """Just before the deadline the deal was ended, or had passed the stage."""
    if rule.family == "within":
        passing = deal.passing(rule.stage)
        if passing is not None and passing.happened < by:
            return True
    return rule.family != "age" and deal.ended_before(by)
