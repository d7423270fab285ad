"""Several currencies: made one by rates, apart without, and never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from playgate.cli.group import playgate
from playgate.cli.reading import fill
from playgate.columns.history import ColumnHistory
from playgate.columns.rows import rows_of_events
from playgate.conditions.instants import DAY
from playgate.errors import InputError
from playgate.history.money import Rates
from playgate.history.rates import read_rates
from playgate.history.spool import Spool
from playgate.model.numbers import Forecasting
from playgate.numbers.forecast.snapshots import take
from playgate.numbers.kpi import kpis
from playgate.numbers.survey import survey
from playgate.playbook.load import load_playbook

SCHEMAS = {
    name: json.loads((Path(__file__).parents[2] / "schemas" / f"{name}.schema.json").read_bytes())
    for name in ("numbers", "plan", "diff")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (each["$id"], Resource.from_contents(each)) for each in SCHEMAS.values()
)
NUMBERS, PLAN = (
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY) for name in ("numbers", "plan")
)
NEVER = 2**62
PLAYBOOK = """\
playbook: sales
version: 1
timezone: Europe/Paris
fields:
  amount:   {type: number, unit: EUR, currency: currency}
  currency: {type: text}
activities: {call: {}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: offer, activities: [call]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  revenue: {sum: {field: amount, at: won}, target: {at_least: 5000}}
  per-sale: {mean: {field: amount, at: won}}
  new: {count: opened}
  closing: {ratio: {of: opened, to: won}}
targets: {goal: 100000, revenue: per-sale, ratios: [closing], opportunities: new}
coaching: {minimum: 1}
"""
RATES = """\
date,currency,rate
2026-01-01,USD,0.9
2026-03-01,usd,0.8
2026-03-20,GBP,1.2
"""
SOLD = (
    ("E-1", "1000", "EUR", "2026-02-10"),
    ("E-2", "3000", "eur ", "2026-02-11"),
    ("U-1", "1000", "USD", "2026-02-10"),
    ("U-2", "2000", "USD", "2026-03-10"),
    ("G-1", "500", "GBP", "2026-03-10"),  # before the first rate
    ("N-1", "700", "", "2026-03-11"),
)
OPEN = (("O-E", "400", "EUR"), ("O-U", "800", "USD"), ("O-G", "50", "GBP"))


def _rows() -> Iterator[str]:
    yield "deal,happened_at,kind,name,value,actor"
    for deal, amount, currency, day in SOLD:
        yield f"{deal},2026-02-01T09:00:00Z,stage,approach,,ann"
        yield f"{deal},2026-02-02T09:00:00Z,field,amount,{amount},ann"
        if currency:
            yield f"{deal},2026-02-02T09:00:00Z,field,currency,{currency},ann"
        yield f"{deal},{day}T09:00:00Z,stage,won,,ann"
    for deal, amount, currency in OPEN:
        yield f"{deal},2026-02-01T09:00:00Z,stage,approach,,ann"
        yield f"{deal},2026-02-02T09:00:00Z,field,amount,{amount},ann"
        yield f"{deal},2026-02-02T09:00:00Z,field,currency,{currency},ann"
        yield f"{deal},2026-02-03T09:00:00Z,stage,offer,,ann"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("money")
    (made / "p.yaml").write_text(PLAYBOOK)
    (made / "h.csv").write_text("\n".join(_rows()) + "\n")
    (made / "rates.csv").write_text(RATES)
    return made


def _run(command: str, folder: Path, *words: str, playbook: str = "p.yaml") -> Result:
    files = [str(folder / playbook), str(folder / "h.csv"), "--as-of", "2026-03-31"]
    return CliRunner().invoke(playgate, [command, *files, *words], standalone_mode=False)


def _json(command: str, folder: Path, *words: str) -> Any:
    found = _run(command, folder, *words, "--format", "json")
    assert found.exception is None, found.exception
    data = json.loads(found.output)
    NUMBERS.validate(data)
    return data


def _rated(folder: Path) -> tuple[str, str]:
    return "--rates", str(folder / "rates.csv")


def _company(data: Any) -> Mapping[str, tuple[float, int, int]]:
    found = {}
    for kpi in data["kpis"]:
        if kpi["source"] == "playbook" and kpi["kind"] in ("sum", "mean"):
            line = kpi["lines"][0]["figure"]
            found[kpi["id"], kpi["unit"]] = (line["value"], line["count"], line["open"])
    return found


def test_without_rates_each_currency_has_its_own_sum(folder: Path) -> None:
    data = _json("kpi", folder)
    assert _company(data) == {
        ("revenue", "EUR"): (4000, 2, 0),
        ("revenue/?", ""): (700, 1, 0),
        ("revenue/GBP", "GBP"): (500, 1, 0),
        ("revenue/USD", "USD"): (3000, 2, 0),
        ("per-sale", "EUR"): (2000, 2, 0),
        ("per-sale/?", ""): (700, 1, 0),
        ("per-sale/GBP", "GBP"): (500, 1, 0),
        ("per-sale/USD", "USD"): (1500, 2, 0),
    }
    told = {each["currency"]: (each["deals"], each["file"]) for each in data["basis"]["not_added"]}
    assert told == {"?": (1, ""), "GBP": (2, ""), "USD": (3, "")}


def test_rates_make_one_of_them_and_what_has_none_stays_apart(folder: Path) -> None:
    data = _json("kpi", folder, *_rated(folder))
    assert _company(data) == {
        ("revenue", "EUR"): (1000 + 3000 + 1000 * 0.9 + 2000 * 0.8, 4, 0),
        ("revenue/?", ""): (700, 1, 0),
        ("revenue/GBP", "GBP"): (500, 1, 0),
        ("per-sale", "EUR"): (6500 / 4, 4, 0),
        ("per-sale/?", ""): (700, 1, 0),
        ("per-sale/GBP", "GBP"): (500, 1, 0),
    }
    file = str(folder / "rates.csv")
    assert [tuple(each.values()) for each in data["basis"]["not_added"]] == [
        ("?", 1, "N-1", "2026-03-11", file),
        ("GBP", 1, "G-1", "2026-03-10", file),
    ]
    text = " ".join(_run("kpi", folder, *_rated(folder)).output.split())
    assert f"1 deal with an amount in GBP, not added: {file} has no rate of 2026-03-10" in text
    assert "1 deal with an amount of no known currency, not added" in text


def test_a_target_is_of_the_unit_alone(folder: Path) -> None:
    lines = {each["id"]: each["lines"][0] for each in _json("kpi", folder)["kpis"]}
    assert lines["revenue"]["target"] == "missed"
    assert lines["revenue/USD"]["target"] is None
    lines = {each["id"]: each["lines"][0] for each in _json("kpi", folder, *_rated(folder))["kpis"]}
    assert lines["revenue"]["target"] == "met"


def test_what_is_sold_and_what_open_ones_may_bring(folder: Path) -> None:
    apart = _json("target", folder)["goals"][0]
    assert apart["sold"] == 4000
    assert apart["sold_apart"] == [["?", 700], ["GBP", 500], ["USD", 3000]]
    one = _json("target", folder, *_rated(folder))["goals"][0]
    assert one["sold"] == 6500
    assert one["sold_apart"] == [["?", 700], ["GBP", 500]]
    # all decided ones were sold: each open one counts whole, by the rate of now
    assert apart["expected"] == 400
    assert one["expected"] == 400 + 800 * 0.8 + 50 * 1.2
    text = " ".join(_run("target", folder).output.split())
    for said in ("So far this year, EUR", " 4,000 ", "+ 500 GBP", "+ 3,000 USD"):
        assert said in text, said


def test_segments_hold_what_is_in_the_unit(folder: Path) -> None:
    playbook = PLAYBOOK + "segments: {all: {when: {field: amount, is: present}}}\n"
    (folder / "s.yaml").write_text(playbook)
    for words, value, still in (((), 4000, 400), (_rated(folder), 6500, 400 + 640 + 60)):
        found = _run("segments", folder, *words, "--format", "json", playbook="s.yaml")
        line = json.loads(found.output)["segments"][0]
        assert (line["value"], line["open_value"]) == (value, still)


def test_stakes_are_told_currency_by_currency(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert _run("report", folder, "-o", str(page)).exception is None
    text = page.read_text(encoding="utf-8")
    assert "with <b>400 EUR + 50 GBP + 800 USD</b> at stake" in text
    assert "<small>+ 50 GBP, + 800 USD</small>" in text
    assert "800 USD · 100 % of such deals are won" in text
    assert _run("report", folder, *_rated(folder), "-o", str(page)).exception is None
    assert "with <b>1,100 EUR</b> at stake" in page.read_text(encoding="utf-8")


def test_a_plan_adds_no_currencies(folder: Path) -> None:
    newer = PLAYBOOK.replace("version: 1", "version: 2").replace(
        "{stage: won, ends: won}",
        "{stage: won, ends: won, entry: [{field: amount, more_than: 1e9}]}",
    )
    (folder / "newer.yaml").write_text(newer)

    def plan(*words: str) -> Any:
        files = [str(folder / name) for name in ("p.yaml", "newer.yaml", "h.csv")]
        given = ["plan", *files, "--as-of", "2026-03-31", "--format", "json", *words]
        data = json.loads(CliRunner().invoke(playgate, given, standalone_mode=False).output)
        PLAN.validate(data)
        return data

    ended = plan()["ended"]
    assert (ended["amount"], ended["apart"]) == (4000, {"?": 700, "GBP": 500, "USD": 3000})
    ended = plan(*_rated(folder))["ended"]
    # a plan asks what deals are worth as of now
    assert (ended["amount"], ended["apart"]) == (4000 + 3000 * 0.8 + 500 * 1.2, {"?": 700})


def test_columns_leave_currencies_to_the_deals(folder: Path) -> None:
    playbook = load_playbook(folder / "p.yaml")
    rates = read_rates(str(folder / "rates.csv"), playbook)
    with Spool() as spool:
        fill(spool, (str(folder / "h.csv"),), None)
        rows = [rows_of_events(events) for _, events in spool.deals()]
        columns = ColumnHistory(rows, NEVER)
        wanted, found = (survey(playbook, each, rates=rates) for each in (spool, columns))
        assert kpis(found) == kpis(wanted)
    assert found.basis.not_added


def test_a_forecast_leaves_other_currencies_apart(folder: Path) -> None:
    playbook = load_playbook(folder / "p.yaml")
    rates = read_rates(str(folder / "rates.csv"), playbook)

    def seen(rates: Rates | None) -> tuple[dict[str, float | None], list[float], list[str]]:
        with Spool() as spool:
            fill(spool, (str(folder / "h.csv"),), None)
            how: dict[str, Any] = {
                "wanted": Forecasting(),
                "people": None,
                "horizon": 10 * DAY,
                "rates": rates,
            }
            found = take(playbook, spool, as_of=spool.latest or 0, first=0, **how)
        open_now = {each.deal: each.amount for each in found.at[0]}
        sold = sorted(worth for _, worth in found.sold)
        return open_now, sold, [each.currency for each in found.not_added]

    assert seen(None) == ({"O-E": 400}, [1000, 3000], ["?", "GBP", "USD"])
    worth = {"O-E": 400, "O-U": 800 * 0.8}
    assert seen(rates) == (worth, [900, 1000, 1600, 3000], ["?", "GBP"])


# The rates


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("day,currency,rate\n", 'has no column "date"'),
        ("date,currency,rate\nsoon,USD,1\n", ':2: "soon" is no date'),
        ("date,currency,rate\n2026-01-01,USD,x\n", ':2: "x" is no rate'),
        ("date,currency,rate\n2026-01-01,USD,0\n", ':2: "0" is no rate'),
        ("date,currency,rate\n2026-01-01,USD,-1\n", ':2: "-1" is no rate'),
        ("date,currency,rate\n2026-01-01,,1\n", ":2: the currency is empty"),
        ("date,currency,rate\n2026-01-01,EUR,1.1\n", ":2: a rate of EUR other than 1"),
        ("date,currency,rate\n2026-01-01,USD,1\n2026-01-01,usd,2\n", ":3: a second rate of USD"),
    ],
)
def test_wrong_rates_are_told_with_their_place(folder: Path, rows: str, said: str) -> None:
    (folder / "wrong.csv").write_text(rows)
    found = _run("kpi", folder, "--rates", str(folder / "wrong.csv"))
    assert isinstance(found.exception, InputError)
    assert said in str(found.exception)
    assert found.exception.code == "wrong-file"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", currency: currency", "", "no field of sales says in which currency"),
        (
            "activities: {call: {}}",
            "  fee: {type: number, unit: USD, currency: currency}\nactivities: {call: {}}",
            "are told in EUR and USD",
        ),
    ],
)
def test_rates_need_one_currency_to_make(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "other.yaml").write_text(PLAYBOOK.replace(old, new))
    found = _run("kpi", folder, *_rated(folder), playbook="other.yaml")
    assert isinstance(found.exception, InputError)
    assert said in str(found.exception)


@settings(max_examples=60)
@given(st.dictionaries(st.integers(0, 40), st.floats(0.01, 100), max_size=8), st.integers(-5, 45))
def test_the_last_rate_at_or_before_counts(dated: dict[int, float], at: int) -> None:
    before = [day for day in dated if day <= at]
    wanted = dated[max(before)] if before else None
    assert Rates("", {"USD": dated}).at("USD", at) == wanted
    assert Rates("", {"USD": dated}).at("GBP", at) is None


# The playbook


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("{type: number, unit: EUR, currency: nowhere}", "unknown-field"),
        ("{type: number, currency: currency}", "field-currency"),
        ("{type: text, unit: EUR, currency: currency}", "field-currency"),
        ("{type: number, unit: EUR, currency: amount}", "field-currency"),
    ],
)
def test_a_currency_is_checked(tmp_path: Path, field: str, rule: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PLAYBOOK.replace("{type: number, unit: EUR, currency: currency}", field))
    found = CliRunner().invoke(playgate, ["lint", str(path), "--format", "json"])
    mistakes = [each["rule"] for each in json.loads(found.output)["mistakes"]]
    assert rule in mistakes
