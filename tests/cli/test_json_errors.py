"""Errors as JSON: wherever `--format json` is said, and with codes that are listed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from running import ROOT, Ran, Run

import playgate as package
from playgate.cli.group import playgate
from playgate.errors import CODES, Code
from playgate.history.spool import Spool

SCHEMAS = {
    path.name: json.loads(path.read_bytes()) for path in (ROOT / "schemas").glob("*.schema.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
GIVEN = (
    "playbook",
    "common",
    "mapping",
    "cases",
    "cloudevent",
    "history",
    "leads",
    "pay",
    "request",
)
INPUTS = {f"{each}.schema.json" for each in GIVEN}
OUTPUTS = sorted({*SCHEMAS} - INPUTS)
ERRORS = Draft202012Validator(SCHEMAS["error.schema.json"], registry=REGISTRY)


def told(done: Ran) -> dict[str, Any]:
    """The one error on standard output."""
    assert done.err == ""
    data: dict[str, Any] = json.loads(done.out)
    ERRORS.validate(data)
    assert data["error"] == data["errors"][0]
    error: dict[str, Any] = data["error"]
    return error


# Codes


def test_every_code_is_listed_and_documented() -> None:
    assert list(get_args(Code)) == sorted(CODES) == [*CODES]
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{code}` | {words} |" for code, words in CODES.items()]


def raised() -> Iterator[tuple[str, str]]:
    """The code of every error that the package makes, with its place."""
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            for keyword in node.keywords if isinstance(node, ast.Call) else ():
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value), f"{path.name}:{node.lineno}"


def test_every_code_that_is_raised_is_listed() -> None:
    found = dict(raised())
    assert len(found) > 20
    assert {code: place for code, place in found.items() if code not in CODES} == {}


# Everywhere


def commands_with_json() -> list[str]:
    found = []
    for name in playgate.list_commands(click.Context(playgate)):
        command = playgate.get_command(click.Context(playgate), name)
        assert command is not None
        formats = [each for each in command.params if "--format" in each.opts]
        if any("json" in getattr(each.type, "choices", ()) for each in formats):
            found.append(name)
    return found


@pytest.mark.parametrize("name", commands_with_json())
@pytest.mark.parametrize("words", [("--format", "json"), ("--format=json",)])
def test_usage_is_an_error_like_any(name: str, words: tuple[str, ...], run: Run) -> None:
    done = run(name, *words, "--no-such-option")
    assert done.status == 2
    error = told(done)
    assert error["code"] == "usage"
    assert "No such option" in error["message"]
    assert error["hint"] == f"playgate {name} --help has examples"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("show none.yaml", "cannot-read"),
        ("lint none.yaml", "cannot-read"),
        ("lint sales.yaml none.yaml", "cannot-read"),
        ("audit sales.yaml none.csv", "no-such-file"),
        ("audit sales.yaml", "usage"),
        ("audit sales.yaml history.csv --deal D-77", "no-deal"),
        ("audit sales.yaml history.csv --rule x", "unknown-name"),
        ("audit sales.yaml history.csv --as-of tomorrow", "wrong-value"),
        ("audit sales.yaml history.csv --map none", "no-such-file"),
        ("audit sales.yaml history.csv -o none/x", "cannot-write"),
        ("kpi sales.yaml history.csv --period x", "wrong-value"),
        ("check D-1 proposal --db none.db", "no-ledger"),
        ("check D-1 proposal --db sales.yaml", "wrong-ledger"),
        ("check D-1 --db none.db", "missing-key"),
        ("open D-1 --db new.db --playbook none.yaml", "cannot-read"),
        ("set D-1 amount --db new.db", "usage"),
        ("migrate --to 3 --db none.db", "no-ledger"),
    ],
)
def test_codes(words: str, code: str, sales: Path, run: Run) -> None:
    done = run(*words.split(), "--format", "json")
    assert (done.status, told(done)["code"]) == (2, code)
    plain = run(*words.split())
    assert plain.status == 2
    assert "rror: " in plain.err


def test_a_mistake_in_a_file_says_where(sales: Path, run: Run) -> None:
    text = Path("sales.yaml").read_text().replace("more_than: 0", "mor_than: 0")
    Path("sales.yaml").write_text(text.replace("ends: lost", "ends: losst"))
    done = run("show", "sales.yaml", "--format", "json")
    told(done)
    errors = json.loads(done.out)["errors"]
    assert [(each["code"], each["file"], each["line"]) for each in errors] == [
        ("unknown-key", "sales.yaml", 19),
        ("unknown-value", "sales.yaml", 21),
    ]
    assert errors[0]["column"] > 1
    assert errors[0]["hint"] == 'did you mean "more_than"?'


def test_a_bug_says_where_its_log_is(
    sales: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Spool, "extend", fail)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = run("audit", "sales.yaml", "history.csv", "--format", "json")
    error = told(done)
    assert (done.status, error["code"]) == (3, "bug")
    (log,) = tmp_path.glob("playgate-bug-*.log")
    assert str(log) in error["hint"]


def test_settings_may_ask_for_json(sales: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("playgate.toml").write_text('[show]\nformat = "json"\n')
    assert told(run("show", "none.yaml"))["code"] == "cannot-read"
    assert run("show", "none.yaml", "--format", "text").out == ""
    Path("playgate.toml").unlink()
    monkeypatch.setenv("PLAYGATE_SHOW_FORM", "json")
    assert told(run("show", "none.yaml"))["code"] == "cannot-read"


# Versions


def test_every_contract_of_output_carries_its_version() -> None:
    """What is written says its version, in the data and in the schema's title."""
    for name in OUTPUTS:
        schema = SCHEMAS[name]
        assert '"version": {' in json.dumps(schema), name
        assert schema["title"].rpartition(" ")[0].endswith(", version"), name
        assert "never removed or given another meaning" in schema["description"], name


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_a_contract_promises_is_kept(name: str) -> None:
    """Adding is allowed; a key that goes, or is not always there any more, raises the version."""
    frozen = json.loads((Path(__file__).parent / "contracts.json").read_bytes())
    old, new = frozen.get(name), promises(SCHEMAS[name])
    if old is None:
        pytest.skip("it is new: write it into contracts.json with its first release")
    if old["title"] == SCHEMAS[name].get("title"):
        assert {*old["always"]} <= {*new}, "what was always there must stay so"


def promises(schema: Any, route: str = "") -> Iterator[str]:
    """The keys that are always there, each with its route through the schema."""
    if isinstance(schema, dict):
        for key in schema.get("required", ()) if isinstance(schema.get("required"), list) else ():
            yield f"{route}/{key}"
        for key, value in schema.items():
            yield from promises(value, f"{route}/{key}")
    elif isinstance(schema, list):
        for place, value in enumerate(schema):
            yield from promises(value, f"{route}/{place}")
