"""Numbers that are counted over columns are those that are counted deal by deal, to the byte."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from playgate.auditing import column_history
from playgate.columns.check import Check
from playgate.columns.findings import DisagreementError
from playgate.columns.history import ColumnHistory
from playgate.columns.rows import Rows, rows_of_events
from playgate.history.event import Event, Problem
from playgate.history.mapping import parse_mapping
from playgate.history.people import People, Person, read_people
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.numbers import survey as counting
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.kpi import kpis
from playgate.numbers.segments import segments
from playgate.numbers.survey import Survey, survey
from playgate.numbers.target import target
from playgate.playbook.load import load_playbook, parse_playbook
from playgate.records import replace
from playgate.report.numbers_json import render
from support.counting import SHIPPED
from support.parity import drawn
from support.thorough import but_first

NEVER = 2**62
LATE = 2_000_000_000_000_000
"""In the year 2033."""
NUMBERS = ("number", "integer")
SETTINGS = {"id", "level", "from", "when", "may_waive"}
SEEDS = 200
FEW = 25


def told(found: Survey) -> Iterator[str]:
    """All that the commands say of a survey."""
    for result in (kpis(found), coach(found), alarms(found), segments(found)):
        yield "".join(render(result))
    if found.numbers.targets is not None:
        yield "".join(render(target(found, {})))


def in_parts(events: list[Event], limit: int) -> list[Rows]:
    """The rows of whole deals, two parts where much is looked at at once."""
    deals = list(dict.fromkeys(each.deal for each in events))
    first = set(deals[: len(deals) // 2 if limit == 1000 else None])
    parts = ([each for each in events if (each.deal in first) == own] for own in (True, False))
    return [rows_of_events(part) for part in parts]


def compare(
    playbook: Playbook,
    events: list[Event],
    *,
    people: People | None,
    as_of: int | None = None,
    period: str = "",
    limit: int = 1000,
) -> None:
    how: dict[str, Any] = {"people": people, "as_of": as_of, "period": period}
    with Spool() as spool:
        spool.extend(events)
        walked = list(told(survey(playbook, spool, **how)))
    columns = ColumnHistory(in_parts(events, limit), NEVER, limit=limit)
    assert list(told(survey(playbook, columns, **how))) == walked


@pytest.fixture
def only_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not counted over columns fails."""
    walk = counting.gather

    def gather(playbook: Playbook, history: object, **how: Any) -> object:
        assert isinstance(history, Spool), "counted deal by deal"
        return walk(playbook, history, **how)

    monkeypatch.setattr(counting, "gather", gather)


@pytest.mark.usefixtures("only_columns")
@pytest.mark.parametrize("period", but_first(1, ["", "2026-Q2", "last 90 days", "2025"]))
@pytest.mark.parametrize("name", but_first(1, ["saas", "bank-sales", "active-sales"]))
def test_of_the_samples(name: str, period: str) -> None:
    folder = SHIPPED / name
    playbook = load_playbook(folder / f"{name}.yaml")
    compare(
        replace(playbook, experiments=()),  # deals of several versions are counted deal by deal
        list(read_history([str(folder / "history.csv")], report=pytest.fail)),
        people=read_people(str(folder / "people.csv"), pytest.fail),
        period=period,
    )


# --- Drawn playbooks -----------------------------------------------------------------------------


class Numbers:
    """Draws what a generated playbook declares for its numbers."""

    def __init__(self, book: dict[str, Any], seed: int) -> None:
        self.rng = Random(seed)
        self.book = book
        self.stages = [each["stage"] for each in book["stages"]]
        self.open = [each["stage"] for each in book["stages"] if "ends" not in each]
        self.fields = book["fields"] = {"amount": {"type": "number"}, **book["fields"]}
        numbers = [name for name, each in self.fields.items() if each["type"] in NUMBERS]
        self.amount = self.rng.choice(numbers)
        some = self.rng.choice(sorted(self.fields))
        self.conditions = [
            *_conditions(book["stages"]),
            {"field": self.amount, "at_least": 20},
            {"field": some, "is": "present"},
        ]

    def occurrence(self) -> Any:
        rng = self.rng
        single: list[Any] = [
            *("opened", "won", "lost"),
            {"reached": rng.choice(self.open)},
            {"stage": rng.choice(self.stages)},
            {"activity": rng.sample(sorted(self.book["activities"]), 2)},
            {"activity": rng.choice(sorted(self.book["activities"])), **self.narrowing()},
            {"field": self.amount, "more_than": 20},
            {"changes": self.amount},
        ]
        return rng.sample(single, rng.choice((1, 1, 1, 2)))

    def narrowing(self) -> Any:
        if self.book.get("roles"):
            return {"by": self.rng.choice(self.book["roles"])}
        return {"on": self.rng.sample(["monday", "tuesday", "friday", "sunday"], 3)}

    def kpi(self, kind: str) -> dict[str, Any]:
        first, then = self.occurrence(), self.occurrence()
        found: dict[str, Any] = {
            "ratio": {"ratio": {"of": first, "to": then}},
            "time": {"time": {"from": first, "to": then}},
            "mean": {"mean": {"field": self.amount, "at": first}},
            "sum": {"sum": {"field": self.amount, "at": first}},
            "count": {"count": first},
        }[kind]
        if kind == "ratio" and self.rng.random() < 0.5:
            within = self.rng.choice(["2 days", "3 business days", "1 calendar day"])
            found["ratio"]["within"] = within
        if kind == "count" and self.rng.random() < 0.5:
            found["which"] = "first"
        if self.rng.random() < 0.4:
            found["when"] = self.rng.choice(self.conditions)
        if self.rng.random() < 0.3:
            found["customers"] = ["large"]
        return found

    def declared(self) -> dict[str, Any]:
        kinds = ["ratio", "time", "mean", "sum", "count"]
        drawn = {f"k{n}": self.kpi(self.rng.choice(kinds)) for n in range(6)}
        goal = {kind: self.kpi(kind) for kind in ("ratio", "time", "mean", "count")}
        return {
            "kpis": {**drawn, **goal},
            "targets": {
                "goal": 1000,
                "per": "week",
                "revenue": "mean",
                "ratios": ["ratio"],
                "opportunities": "count",
                "cycle": "time",
            },
            "segments": {
                "large": {"when": self.rng.choice(self.conditions)},
                "rest": {
                    "when": self.rng.choice(self.conditions),
                    "known_by": self.rng.choice(self.open),
                },
            },
            "products": {"one": {"priority": 1, "when": self.rng.choice(self.conditions)}},
            "coaching": {"minimum": 1, "session": self.occurrence()[0]},
        }


def _conditions(stages: list[Any]) -> Iterator[Any]:
    """Conditions that say nothing of the stage or the move at which they stand."""
    for stage in stages:
        for each in (stage.get("when"), *stage.get("entry", ()), *stage.get("exit", ())):
            if isinstance(each, dict) and not SETTINGS & each.keys():
                text = json.dumps(each)
                if '"since": "stage"' not in text and '"actor": ' not in text:
                    yield each


def with_numbers(book: dict[str, Any], seed: int) -> Playbook:
    """A generated playbook that declares numbers; conditions that do not fit there are left out."""
    drawer = Numbers(book, seed)
    for _ in range(20):
        text = json.dumps({**drawer.book, **drawer.declared()}).encode()
        playbook, mistakes = parse_playbook(text, "drawn.yaml")
        if playbook is not None:
            return playbook
    pytest.fail(f"{[each for each in mistakes if each.level == 'error']}")


@pytest.mark.parametrize("seed", but_first(FEW, range(SEEDS)))
def test_of_drawn_playbooks(seed: int) -> None:
    whole = drawn(seed, small=True)
    rng = Random(seed)
    people = whole.people or {}
    persons = [
        Person(actor, role=role, team=rng.choice(("north", "south", "")))
        for actor, roles in people.items()
        for role in sorted(roles)
    ]
    compare(
        with_numbers(whole.book, seed),
        whole.events,
        people=People(persons) if persons else None,
        as_of=whole.as_of,
        period=rng.choice(("", "", "last 5 days", "last 2 weeks")),
        limit=rng.choice((1, 50, 1000)),
    )


# --- Where columns do not count ------------------------------------------------------------------


@pytest.mark.parametrize("fault", [DisagreementError("planted"), IndexError("planted")])
def test_where_columns_are_wrong_the_judge_counts(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Check) -> None:
        raise fault

    monkeypatch.setattr(Check, "run", fail)
    folder = SHIPPED / "saas"
    playbook = load_playbook(folder / "saas.yaml")
    events = list(read_history([str(folder / "history.csv")], report=pytest.fail))
    heard: list[BaseException | None] = []
    columns = ColumnHistory([rows_of_events(events)], NEVER, on_fault=heard.append)
    with Spool() as spool:
        spool.extend(events)
        walked = list(told(survey(playbook, spool)))
    assert list(told(survey(playbook, columns))) == walked
    assert heard == [fault]


def test_the_future_is_known_as_a_spool_knows_it(tmp_path: Path) -> None:
    events = [
        Event("a", at, "activity", "call", "", "ann", at, "", "", 0, line)
        for line, at in enumerate((30, 10, 20, 99))
    ]
    columns = ColumnHistory(in_parts(events, 1), 50)
    with Spool(until=50) as spool:
        spool.extend(events)
        for name in ("latest", "earliest", "events", "ahead"):
            assert getattr(columns, name) == getattr(spool, name)
        assert [*columns.deals()] == [*spool.deals()]


def test_an_empty_history_has_no_events() -> None:
    columns = ColumnHistory([rows_of_events(())], NEVER)
    assert (columns.latest, columns.earliest, [*columns.deals()]) == (None, None, [])


# --- Files ---------------------------------------------------------------------------------------

FILE = "deal,happened_at,kind,name,value\na,2026-01-01,stage,s0,\nb,2026-01-02,activity,call,done\n"


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_history, "is_worth_it", lambda _: True)


def read(*paths: Path, as_of: int | None = None) -> tuple[ColumnHistory, list[str]]:
    problems: list[Problem] = []
    found = column_history.column_history(
        [str(path) for path in paths], None, until=LATE, as_of=as_of, problems=problems
    )
    assert found is not None
    return found, [each.reason for each in problems]


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("name", ["plain.csv", "packed.csv.gz", "odd.csv", "lines.ndjson"])
def test_files_of_any_form_are_read_as_columns(name: str, tmp_path: Path) -> None:
    text = FILE
    if name == "odd.csv":
        text += "c,someday,activity,call,\n"
    if name == "lines.ndjson":
        rows = csv.DictReader(FILE.splitlines())
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
    data = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found, problems = read(tmp_path / name)
    assert [(deal, len(events)) for deal, events in found.deals()] == [("a", 1), ("b", 1)]
    assert [*found.deals({"b"})] == [*found.deals()][1:]
    assert len(problems) == (name == "odd.csv")


MAPPING = """
mapping: m
version: 1
tables:
  - deal: deal
    happened_at: happened_at
    start: {note: value}
    rows:
      - {kind: stage, name: name, where: {kind: stage}}
      - {kind: activity, name: name, value: value, where: {kind: activity}}
      - {kind: activity, name: {text: mail}, where: {kind: mail}}
"""


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("more", ["", "c,someday,activity,call,\n"], ids=["plain", "odd"])
def test_so_are_tables_with_a_mapping(more: str, tmp_path: Path) -> None:
    paths = [str(tmp_path / "h.csv")]
    Path(paths[0]).write_text(FILE + more, encoding="utf-8")
    mapping, _ = parse_mapping(MAPPING.encode(), "m.mapping.yaml")
    assert mapping is not None
    expected: list[Problem] = []
    events = [*read_history(paths, mapping=mapping, report=expected.append)]
    problems: list[Problem] = []
    found = column_history.column_history(paths, mapping, until=LATE, as_of=None, problems=problems)
    assert found is not None
    assert [each for _, its in found.deals() for each in its] == events
    assert problems == expected
    assert len(problems) == (2 if more else 1)


@pytest.mark.usefixtures("everything_is_large")
def test_what_lies_ahead_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(f"{FILE}a,2150-01-01,activity,call,\n", encoding="utf-8")
    found, problems = read(tmp_path / "h.csv")
    assert len(problems) == 1
    assert found.latest is not None
    assert found.latest < LATE
    assert read(tmp_path / "h.csv", as_of=LATE * 3)[1] == []


def test_a_small_file_is_not_read_as_columns(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(FILE, encoding="utf-8")
    paths = [str(tmp_path / "h.csv")]
    assert column_history.column_history(paths, None, until=LATE, as_of=None, problems=[]) is None
