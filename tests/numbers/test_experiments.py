"""Experiments on whole histories: phases, arms, what is found where it was planted, no names."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from playgate.audit.run import audit
from playgate.auditing.of_history import HistoryAudit
from playgate.auditing.select import Scope
from playgate.cli.group import playgate
from playgate.conditions.instants import DAY, read_instant
from playgate.documents.schema import load_schema
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.numbers.experiment.result import Tried
from playgate.numbers.experiment.trial import try_experiments
from playgate.numbers.survey import survey, usual_kpis
from playgate.playbook.load import load_whole
from playgate.playbook.read_experiments import USUAL
from playgate.records import replace
from playgate.report import numbers_csv, numbers_json, numbers_text
from playgate.versions.arms import Arms, drawn
from support.thorough import but_first

SAMPLE = Path(__file__).parents[2] / "playbooks" / "active-sales"
TEXT = """
playbook: sales
version: 1
activities: {visit: {}}
fields: {owner: {type: text}, amount: {type: number}}
stages:
  - {stage: lead, activities: [{do: visit, within: 9 days}]}
  - {stage: offer}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  closing: {ratio: {of: opened, to: won}}
  cycle: {time: {from: opened, to: won}}
  size: {mean: {field: amount, at: won}}
  money: {sum: {field: amount, at: won}}
  visits: {count: {activity: visit}}
experiments:
  sooner:
    change: {rule: lead/within/visit, within: 2 days}
    arms: ARMS
    from: 2026-01-01
    until: 2026-06-30
    measure: closing
    guard: [steps-followed, cycle, size, money, visits]
    detect: 15 %
"""
HALF, TEAM = "{share: 50 %}", "{teams: [North]}"
REPS = 16
PEOPLE = People(Person(f"rep-{n}", team="North" if n < 8 else "South") for n in range(REPS))


def playbook(arms: str = HALF) -> Playbook:
    return load_whole(TEXT.replace("ARMS", arms).encode(), "sales.yaml")[0]


def day(text: str) -> int:
    found = read_instant(text, UTC)
    assert found is not None
    return found


def world(book: Playbook, seed: int, *, effect: float, deals: int = 1000) -> Iterator[Event]:
    """Deals from 2025-07 to 2026-06, of which those that try the change are won more often."""
    rng = Random(seed)
    arms, experiment = Arms(book, PEOPLE), book.experiments[0]
    skill = [rng.gauss(0, 0.08) for _ in range(REPS)]
    start, end = day("2025-07-01"), day("2026-06-30")
    for number in range(deals):
        deal, who = f"D-{number}", rng.randrange(REPS)
        rep, at = f"rep-{who}", start + round(rng.random() * (end - start))
        treated = at >= experiment.starts and arms.side(experiment, deal, rep)
        wins = rng.random() < 0.35 + skill[who] + effect * bool(treated)
        steps = [("field", "owner", rep, 0), ("stage", "lead", "", 0)]
        steps += [("activity", "visit", "", 1 + rng.randrange(5)), ("stage", "offer", "", 8)]
        steps += [("field", "amount", str(100 + rng.randrange(50)), 9)]
        steps += [("stage", "won" if wins else "lost", "", 10 + rng.randrange(30))]
        for place, (kind, name, value, days) in enumerate(steps):
            when = at + days * DAY + place
            yield Event(deal, when, kind, name, value, rep, when, f"{place}", "", 0, 0)


def spool_of(events: Iterator[Event]) -> Spool:
    spool = Spool()
    spool.extend(events)
    return spool


def tried(book: Playbook, spool: Spool, as_of: str) -> Tried:
    found = try_experiments(book, spool, people=PEOPLE, as_of=day(as_of))
    return found.experiments[0]


def test_a_deal_is_drawn_by_the_first_bits_of_a_keyed_hash_of_its_id() -> None:
    book = playbook("{share: 30 %, key: autumn}")
    experiment = book.experiments[0]
    ids = [f"D-{n}" for n in range(4000)]
    for deal in ids[:50]:
        digest = hmac.new(b"autumn", deal.encode(), hashlib.sha256).hexdigest()
        assert drawn(experiment, "sales", deal) == (int(digest[:16], 16) / 16**16 < 0.3)
    assert sum(drawn(experiment, "sales", deal) for deal in ids) == pytest.approx(1200, abs=90)
    other = playbook().experiments[0]
    assert drawn(other, "sales", "D-1") == drawn(other, "sales", "D-1")


def test_before_it_says_what_it_needs_and_no_more() -> None:
    book = playbook()
    found = tried(book, spool_of(world(book, 1, effect=0.2)), "2025-12-31")
    assert found.phase == "planned"
    assert (found.measure, found.guards, [arm.deals for arm in found.arms]) == (None, (), [0, 0])
    plan = found.plan
    assert plan is not None
    assert plan.value == pytest.approx(0.36, abs=0.08)
    assert plan.detect == 0.15
    assert plan.needed == pytest.approx(350, abs=90)
    assert plan.expected == pytest.approx(495, rel=0.15)
    assert plan.enough_at is not None
    assert day("2026-03-15") < plan.enough_at < day("2026-07-15")
    assert plan.known_days == pytest.approx(32, abs=4)


@pytest.mark.parametrize("arms", [HALF, TEAM])
def test_while_it_runs_no_format_shows_an_outcome(arms: str) -> None:
    book = playbook(arms)
    spool = spool_of(world(book, 1, effect=0.2))
    found = try_experiments(book, spool, people=PEOPLE, as_of=day("2026-06-30T12:00:00Z"))
    one = found.experiments[0]
    assert (one.phase, one.measure) == ("running", None)
    assert [each.kpi for each in one.guards] == [
        "steps-followed",
        "cycle",
        "size",
        "money",
        "visits",
    ]
    shown = "".join(numbers_text.render(found)) + "".join(numbers_csv.render(found))
    shown += "".join(numbers_json.render(found))
    assert "measure,closing" not in shown
    assert '"measure": null' in shown
    assert "What came of" not in shown


@pytest.mark.parametrize("seed", but_first(1, range(6)))
@pytest.mark.parametrize("arms", [HALF, TEAM])
def test_what_was_planted_is_found_once_it_is_over(arms: str, seed: int) -> None:
    book = playbook(arms)
    found = tried(book, spool_of(world(book, seed, effect=0.3)), "2026-09-30")
    measure = found.measure
    assert (found.phase, found.plan) == ("over", None)
    assert measure is not None
    assert measure.outcome == "better"
    assert measure.low is not None
    assert measure.high is not None
    assert measure.low - 0.05 <= 0.3 <= measure.high + 0.05
    assert measure.reps == REPS
    is_named = arms == TEAM
    assert found.method == ("difference-in-differences" if is_named else "drawn")
    assert (measure.control.before is not None) == is_named
    assert ("difference in differences" in " ".join(found.notes)) == is_named


def test_less_is_better_of_what_has_an_upper_target_alone() -> None:
    outcomes = {
        "losses: {ratio: {of: opened, to: lost}, target: {at_most: 50 %}}": "better",
        "losses-free: {ratio: {of: opened, to: lost}}": "worse",
        "wins: {ratio: {of: opened, to: won}, target: {at_most: 50 %}}": "worse",
        "soon: {time: {from: opened, to: won}, target: {at_most: 60}}": "better",
        "lasting: {time: {from: opened, to: won}, target: {at_least: 5}}": "worse",
    }
    kpis = "\n  ".join(("kpis:", *outcomes))
    text = TEXT.replace("ARMS", HALF).replace("kpis:", kpis)
    guards = [each.partition(":")[0] for each in outcomes]
    text = text.replace("steps-followed, cycle, size, money, visits", ", ".join(guards))
    book = load_whole(text.encode(), "sales.yaml")[0]
    found = tried(book, spool_of(world(book, 1, effect=0.3, deals=600)), "2026-09-30")
    assert [each.outcome for each in found.guards] == list(outcomes.values())


@pytest.mark.thorough
@pytest.mark.parametrize("arms", [HALF, TEAM])
def test_where_nothing_was_planted_it_says_so_in_95_of_100(arms: str) -> None:
    book = playbook(arms)
    outcomes = []
    for seed in range(200):
        measure = tried(
            book, spool_of(world(book, seed, effect=0.0, deals=600)), "2026-09-30"
        ).measure
        assert measure is not None
        outcomes.append(measure.outcome)
    assert 0.01 <= sum(each != "open" for each in outcomes) / 200 <= 0.1


def test_every_figure_is_what_a_plain_count_gives() -> None:
    book = playbook()
    events = list(world(book, 3, effect=0.1, deals=500))
    found = tried(book, spool_of(iter(events)), "2026-09-30")
    first = {each.deal: each.happened_at for each in reversed(events)}
    ended = {each.deal: each.name for each in events if each.name in ("won", "lost")}
    for arm, of_measure in zip(found.arms, (found.measure, found.measure), strict=True):
        own = [
            deal
            for deal, at in first.items()
            if day("2026-01-01") <= at < day("2026-07-01")
            and drawn(book.experiments[0], "sales", deal) == arm.treated
        ]
        assert arm.deals == arm.ended == len(own)
        assert of_measure is not None
        value = of_measure.treated if arm.treated else of_measure.control
        assert value.value == pytest.approx(sum(ended[deal] == "won" for deal in own) / len(own))
    # Those that try it are held to two days, and so follow fewer steps; nobody else is.
    steps = next(each for each in found.guards if each.kpi == "steps-followed")
    assert steps.outcome == "worse"
    assert {each.outcome for each in found.guards if each is not steps} <= {"open", "better"}


def test_a_time_counts_deals_that_were_followed_long_enough_alone() -> None:
    book = playbook()
    events = list(world(book, 3, effect=0.1, deals=900))
    found = tried(book, spool_of(iter(events)), "2026-07-02")
    cycle = next(each for each in found.guards if each.kpi == "cycle")
    assert cycle.within is not None
    late = day("2026-07-02") - round(cycle.within * DAY)
    begun = [each.happened_at for each in events if (each.kind, each.name) == ("field", "owner")]
    during = [at for at in begun if at >= day("2026-01-01")]
    assert cycle.control.open + cycle.treated.open == sum(at > late for at in during)
    assert cycle.control.deals + cycle.treated.deals == sum(at <= late for at in during)


def test_a_small_sample_says_so_and_names_nobody() -> None:
    book = playbook("{reps: [rep-1], against: [rep-2]}")
    spool = spool_of(world(book, 1, effect=0.3))
    found = try_experiments(book, spool, people=PEOPLE, as_of=day("2026-09-30"))
    measure = found.experiments[0].measure
    assert measure is not None
    assert (measure.outcome, measure.difference, measure.treated.value) == ("too-few", None, None)
    shown = " ".join("".join(numbers_text.render(found)).split())
    assert "Too few deals or reps to tell a difference; nobody is judged by it." in shown
    assert "rep-1" not in shown
    assert "are in neither arm" in shown


def test_arms_that_leave_nobody_to_compare_with_are_refused() -> None:
    spool = spool_of(world(playbook(), 1, effect=0.0, deals=20))
    with pytest.raises(InputError, match="every team tries the change"):
        tried(playbook("{teams: [North, South]}"), spool, "2026-09-30")
    with pytest.raises(InputError, match='names the team "West", and nobody knows it'):
        tried(playbook("{teams: [West]}"), spool, "2026-09-30")
    with pytest.raises(InputError, match="who is in which is not known"):
        survey(playbook(TEAM), spool, people=None)


# Audits and KPIs


def test_what_is_shown_of_both_arms_is_counted_once() -> None:
    file = SAMPLE / "active-sales.yaml"
    book, _ = load_whole(file.read_bytes(), str(file))
    assert book.experiments
    asked = HistoryAudit(
        playbook=book, scope=Scope(now=10**17), history=[str(SAMPLE / "history.csv")], jobs=1
    )
    whole, shown = (replace(asked, shown=shown).run() for shown in (False, True))
    assert whole.problems
    assert shown.summary == whole.summary
    assert (shown.blind_spots, shown.history) == (whole.blind_spots, whole.history)


def _whole_audit(book: Playbook, events: list[Event]) -> HistoryAudit:
    return HistoryAudit(
        playbook=book, scope=Scope(now=day("2027-01-01"), people=PEOPLE), events=events
    )


@pytest.mark.parametrize("arms", [HALF, TEAM])
def test_an_audit_is_the_sum_of_both_arms_each_by_its_version(arms: str) -> None:
    book = playbook(arms)
    events = list(world(book, 2, effect=0.0, deals=300))
    found = _whole_audit(book, events).run()
    side, experiment = Arms(book, PEOPLE), book.experiments[0]
    assert experiment.treated is not None
    owners = {each.deal: each.actor for each in events}
    begun = {each.deal: each.happened_at for each in reversed(events)}
    treated = {
        deal
        for deal, at in begun.items()
        if at >= experiment.starts and side.side(experiment, deal, owners[deal])
    }
    parts = [
        audit(version, (each for each in events if (each.deal in treated) == is_treated))
        for version, is_treated in ((book, False), (experiment.treated, True))
    ]
    assert {facts.version: facts.deals for facts in found.playbooks} == {
        "1": 300 - len(treated),
        "1+sooner": len(treated),
    }
    assert found.met == sum(each.met for each in parts)
    assert found.unmet == sum(each.unmet for each in parts)
    assert {(each.deal, each.version) for each in found.findings} == {
        (each.deal, each.version) for part in parts for each in part.findings
    }
    assert any(each.version == "1+sooner" for each in found.findings)
    counted = survey(book, spool_of(iter(events)), people=PEOPLE).gathered.samples
    steps = counted["playbook/adherence"].values()
    assert sum(each.part for each in steps) == found.met
    assert sum(each.rest for each in steps) == found.unmet


def test_other_engines_refuse_by_name() -> None:
    refused = HistoryAudit(
        playbook=playbook(), scope=Scope(now=0), history=("x.csv",), engine="duckdb"
    )
    with pytest.raises(InputError, match="duckdb cannot judge by this playbook: experiments run"):
        refused.run()
    assert "SQL cannot say active-sales" in str(
        run("compile", "active-sales.yaml", "--dialect", "duckdb").exception
    )


# The command


def run(*arguments: str, exit_code: int | None = None) -> Result:
    words = [str(SAMPLE / each) if each.endswith((".yaml", ".csv")) else each for each in arguments]
    found = CliRunner().invoke(playgate, words)
    assert exit_code is None or found.exit_code == exit_code, found.output
    return found


@pytest.mark.parametrize("as_of", ["2026-04-30", "2026-06-30", "2026-09-30"])
def test_json_follows_its_schema_and_csv_has_a_row_for_each_number(as_of: str) -> None:
    files = ("experiment", "active-sales.yaml", "history.csv", "--as-of", as_of)
    told = json.loads(run(*files, "--format", "json", exit_code=0).output)
    Draft202012Validator(load_schema("numbers")).validate(told)
    one = told["experiments"][0]
    rows = list(csv.DictReader(StringIO(run(*files, "--format", "csv", exit_code=0).output)))
    roles = ["plan", *["measure"] * (one["measure"] is not None), *["guard"] * len(one["guards"])]
    assert [row["role"] for row in rows] == roles
    assert "| Arm |" in run(*files, "--format", "markdown", exit_code=0).output


def test_what_is_not_there_is_told() -> None:
    files = ("experiment", "active-sales.yaml", "history.csv")
    assert 'no experiment "sooner"' in str(run(*files, "--name", "sooner").exception)
    bank = str(SAMPLE.parent / "bank-sales" / "bank-sales.yaml")
    found = CliRunner().invoke(playgate, ["experiment", bank, str(SAMPLE / "history.csv")])
    assert "declares no experiment" in str(found.exception)
    assert "--keep keeps it in a ledger" in str(run(*files, "--keep").exception)


def test_plan_replays_each_deal_by_its_arm_or_all_by_the_change() -> None:
    files = ("active-sales.yaml", "active-sales.yaml", "history.csv", "--people", "people.csv")
    same = json.loads(run("plan", *files, "--format", "json", exit_code=0).output)
    registry: Registry[Any] = Registry().with_resources(
        (f"https://playgate.invalid/schemas/{name}.schema.json", Resource.from_contents(schema))
        for name in ("diff", "plan")
        for schema in [load_schema(name)]
    )
    Draft202012Validator(load_schema("plan"), registry=registry).validate(same)
    assert same["deals"] == []
    assert {each["version"] for each in same["arms"]} == {"1", "1+repeat-sooner"}
    assert sum(each["deals"] for each in same["arms"]) == same["history"]["deals"]
    changed = json.loads(
        run("plan", *files, "--arm", "repeat-sooner", "--format", "json", exit_code=0).output
    )
    assert [each["id"] for each in changed["rules"]] == ["sequence/repeat-soon"]
    assert changed["new"]["version"] == "1+repeat-sooner"
    assert changed["arms"] == []


def test_an_experiment_is_told_by_show() -> None:
    told = json.loads(run("show", "active-sales.yaml", "--format", "json", exit_code=0).output)
    said = {each["what"]: each["says"] for each in told["numbers"]}
    assert said["experiment repeat-sooner"].startswith(
        "sequence/repeat-soon with within: 4 business days, for 50% of the deals that begin from"
    )


def test_lint_knows_the_kpis_of_a_playbook_that_declares_none() -> None:
    book = load_whole(TEXT.replace("ARMS", HALF).encode(), "sales.yaml")[0]
    assert tuple(kpi.id for kpi in usual_kpis(book)) == USUAL
