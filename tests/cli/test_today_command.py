"""`playgate today` over the samples: each form, who sees what, and what is wrong input."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from playgate.cli.group import playgate
from playgate.errors import InputError
from playgate.numbers.today import today
from playgate.numbers.today_result import Today
from support.counting import SHIPPED, sample, sample_people, sample_spool, sample_work

SCHEMAS = Path(__file__).parents[2] / "schemas"
BANK, ACTIVE = SHIPPED / "bank-sales", SHIPPED / "active-sales"
REPS = ("b.haddad", "d.okafor", "f.tessier")


def validator(name: str) -> Draft202012Validator:
    files = [json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.schema.json")]
    known: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in files if "$id" in each]
    )
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema, registry=known)


PLAYBOOK = """
playbook: small
version: 1
roles: {rep: {tasks: [Sells.], kpis: {calls: {at_least: 2, per: week}}}}
activities: {call: {}}
stages:
  - {stage: lead, activities: [{do: call, ask: What did they say?}], time_limit: 9 days}
  - {stage: offer}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis: {calls: {count: {activity: call}}}
coaching: {roles: [rep], questions: [What went well?, What did not?]}
onboarding: {weeks: 4, activities: [{id: crm, title: The CRM, week: 1}]}
"""
HISTORY = """deal,happened_at,kind,name,value,actor
A,2026-03-02T09:00:00Z,stage,lead,,ann
B,2026-03-03T09:00:00Z,stage,lead,,ann
B,2026-03-04T09:00:00Z,stage,offer,,ann
C,2026-03-03T09:00:00Z,stage,lead,,bob
C,2026-03-05T09:00:00Z,stage,offer,,bob
"""
PEOPLE = """actor,name,role,team,manager,started
ann,Ann Abel,rep,North,mia,2026-03-02
bob,Bob Berg,rep,North,mia,
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A history of three deals: one waits for its call, two went on without."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in (("small.yaml", PLAYBOOK), ("history.csv", HISTORY), ("people.csv", PEOPLE)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *words: str, command: str = "today") -> Result:
    files = (str(folder / f"{folder.name}.yaml"), str(folder / "history.csv"))
    people = ("--people", str(folder / "people.csv"))
    return CliRunner().invoke(playgate, [command, *files, *people, *words], standalone_mode=False)


@cache
def day_of(actor: str) -> Today:
    with sample_spool("bank-sales") as spool:
        return today(sample("bank-sales"), spool, actor, people=sample_people("bank-sales"))


@pytest.mark.parametrize("rep", REPS)
def test_the_deals_of_the_day_are_those_with_work_to_do(rep: str) -> None:
    found, work = day_of(rep), sample_work("bank-sales")
    missed = [each for each in found.deals if each.level != "due"]
    stake = work.stakes.get(rep)
    assert len(missed) == (stake.to_do if stake else 0)
    of = {each.deal: each for each in work.dossiers}
    for each in found.deals:
        dossier = of[each.deal]
        assert (dossier.owner, dossier.is_open) == (rep, True)
        rules = {told.finding.rule.id for told in (*dossier.findings, *dossier.refusals)}
        if each.level != "due":
            assert each.rule in rules
        else:
            assert each.due_at == dossier.ahead[0].due_at


def test_the_question_changes_from_day_to_day_and_is_one_of_the_playbook(small: Path) -> None:
    asked = []
    for day in ("2026-03-05", "2026-03-06", "2026-03-07", "2026-03-08"):
        found = run(small, "--rep", "ann", "--as-of", day, "--format", "json")
        asked.append(json.loads(found.output)["question"])
    assert set(asked) == {"What did they say?", "What went well?", "What did not?"}
    assert asked[0] == asked[3]


def test_the_day_is_what_the_history_says(small: Path) -> None:
    found = json.loads(run(small, "--rep", "Ann Abel", "--format", "json").output)
    validator("numbers").validate(found)
    assert [(each["deal"], each["level"], each["due_at"]) for each in found["deals"]] == [
        ("B", "block", "2026-03-04T09:00:00Z"),
        ("A", "due", "2026-03-11T09:00:00Z"),
    ]
    (goal,) = found["work"][0]["goals"]
    assert (goal["asked"], goal["done"], goal["to_go"]) == (0.5, 0, 1)
    assert found["hire"]["steps"][0]["state"] == "unknown"
    assert (found["day"], found["calls"]) == ("2026-03-05", None)


def test_who_is_no_rep_sees_what_only_their_role_can_do() -> None:
    found = run(BANK, "--rep", "Nora Weber", "--as-of", "2026-07-07", "--format", "json")
    data = json.loads(found.output)
    assert data["deals"]
    assert all("specialist" in each["what"] for each in data["deals"])
    assert [each["role"] for each in data["work"]] == ["specialist"]
    assert data["week"] == []


def test_leads_are_called_where_a_plan_stands_beside_the_playbook() -> None:
    words = ("--prospects", str(ACTIVE / "prospects.csv"), "--clients", str(ACTIVE / "clients.csv"))
    found = json.loads(run(ACTIVE, "--rep", "r04", *words, "--format", "json").output)
    validator("numbers").validate(found)
    calls = found["calls"]
    assert (calls["at_least"], calls["done"], calls["left"]) == (25, 0, 25)
    assert calls["first"]


def test_the_plan_of_another_playbook_is_none_of_this_one(small: Path) -> None:
    (small / "other.leads.yaml").write_text("leads: other\n", encoding="utf-8")
    found = run(small, "--rep", "ann", "--format", "json")
    assert found.exception is None
    assert json.loads(found.output)["calls"] is None


@pytest.mark.parametrize("form", ["text", "markdown", "html", "csv"])
def test_each_form_names_the_deals(small: Path, form: str) -> None:
    found = run(small, "--rep", "ann", "--format", form)
    assert found.exception is None
    assert all(word in found.output for word in ("A", "B", "call"))
    if form == "html":
        assert "<script" not in found.output
        assert found.output.startswith("<!DOCTYPE html>")
    if form != "csv":
        assert "To think about" in found.output


def test_names_are_shown_and_never_run(small: Path) -> None:
    people = (small / "people.csv").read_text("utf-8").replace("Ann Abel", "<script>x</script>")
    (small / "people.csv").write_text(people, encoding="utf-8")
    assert "<script" not in run(small, "--rep", "ann", "--format", "html").output


def test_it_speaks_french(small: Path) -> None:
    assert "Question du jour" in run(small, "--rep", "ann", "--lang", "fr").output


def test_the_digest_of_a_rep_ends_with_the_day(small: Path) -> None:
    since = ("--since", "2026-03-02")
    found = run(small, *since, "--for", "rep=ann", "--format", "json", command="digest")
    data = json.loads(found.output)
    validator("digest").validate(data)
    assert [each["deal"] for each in data["today"]["deals"]] == ["B", "A"]
    everyone = run(small, *since, "--format", "json", command="digest")
    assert "today" not in json.loads(everyone.output)
    html = run(small, *since, "--for", "rep=ann", "--format", "html", command="digest")
    assert "To think about" in html.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rep", "nobody"), "there is no rep"),
        (("--rep", "ann", "--clients", "x.csv"), "--clients goes with --prospects"),
        (("--rep", "ann", "--prospects", "x.csv"), "no leads beside it"),
    ],
)
def test_wrong_input_is_said(small: Path, words: tuple[str, ...], message: str) -> None:
    found = run(small, *words)
    assert isinstance(found.exception, InputError)
    assert message in str(found.exception)


def test_lessons_that_are_wrong_are_said(small: Path) -> None:
    met = small / "met.csv"
    for row, message in (
        ("ann,2026-01-15,crn", 'there is no lesson "crn"'),
        ("ann,soon,crm", '"soon" is no date'),
        ("nobody,2026-01-15,crm", 'there is no rep "nobody"'),
    ):
        met.write_text(f"actor,date,what\n{row}\n", encoding="utf-8")
        found = run(small, "--rep", "ann", "--sessions", str(met))
        assert isinstance(found.exception, InputError)
        assert message in str(found.exception)
