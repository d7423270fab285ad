"""What the next days bring: held against simulated sales whose chances are known."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from io import StringIO
from random import Random

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from playgate.cli.group import playgate
from playgate.conditions.instants import DAY
from playgate.documents.schema import load_schema
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.model.numbers import Forecasting
from playgate.model.playbook import Playbook
from playgate.numbers.forecast.forecast import forecast
from playgate.numbers.forecast.result import Forecast
from playgate.playbook.load import parse_playbook
from playgate.report import numbers_csv, numbers_json, numbers_text
from support.counting import SHIPPED, playbook_of
from support.thorough import but_first

TEXT = """
playbook: sales
version: 1
fields:
  owner: {type: text}
  amount: {type: number, unit: EUR}
activities: {visit: {}}
stages:
  - {stage: approach, activities: [visit]}
  - stage: proposal
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  revenue: {mean: {field: amount, at: won}}
"""
PLAYBOOK = playbook_of(TEXT)
START = 1_700_000_000_000_000
HAZARDS = {True: (0.05, 0.01), False: (0.02, 0.03)}
"""Each day a deal in proposal is sold, or lost, with these chances, by whether it was visited."""


def events(rng: Random, deal: str, at: int, end: int) -> Iterator[Event]:
    """A deal that goes to its end, or to the end of the world."""
    place = 0

    def event(when: int, kind: str, name: str, value: str = "") -> Event:
        nonlocal place
        place += 1
        rep = f"rep-{hash_of(deal) % 4}"
        return Event(deal, when, kind, name, value, rep, when, "", "", 0, place, "")

    yield event(at, "stage", "approach")
    yield event(at + 1, "field", "amount", str(rng.choice((1000, 2000, 5000))))
    visits = rng.random() < 0.5
    if visits:
        yield event(at + DAY // 2, "activity", "visit")
    day, stage = at + DAY, "approach"
    while day < end:
        drawn = rng.random()
        sold, lost = HAZARDS[visits]
        if stage == "approach" and drawn < 0.1:
            stage = "proposal"
            yield event(day, "stage", stage)
        elif stage == "proposal" and drawn < sold + lost:
            yield event(day, "stage", "won" if drawn < sold else "lost")
            return
        day += DAY


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def world(seed: int, *, days: int = 400, a_day: float = 0.6) -> list[Event]:
    """Deals begin at a steady rate."""
    rng = Random(seed)
    found: list[Event] = []
    for day in range(days):
        for number in range(2):
            if rng.random() < a_day / 2:
                found += events(rng, f"D{day}-{number}", START + day * DAY, START + days * DAY)
    return found


def foretold(given: list[Event], playbook: Playbook = PLAYBOOK, **wanted: object) -> Forecast:
    with Spool() as spool:
        spool.extend(given)
        now = max(each.happened_at for each in given)
        return forecast(playbook, spool, wanted=Forecasting(**wanted), as_of=now)  # type: ignore[arg-type]


def test_it_tells_who_was_visited() -> None:
    result = foretold(world(1, days=700, a_day=1.5))
    ready = [each.chance for each in result.deals if each.stage == "approach" and each.ready]
    others = [each.chance for each in result.deals if each.stage == "approach" and not each.ready]
    assert min(ready) > max(others)
    assert all(
        each.would > 0 for each in result.deals if not each.ready and each.stage != "proposal"
    )
    assert result.commit == pytest.approx(sum(each.value for each in result.deals if each.ready))
    tested = result.backtest
    assert tested.brier is not None
    assert tested.brier_by_stage is not None
    assert tested.brier < tested.brier_by_stage


def test_the_parts_are_the_whole() -> None:
    result = foretold(world(2))
    deals = sum(each.value for each in result.deals)
    assert result.value == pytest.approx(deals + result.fresh)
    by_scope: dict[str, float] = defaultdict(float)
    for line in result.lines:
        by_scope[line.scope] += line.value
        assert line.low <= line.value <= line.high or line.deals == 1
    assert by_scope["company"] == pytest.approx(deals)
    assert by_scope["rep"] == pytest.approx(deals)
    assert [each.value for each in result.deals] == sorted(
        (each.value for each in result.deals), reverse=True
    )


def test_deals_of_no_segment_are_a_line_of_their_own() -> None:
    """So that the lines by segment add up to the open deals."""
    segment = "segments: {large: {title: Large, when: {field: amount, at_least: 1000000}}}"
    rows = world(2)
    found = foretold(rows, playbook_of(TEXT + segment))
    lines = {each.id: each for each in found.lines if each.scope == "segment"}
    assert (lines[""].name, lines[""].deals) == ("No segment", len(found.deals))
    bare = [row for row in rows if row.name != "amount"]
    found = foretold(bare, playbook_of(TEXT + segment))
    (line,) = (each for each in found.lines if each.scope == "segment")
    assert (line.id, line.name, line.deals) == ("?", "Not known yet", len(found.deals))
    assert not any(each.scope == "segment" for each in foretold(rows).lines)


def test_the_past_is_judged_by_what_was_known_then() -> None:
    """What deals are sold for later says nothing about how well the forecast did before."""
    rows = [each for each in world(2) if each.name != "amount" or hash_of(each.deal) % 3]
    now = max(each.happened_at for each in rows)
    late = [
        Event("late", now - 1, "stage", "approach", "", "rep-0", now - 1, "", "", 0, 1, ""),
        Event("late", now - 1, "field", "amount", "9e9", "rep-0", now - 1, "", "", 0, 2, ""),
        Event("late", now, "stage", "won", "", "rep-0", now, "", "", 0, 3, ""),
    ]
    # All but nothing of what came is the one sale that nobody could foretell.
    assert foretold(rows + late, days=30).backtest.error == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("worlds", but_first(1, (4, 40)))
def test_what_came_lay_within_the_interval(worlds: int) -> None:
    tested = [foretold(world(each + 50)).backtest for each in range(worlds)]
    times, covered = sum(each.times for each in tested), sum(each.covered for each in tested)
    assert times >= 8 * worlds
    # At 95 %; of forty worlds no fewer than 92 % and no more than 98 %.
    assert (0.85 if worlds < 40 else 0.92) <= covered / times <= (1.0 if worlds < 40 else 0.98)


@pytest.mark.parametrize("seed", but_first(1, range(20)))
def test_its_snapshots_by_hand(seed: int) -> None:
    """Open deals, what they were sold for and what was new, counted from the raw rows."""
    rows = world(seed, days=200)
    result = foretold(rows, days=20)
    now, deals = max(each.happened_at for each in rows), defaultdict(list)
    for row in rows:
        deals[row.deal].append(row)
    open_now = {deal for deal, own in deals.items() if own[-1].name not in ("won", "lost")}
    assert {each.deal for each in result.deals} == open_now
    for each in result.deals:
        own = deals[each.deal]
        last = [row for row in own if row.kind == "stage"][-1]
        assert (each.stage, each.days) == (last.name, (now - last.happened_at) // DAY)
        assert each.amount == float(next(row.value for row in own if row.name == "amount"))
        visited = any(row.name == "visit" for row in own)
        assert each.ready == (visited or each.stage == "proposal")
    spans = (now - rows[0].happened_at) // (20 * DAY)
    fresh = 0.0
    for own in deals.values():
        for cut in range(1, spans + 1):
            begin = now - cut * 20 * DAY
            if own[-1].name == "won" and begin < own[0].happened_at:
                is_in = own[-1].happened_at <= begin + 20 * DAY
                fresh += is_in * float(next(row.value for row in own if row.name == "amount"))
    assert result.fresh == pytest.approx(fresh / spans)


def test_of_too_little_nothing_is_told() -> None:
    result = foretold(world(1, days=20))
    assert result.value is None
    assert (result.deals, result.lines) == ((), ())
    assert "Too little is known" in result.notes[0]
    assert "Nothing can be told" in "".join(numbers_text.render(result))


def test_it_is_shown_in_all_forms() -> None:
    result = foretold(world(2))
    data = json.loads("".join(numbers_json.render(result)), parse_constant=pytest.fail)
    Draft202012Validator(load_schema("numbers")).validate(data)
    rows = list(csv.DictReader(StringIO("".join(numbers_csv.render(result)))))
    assert [each["deal"] for each in rows] == [each.deal for each in result.deals]
    text = "".join(numbers_text.render(result))
    for title in ("What is likely to come", "What would move it most", "How well it did before"):
        assert title in text


def run(*arguments: str) -> object:
    bank = SHIPPED / "bank-sales"
    files = (str(bank / "bank-sales.yaml"), str(bank / "history.csv"))
    people = ("--people", str(bank / "people.csv"))
    return CliRunner().invoke(
        playgate, ["forecast", *files, *people, *arguments], standalone_mode=False
    )


def test_it_narrows_to_reps_and_teams() -> None:
    found = run("--rep", "Ines Costa", "--format", "json")
    data = json.loads(found.stdout)  # type: ignore[attr-defined]
    assert {each["rep"] for each in data["deals"]} == {"i.costa"}
    assert [(each["scope"], each["id"]) for each in data["lines"]] == [
        ("company", ""),
        ("rep", "i.costa"),
    ]
    wrong = run("--team", "Lyons").exception  # type: ignore[attr-defined]
    assert isinstance(wrong, InputError)
    assert wrong.hint == 'did you mean "Lyon"?'


DECLARED = {
    "{days: 0}": "out-of-range",
    "{commit: [approach/activity/vist]}": "unknown-rule",
    "{field: owner}": "kpi-field",
}


@pytest.mark.parametrize(("said", "rule"), DECLARED.items())
def test_what_cannot_be_declared(said: str, rule: str) -> None:
    playbook, mistakes = parse_playbook(f"{TEXT}forecast: {said}\n".encode(), "p.yaml")
    assert playbook is None
    assert [each.rule for each in mistakes] == [rule]


def test_the_commit_may_name_its_rules() -> None:
    playbook = playbook_of(f"{TEXT}forecast: {{commit: [approach/entered]}}\n")
    assert playbook.numbers is not None
    with Spool() as spool:
        spool.extend(world(2))
        result = forecast(playbook, spool, wanted=playbook.numbers.forecast)
    assert all(each.ready for each in result.deals)
