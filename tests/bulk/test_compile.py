"""The audit as SQL: what the script leaves behind is what the judge says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

import duckdb
import pyarrow as pa
import sqlglot
from elsewhere import expressible
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from playgate.audit.result import AuditResult
from playgate.audit.run import audit
from playgate.bulk.judging.waivers import matcher
from playgate.bulk.reading.event_table import _SCHEMA, EVENT
from playgate.bulk.sql.compiled_audit import (
    DIALECTS,
    RESULTS,
    CompiledAudit,
    HistorySource,
    compile_audit,
    compile_events,
)
from playgate.bulk.sql.dbt import AS_OF, SOURCE, files
from playgate.bulk.sql.script import Script
from playgate.bulk.sql.statements import full_name, render, statements, table_of
from playgate.bulk.sql.words import ABOUT
from playgate.conditions.instants import show_instant
from playgate.documents.yaml12 import parse
from playgate.history.event import Event
from playgate.history.own_table import COLUMNS
from playgate.history.people import read_people
from playgate.history.read import read_history
from playgate.playbook.load import load_playbook
from playgate.rules.list import glob_matches
from support.bulk import sayable
from support.engines import ask
from support.parity import Example, as_case, drawn, load
from support.thorough import but_first

SAMPLES = Path(__file__).parents[2] / "playbooks"
FINDING = "deal, rule, level, actor, due_at, from_stage, to_stage, cause, state, message"
COUNT = "rule, level, met, unmet, waived, not_applicable"
ENDS = [{"stage": "b", "ends": "won"}, {"stage": "c", "ends": "lost"}]
TEXTS = dict.fromkeys(COLUMNS, "text")


def said(result: AuditResult) -> tuple[list[Any], list[Any]]:
    """The rows that the tables should have."""
    findings = [
        (
            each.deal,
            each.rule.id,
            each.rule.level,
            each.actor,
            show_instant(each.due_at),
            each.from_stage,
            each.to_stage,
            each.cause,
            each.state,
            each.rule.title,
        )
        for each in result.findings
    ]
    counts = [
        (each.rule.id, each.rule.level, each.met, each.unmet, each.waived, each.not_applicable)
        for each in result.rules
    ]
    return sorted(findings, key=repr), sorted(counts)


def left(connection: Any, prefix: str = "p") -> tuple[list[Any], list[Any]]:
    """The rows that they have."""
    findings = connection.execute(f"SELECT {FINDING} FROM {prefix}_findings").fetchall()  # noqa: S608
    counts = connection.execute(f"SELECT {COUNT} FROM {prefix}_counts").fetchall()  # noqa: S608
    return sorted(findings, key=repr), sorted(counts)


def of_events(example: Example, dialect: str = "duckdb") -> CompiledAudit:
    """The audit of a table `history` that holds events as the engine has them."""
    script = Script(DIALECTS[dialect])
    setting = compile_events(
        example.playbook,
        script,
        script.named("history", _SCHEMA),
        people=example.team,
        as_of=example.as_of,
        starts=True,
    )
    return CompiledAudit(script, setting)


def holding(events: Sequence[Event]) -> Any:
    """A connection with the events in a table `history`."""
    columns = {
        name: pa.array(
            [(*event, 0)[place] for event in events],
            pa.int64() if _SCHEMA[name] == "int64" else pa.string(),
        )
        for place, name in enumerate(EVENT)
    }
    connection = duckdb.connect()
    connection.register("given_events", pa.table(columns))
    connection.execute("CREATE TABLE history AS FROM given_events")
    return connection


def run(connection: Any, compiled: CompiledAudit, prefix: str = "p") -> None:
    for _, statement in statements(compiled, "duckdb", prefix=prefix):
        connection.execute(statement)


@pytest.mark.thorough
def test_a_script_runs_again_on_the_same_connection() -> None:
    book = {"playbook": "p", "version": 1, "stages": [{"stage": "a"}, *ENDS]}
    connection, compiled = holding([]), of_events(Example(book, []))
    for _ in range(2):
        run(connection, compiled)
        assert [row[2:] for row in left(connection)[1]] == [(0, 0, 0, 0)] * 3


# --- It finds what the judge finds ---------------------------------------------------------------


def check(seed: int) -> None:
    example = sayable(drawn(seed))
    connection = holding(example.events)
    compiled = of_events(example)
    assert {note.name for note in compiled.script.notes} <= ABOUT.keys()
    run(connection, compiled)
    assert left(connection) == said(example.audit()), as_case(example)


def test_names_of_steps_fit_behind_the_longest_prefix() -> None:
    assert max(len(full_name(step, "p" * 40)) for step in ABOUT) <= 63  # as PostgreSQL cuts them


@pytest.mark.parametrize("seed", range(1))
def test_of_generated_playbooks(seed: int) -> None:
    check(seed)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(1, 13))
def test_of_more_generated_playbooks(seed: int) -> None:
    check(seed)


def in_order_of_a_table(events: Sequence[Event]) -> list[Event]:
    """The events as a table has them, whose rows have no places."""
    ordered = sorted(events, key=lambda each: (each.deal, each[1:9]))
    return [event._replace(source=0, line=line) for line, event in enumerate(ordered)]


def sample(name: str, as_of: int | None = None) -> tuple[CompiledAudit, AuditResult, str]:
    """The script of a sample's audit, what the judge says, and the history's file."""
    folder = SAMPLES / name
    file = str(folder / "history.csv")
    playbook = load_playbook(folder / f"{name}.yaml")
    people = read_people(str(folder / "people.csv"), pytest.fail)
    events = in_order_of_a_table(list(read_history([file], report=pytest.fail)))
    source = HistorySource("history", table_of("history", "duckdb"), TEXTS)
    compiled = compile_audit(playbook, source, "duckdb", people=people, as_of=as_of)
    return compiled, audit(playbook, events, people=people, as_of=as_of), file


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    ["bank-sales", pytest.param("active-sales", marks=pytest.mark.thorough), "loan-application"],
)
def test_of_the_samples(name: str) -> None:
    compiled, judged, file = sample(name)
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE history AS FROM read_csv('{file}', all_varchar = true)")
    run(connection, compiled)
    assert judged.findings
    assert left(connection) == said(judged)
    assert connection.execute("SELECT count(*) FROM p_unread").fetchone() == (0,)
    assert judged.as_of is not None
    as_of = connection.execute("SELECT DISTINCT as_of FROM p_counts").fetchall()
    assert as_of == [(show_instant(judged.as_of),)]


@pytest.mark.thorough
def test_the_next_day_needs_no_other_script() -> None:
    example = sayable(drawn(0))
    compiled = of_events(Example(example.book, [], example.people))
    for events in ([each for each in example.events if each.deal != "d1"], []):
        connection = holding(events)
        run(connection, compiled)
        assert left(connection) == said(Example(example.book, events, example.people).audit())


@pytest.mark.parametrize("zone", but_first(1, ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"]))
def test_the_future_counts_for_nothing(zone: str) -> None:
    """Whatever zone the session shows instants in: what lies within the hour is ahead, too."""
    playbook = load({"playbook": "p", "version": 1, "stages": [{"stage": "a"}, *ENDS]})
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{zone}'")
    connection.execute(
        "CREATE TABLE crm AS SELECT * FROM (VALUES"
        " ('D', CAST(now() - INTERVAL 2 HOUR AS TIMESTAMPTZ), 'stage', 'a'),"
        " ('D', now() - INTERVAL 1 HOUR, 'stage', 'b'),"
        " ('D', now() + INTERVAL 20 MINUTE, 'stage', 'c'),"
        " ('D', TIMESTAMPTZ '2162-01-01 10:00:00Z', 'stage', 'a')"
        ") AS _ (deal, happened_at, kind, name)"
    )
    types = {"deal": "text", "happened_at": "timestamptz", "kind": "text", "name": "text"}
    source = HistorySource("crm", table_of("main.crm", "duckdb"), types)
    run(connection, compile_audit(playbook, source, "duckdb", people=None, as_of=None))
    found = connection.execute(
        "SELECT CAST(as_of AS TIMESTAMPTZ) = happened_at FROM p_counts, crm"
        " WHERE rule = 'a/entered' AND name = 'b'"
    ).fetchone()
    assert found == (True,)
    found = connection.execute("SELECT met FROM p_counts WHERE rule = 'order/reopened'").fetchone()
    assert found == (1,)  # at the move into b; the deal is not opened again


@pytest.mark.thorough
def test_rows_that_cannot_be_read_are_shown() -> None:
    playbook = load({"playbook": "p", "version": 1, "stages": [{"stage": "a"}, *ENDS]})
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE crm AS SELECT * FROM (VALUES"
        " ('D', TIMESTAMP '2026-01-01 10:00:00', 'stage', 'a'),"
        " ('D', TIMESTAMP '2026-01-02 10:00:00', 'stage', 'b'),"
        " ('D', NULL, 'stage', 'a'),"
        " ('D', TIMESTAMP '2026-01-02 10:00:00', 'what', 'a')"
        ") AS _ (deal, happened_at, kind, name)"
    )
    types = {"deal": "text", "happened_at": "timestamp", "kind": "text", "name": "text"}
    source = HistorySource("crm", table_of("main.crm", "duckdb"), types)
    run(connection, compile_audit(playbook, source, "duckdb", people=None, as_of=None))
    found = connection.execute("SELECT happened_at, kind FROM p_unread ORDER BY kind").fetchall()
    assert found == [("", "stage"), ("2026-01-02T10:00:00Z", "what")]
    met = connection.execute("SELECT met FROM p_counts WHERE rule = 'a/entered'").fetchone()
    assert met == (1,)


# --- Waivers name rules by globs -----------------------------------------------------------------

PIECES = st.sampled_from(["*", "a", "A", "/", "_", "%", "\\", "?", "[", "]", " ", "\t", "!", "é"])
GLOBS = st.lists(PIECES, min_size=1, max_size=6).map("".join)
IDS = GLOBS.map(lambda text: re.sub(r"[\s*]", "b", text))


@pytest.mark.thorough
@settings(max_examples=10)
@given(globs=st.lists(GLOBS, min_size=1, max_size=12), rules=st.lists(IDS, min_size=1, max_size=5))
@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_globs_mean_what_they_mean_to_the_judge(
    engine: str, globs: list[str], rules: list[str]
) -> None:
    pattern, matches = matcher(engine)
    globs = [*globs, *rules, "*"]
    found = ask(
        {"glob": ("string", globs)},
        lambda table, _: {
            f"g{place}": matches(pattern(table.glob), rule) for place, rule in enumerate(rules)
        },
        engine=engine,
    )
    for place, rule in enumerate(rules):
        assert found[f"g{place}"] == [glob_matches(glob, rule) for glob in globs], rule


# --- Every dialect -------------------------------------------------------------------------------

HOSTILE = {
    "playbook": "p",
    "version": 1,
    "title": "it's {{ 1 }} -- \u2028 DROP TABLE x; */ {% x %}",
    "fields": {"note": {"type": "text"}},
    "stages": [
        {
            "stage": "a",
            "exit": [{"id": "it's_{{x}}", "field": "note", "equals": "{# no #} 'x' \\ \t"}],
        },
        *ENDS,
    ],
}


def created(statement: Any) -> str | None:
    is_table = isinstance(statement, exp.Create) and statement.kind in ("TABLE", "VIEW")
    return str(statement.find(exp.Table).name) if is_table else None


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_is_sql_that_reads_what_is_there(dialect: str) -> None:
    example = expressible(DIALECTS[dialect], 1)
    source = HistorySource("history", table_of("crm.history", dialect), TEXTS)
    compiled = compile_audit(
        example.playbook, source, dialect, people=example.team, as_of=example.as_of
    )
    names = {"HISTORY" if dialect == "snowflake" else "history"}
    for _, text in statements(compiled, dialect, prefix="p"):
        assert text.isprintable() or "\n" in text
        [parsed] = sqlglot.parse(text, dialect=compiled.script.dialect)
        assert not isinstance(parsed, exp.Command), text
        name = created(parsed)
        if name is not None:
            ctes = {each.alias for each in parsed.find_all(exp.CTE)}
            read = {each.name for each in parsed.find_all(exp.Table)} - ctes - {name}
            assert read <= names, text
            names.add(name)
    assert names >= {full_name(each, "p") for each in RESULTS}


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", DIALECTS)
def test_texts_of_the_playbook_stay_texts(dialect: str) -> None:
    source = HistorySource("history", table_of("history", dialect), TEXTS)
    compiled = compile_audit(load(HOSTILE), source, dialect, people=None, as_of=0)
    script = "".join(render(compiled, dialect, prefix="p", header=[HOSTILE["title"]]))
    assert all(char.isprintable() or char == "\n" for char in script.partition("read:")[0])
    parsed = sqlglot.parse(script, dialect=compiled.script.dialect)
    steps = [created(each) for each in parsed if created(each)]
    assert steps == [full_name(note.name, "p") for note in compiled.script.notes]
    texts = {each.this for tree in parsed for each in tree.find_all(exp.Literal) if each.is_string}
    assert "a/exit/it's_{{x}}" in texts


# --- dbt -----------------------------------------------------------------------------------------


def rendered(template: str) -> str:
    """What a template gives in which only names and braces are filled in."""
    filled = template.replace("{{ '{' }}", "\0")
    filled = re.sub(r"\{\{ (?:ref|source)\((?:'\w+', )?'(\w+)'\) \}\}", r'"\1"', filled)
    filled = re.sub(r"\{\{ var\('playgate_as_of', '([^']*)'\) \}\}", r"\1", filled)
    filled = re.sub(r"\{\{ config\([^\n]*\) \}\}\n", "", filled)
    assert "{{" not in filled
    return filled.replace("\0", "{")


def project(playbook: Any, dialect: str, as_of: str = "") -> dict[str, str]:
    source = HistorySource("crm.history", SOURCE, TEXTS)
    compiled = compile_audit(playbook, source, dialect, people=None, as_of=AS_OF)
    return dict(
        files(
            compiled,
            dialect,
            prefix="p",
            table="crm.history",
            as_of=as_of,
            header=["Head", "", "x"],
        )
    )


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", DIALECTS)
def test_models_are_sql_and_their_schema_is_yaml(dialect: str) -> None:
    found = project(load(HOSTILE), dialect)
    models = {Path(path).stem for path in found if path.startswith("models") and "sql" in path}
    schema = yaml(found["models/p/schema.yml"])
    assert {each["name"] for each in schema["models"]} == models
    assert schema["sources"] == [{"name": "p", "schema": "crm", "tables": [{"name": "history"}]}]
    compiler = Script(DIALECTS[dialect])
    for path, text in found.items():
        if path.endswith(".sql"):
            [parsed] = sqlglot.parse(rendered(text), dialect=compiler.dialect)
            assert isinstance(parsed, exp.Query), path


def yaml(text: str) -> Any:
    document, mistakes = parse(text.encode(), "schema.yml")
    assert document is not None
    assert not mistakes
    return document.data


@pytest.mark.thorough
@pytest.mark.parametrize("as_of", ["", "2026-03-31"])
def test_a_project_comes_to_what_the_judge_says(as_of: str) -> None:
    folder = SAMPLES / "loan-application"
    playbook = load_playbook(folder / "loan-application.yaml")
    connection = duckdb.connect()
    file = str(folder / "history.csv")
    connection.execute(f"CREATE TABLE history AS FROM read_csv('{file}', all_varchar = true)")
    for path, text in project(playbook, "duckdb", as_of).items():
        if path.startswith("models") and path.endswith(".sql"):
            kind = re.search(r"materialized='(\w+)'", text)
            assert kind is not None
            connection.execute(f"CREATE {kind[1]} {Path(path).stem} AS {rendered(text)}")
    events = in_order_of_a_table(list(read_history([file], report=pytest.fail)))
    instant = day_end_of(as_of) if as_of else None
    assert left(connection) == said(audit(playbook, events, as_of=instant))


def day_end_of(day: str) -> int:
    from playgate.conditions.instants import day_end, load_zone

    zone = load_zone("Europe/Paris")
    assert zone is not None
    instant = day_end(day, zone)
    assert instant is not None
    return instant


# --- On a server ---------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("number", range(4))
def test_on_postgresql(postgres: Any, number: int) -> None:
    from playgate.bulk.reading.event_table import table_from_events

    example = expressible("postgres", number)
    table_from_events(postgres, example.events, name="history")
    for _, statement in statements(of_events(example, "postgres"), "postgres", prefix="p"):
        postgres.raw_sql(statement).close()
    found = []
    for columns, table in ((FINDING, "p_findings"), (COUNT, "p_counts")):
        rows = postgres.to_pyarrow(postgres.table(table)).to_pylist()
        found.append([tuple(row[name] for name in columns.split(", ")) for row in rows])
    assert (sorted(found[0], key=repr), sorted(found[1])) == said(example.audit())
