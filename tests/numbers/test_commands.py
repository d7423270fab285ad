"""The commands of the numbers, as their users run them."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.group import playgate
from playgate.documents.schema import load_schema
from playgate.errors import InputError
from playgate.report import numbers_csv, numbers_json, numbers_text
from support.counting import SHIPPED, result

COMMANDS = ("kpi", "target", "segments", "alarms", "coach", "quality")
BANK = SHIPPED / "bank-sales"
FILES = (
    str(BANK / "bank-sales.yaml"),
    str(BANK / "history.csv"),
    "--people",
    str(BANK / "people.csv"),
)


def run(*arguments: str) -> Result:
    """The command, run in this process."""
    return CliRunner().invoke(playgate, arguments, standalone_mode=False)


def wrong(*arguments: str) -> InputError:
    """What stops a command."""
    found = run(*arguments).exception
    assert isinstance(found, InputError), found
    return found


@pytest.mark.parametrize(
    "name",
    [
        "bank-sales",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("active-sales", "loan-application")
        ),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_json_fits_its_schema(command: str, name: str) -> None:
    if (command, name) == ("target", "loan-application"):
        pytest.skip("it has no goal")
    data = json.loads(
        "".join(numbers_json.render(result(name, command))), parse_constant=pytest.fail
    )
    schema = load_schema("numbers")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data)
    assert (data["kind"], data["version"]) == (command, 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_csv_has_a_row_for_each_line(command: str) -> None:
    found: Any = result("saas" if command == "alarms" else "bank-sales", command)
    rows = list(csv.DictReader(StringIO("".join(numbers_csv.render(found)), newline="")))
    assert all(None not in row and None not in row.values() for row in rows)
    wanted: dict[str, Any] = {
        "kpi": lambda: sum(len(table.lines) for table in found.kpis),
        "target": lambda: len(found.goals),
        "segments": lambda: sum(
            1 + len(line.reps)
            for line in (
                *found.segments,
                *found.profiles,
                *(product.business for product in found.products),
            )
        ),
        "alarms": lambda: len(found.alarms),
        "coach": lambda: sum(max(1, len(page.skipped)) for page in found.reps),
        "quality": lambda: sum(1 + len(line.rules) for line in found.lines),
    }
    assert len(rows) == wanted[command]() > 0


def test_csv_has_the_numbers_of_json() -> None:
    found = result("bank-sales", "kpi")
    rows = csv.DictReader(StringIO("".join(numbers_csv.render(found)), newline=""))
    lines = [
        line
        for table in json.loads("".join(numbers_json.render(found)))["kpis"]
        for line in table["lines"]
    ]
    parts = ("value", "low", "high", "count", "part", "open", "lower", "upper")
    shown = [[row[part] for part in parts] for row in rows]
    assert shown == [
        ["" if (value := line["figure"][part]) is None else str(value) for part in parts]
        for line in lines
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_people_read_no_more_than_a_screen_is_wide(command: str) -> None:
    found = result("bank-sales", command)
    for width in (80, 100):
        text = "".join(numbers_text.render(found, width=width))
        assert max(map(len, text.splitlines())) <= width
        assert "270 deals with" in text
        assert not re.search(r"\b(None|nan|inf)\b", text)
    markdown = "".join(numbers_text.render_markdown(found))
    assert "270 deals with" in markdown
    assert not re.search(r"\b(None|nan|inf)\b", markdown)


def test_only_some_are_shown() -> None:
    lines = list(
        csv.DictReader(
            run("kpi", *FILES, "--format", "csv", "--rep", "Aline Morel").output.splitlines()
        )
    )
    assert {(line["scope"], line["id"]) for line in lines} == {
        ("company", ""),
        ("team", "Lyon"),
        ("rep", "a.morel"),
    }
    pages = json.loads(run("coach", *FILES, "--format", "json", "--team", "Lille").output)["reps"]
    assert {page["team"] for page in pages} == {"Lille"}


def test_what_a_rep_shows_does_not_hang_on_who_is_asked_for() -> None:
    whole = json.loads("".join(numbers_json.render(result("bank-sales", "kpi"))))
    alone = json.loads(run("kpi", *FILES, "--format", "json", "--rep", "a.morel").output)
    for table, narrowed in zip(whole["kpis"], alone["kpis"], strict=True):
        assert [line for line in table["lines"] if line["id"] == "a.morel"] == [
            line for line in narrowed["lines"] if line["scope"] == "rep"
        ]
        assert table["groups"] == narrowed["groups"]


def test_a_ledger_gives_the_numbers_of_its_files(tmp_path: Path) -> None:
    db, table = str(tmp_path / "deals.db"), str(tmp_path / "people.csv")
    Path(table).write_bytes((BANK / "people.csv").read_bytes())
    assert run("people", table, "--db", db).exception is None
    imported = run("import", FILES[1], "--db", db, "--playbook", FILES[0])
    assert imported.exception is None, imported.output
    files = json.loads("".join(numbers_json.render(result("bank-sales", "kpi"))))
    ledger = json.loads(run("kpi", "--db", db, "--format", "json").output)
    for each in (files, ledger):
        each["basis"].pop("file")
        each["basis"].pop("problems")
    assert ledger == files


def test_alarms_have_a_status() -> None:
    assert {alarm.level for alarm in result("saas", "alarms").alarms} == {"watch"}
    saas = SHIPPED / "saas"
    watched = *(str(saas / name) for name in ("saas.yaml", "history.csv")), "--people"
    watched = *watched, str(saas / "people.csv")
    assert run("alarms", *watched).return_value == CLEAN
    assert run("alarms", *watched, "--fail-on", "watch").return_value == FINDINGS
    assert run("alarms", *watched, "--fail-on", "never").return_value == CLEAN
    # Two weeks after the sample's last event.
    assert run("alarms", *FILES, "--as-of", "2026-10-23").return_value == FINDINGS


def test_sessions_are_read(tmp_path: Path) -> None:
    met = tmp_path / "met.csv"
    met.write_text("actor,date\na.morel,2026-09-01\na.morel,2026-05-01\nb.haddad,2027-01-01\n")
    data = json.loads(run("coach", *FILES, "--format", "json", "--sessions", str(met)).output)
    seen = {page["id"]: page["last_seen"] for page in data["reps"]}
    assert seen["a.morel"] == "2026-08-31T22:00:00Z"
    assert seen["b.haddad"] is None
    met.write_text("actor,date\na.morell,2026-09-01\n")
    found = wrong("coach", *FILES, "--sessions", str(met))
    assert (found.message, found.hint) == (
        f'{met}:2: there is no rep "a.morell"',
        'did you mean "a.morel"?',
    )
    met.write_text("actor,date\na.morel,soon\n")
    assert "is no date" in wrong("coach", *FILES, "--sessions", str(met)).message
    met.write_text("rep,date\na.morel,soon\n")
    assert 'no column "actor"' in wrong("coach", *FILES, "--sessions", str(met)).message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kpi", *FILES, "--period", "2026-Q5"), '"2026-Q5" is no period'),
        (("kpi", *FILES, "--period", "2026-02-30..2026-03-01"), "is no period"),
        (("kpi", *FILES, "--period", "last 99999 weeks"), ""),
        (("kpi", *FILES, "--as-of", "soon"), '--as-of: "soon" is no date'),
        (("kpi", *FILES, "--rep", "a.morell"), 'there is no rep "a.morell"'),
        (("kpi", *FILES, "--team", "Lion"), 'there is no team "Lion"'),
        (("kpi", FILES[0]), "the numbers need a playbook and a history"),
        (("kpi", *FILES, "--db", "x.db"), "the numbers need a playbook and a history"),
        (("kpi", *FILES, "--strict"), "--strict lets none pass"),
        (("target", *FILES, "--what-if", "closing-ratio"), "is not INPUT=VALUE"),
        (("target", *FILES, "--what-if", "closing-ratio=nan"), "is not INPUT=VALUE"),
        (("target", *FILES, "--what-if", "closing-ratio=1.7"), "cannot be"),
        (("target", *FILES, "--what-if", "goal=-100%"), "cannot be"),
        (("target", *FILES, "--what-if", "closng-ratio=70%"), "does not rest on"),
    ],
)
def test_wrong_input_is_said(arguments: tuple[str, ...], said: str) -> None:
    found = run(*arguments).exception
    if not said:
        assert found is None
        return
    assert isinstance(found, InputError)
    assert said in found.message


def test_what_is_switched_off_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    off = tmp_path / "off.yaml"
    text = (BANK / "bank-sales.yaml").read_text(encoding="utf-8")
    off.write_text(f"{text.partition('quality:')[0]}\nquality: false\n", encoding="utf-8")
    error = wrong("quality", str(off), "no-such-file.csv")
    assert (error.message, error.code) == ("bank-sales switches quality off", "nothing-to-judge")
    assert run("coach", str(off), FILES[1]).exception is None


@pytest.mark.parametrize("command", ["target", "segments"])
def test_what_is_not_declared_is_said_before_anything_is_read(command: str, tmp_path: Path) -> None:
    playbook, history = tmp_path / "bare.yaml", tmp_path / "history.csv"
    stages = "[{stage: a}, {stage: b, ends: won}, {stage: c, ends: lost}]"
    playbook.write_text(f"playbook: bare\nversion: 1\nstages: {stages}\n")
    history.write_text("no history\n")
    assert "bare declares no" in wrong(command, str(playbook), str(history)).message


def test_nothing_happened(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("deal,happened_at,kind,name,value,actor\n")
    assert "no events" in wrong("kpi", FILES[0], str(empty)).message
    for command in COMMANDS:
        found = run(command, *FILES, "--as-of", "2001-01-01", "--format", "json")
        assert found.exception is None
        assert json.loads(found.output)["basis"]["deals"] == 0


def test_the_ends_of_the_calendar_are_said(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    head = "deal,happened_at,kind,name,value,actor\n"
    begun = "A,1900-01-01T00:00:00Z,stage,approach,,a.morel\n"
    history.write_text(f"{head}{begun}A,2199-12-31T23:59:59Z,stage,lost,,a.morel\n")
    for command in COMMANDS:
        error = wrong(command, FILES[0], str(history), "--as-of", "9998-12-31")
        assert "lies outside the years 1900 to 2200" in error.message
        found = run(command, FILES[0], str(history), "--as-of", "2026-03-31", "--format", "json")
        assert found.exception is None
        assert run(command, FILES[0], str(history), "--as-of", "2026-03-31").exception is None


def test_names_cannot_harm(tmp_path: Path) -> None:
    hostile = "=cmd|' /C calc'!A0\x1b[31m<script>|`*"
    history, people = tmp_path / "history.csv", tmp_path / "people.csv"
    with people.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [("actor", "name", "role", "team"), (hostile, hostile, "rep", hostile)]
        )
    rows = [("deal", "happened_at", "kind", "name", "value", "actor")]
    rows += [
        (f"{hostile}{deal}", f"2026-03-{deal + 1:02}", "stage", "approach", "", hostile)
        for deal in range(20)
    ]
    with history.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    for command in COMMANDS:
        for form in ("text", "markdown", "csv"):
            found = run(command, FILES[0], str(history), "--people", str(people), "--format", form)
            assert found.exception is None
            assert "\x1b" not in found.output
            if form == "csv":
                cells = [cell for row in csv.reader(found.output.splitlines()) for cell in row]
                assert not [cell for cell in cells if cell.startswith("=")]
            if form == "markdown":
                assert "<script>" not in found.output.replace("`", "")


def test_nothing_of_it_weighs_on_other_commands() -> None:
    code = (
        "import sys\n"
        "from playgate.playbook.load import load_playbook\n"
        "import playgate.cli.audit, playgate.cli.lint, playgate.cli.kpi, playgate.enforce.live\n"
        "assert not {'scipy', 'numpy', 'playgate.numbers.statistics'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    live = "import sys, playgate.cli.quick, playgate.enforce.live, playgate.playbook.build\n"
    live += "assert not {'playgate.model.numbers', 'playgate.numbers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", live], check=True)


def test_amounts_that_no_sum_can_bear_count_as_none(tmp_path: Path) -> None:
    """The largest and the smallest numbers that a field holds, and control characters in notes."""
    playbook, history = tmp_path / "sales.yaml", tmp_path / "history.csv"
    playbook.write_text("""\
playbook: sales
version: 1
fields: {amount: {type: number}}
stages: [{stage: approach}, {stage: won, ends: won}, {stage: lost, ends: lost}]
kpis:
  closing: {ratio: {of: {reached: approach}, to: won}}
  revenue: {mean: {field: amount, at: won}}
  money: {sum: {field: amount, at: won}}
  new: {count: {reached: approach}, which: first}
targets:
  goal: 100
  per: year
  revenue: revenue
  ratios: [closing]
  opportunities: new
  reps: {"\\e[31mevil": 20}
segments: {large: {when: {field: amount, at_least: 5}}}
""")
    rows = ["deal,happened_at,kind,name,value,actor"]
    for deal, amount in enumerate(["1e308", "-1.7e308", "5e-324", "12"]):
        told = (("stage", "approach", ""), ("field", "amount", amount), ("stage", "won", ""))
        rows += [
            f"{deal},2026-01-{place:02},{kind},{name},{value},ann"
            for place, (kind, name, value) in enumerate(told, 5)
        ]
    history.write_text("\n".join(rows))
    files = str(playbook), str(history)
    for command in COMMANDS:
        found = run(command, *files, "--format", "json")
        assert found.exception is None
        json.loads(found.output, parse_constant=pytest.fail)
        shown = run(command, *files)
        assert shown.exception is None
        assert "\x1b" not in shown.output
    tables = {
        table["id"]: table
        for table in json.loads(run("kpi", *files, "--format", "json").output)["kpis"]
    }
    assert tables["money"]["lines"][0]["figure"] | {"low": 0, "high": 0} == {
        "comes": None,
        "comes_low": None,
        "comes_high": None,
        "value": 12,
        "low": 0,
        "high": 0,
        "count": 2,
        "part": 0,
        "open": 2,
        "lower": None,
        "upper": None,
    }
    assert "\\x1b[31mevil, who is no rep here" in run("target", *files).output
    for said in ("goal=1e-320", "revenue=1e-310", "goal=1e16"):
        assert "is not INPUT=VALUE" in wrong("target", *files, "--what-if", said).message


@pytest.mark.parametrize(
    "arguments",
    [
        ("kpi",),
        ("forecast",),
        ("practices",),
        ("pay",),
        ("digest", "--since", "2026-01-01"),
        pytest.param(("report", "-o", "report.html"), marks=pytest.mark.thorough),
    ],
    ids=lambda arguments: arguments[0],
)
def test_strict_hears_of_values_that_cannot_be_used(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [
        "deal,happened_at,kind,name,value,actor",
        "D-1,2026-02-02,field,owner,a.morel,a.morel",
        "D-1,2026-02-02,field,deal_type,new-client,a.morel",
        "D-1,2026-02-02,stage,approach,,a.morel",
        "D-1,2026-02-03,field,amount,much,a.morel",
    ]
    Path("history.csv").write_text("\n".join(lines), encoding="utf-8")
    found = wrong(arguments[0], FILES[0], "history.csv", *arguments[1:], "--strict")
    assert found.message == "1 problem with the data, and --strict lets none pass"
    assert not Path("report.html").exists()
