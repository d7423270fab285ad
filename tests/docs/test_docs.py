"""The documentation is true: its playbooks lint, its commands run, its lists are complete."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pages
import pytest
from click.shell_completion import get_completion_class
from pages import DOCS, PAGES, ROOT, BadExample, Block

from playgate.cases.load import parse_cases
from playgate.cli.check_file import check_file, check_roles
from playgate.cli.group import playgate
from playgate.conditions.comparisons import OPERATORS
from playgate.documents.yaml12 import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from playgate.errors import Mistake
from playgate.leads.read import parse_leads
from playgate.pay.read import parse_pay
from playgate.playbook.beside import LEADS, PAY, kind_of
from playgate.playbook.load import parse_playbook

ENGINE = ROOT / "engine" / "playgate"
SCHEMAS = ROOT / "schemas"
YAML = [
    block
    for name in PAGES
    if name != "cookbook"  # its pieces are tried with their cases, in test_cookbook.py
    for block in pages.blocks(name)
    if block.lang == "yaml"
]
WITH_COMMANDS = [
    name for name in PAGES if any(block.lang == "console" for block in pages.blocks(name))
]
BAD = list(pages.bad_examples())


def _lint(data: Any) -> list[Mistake]:
    """What lint finds in a playbook given as data; JSON is YAML."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, indent=1)
    return check_file(text.encode(), "block.yaml")


def _in_fragment(data: Any) -> list[Mistake]:
    """The same of a playbook that a fragment is put into: it need not use all the words there."""
    return [each for each in _lint(data) if each.rule != "unused"]


# What stands in the pages is right


@pytest.mark.parametrize("block", [b for b in YAML if b.mark != "not run"], ids=str)
def test_yaml_lints_without_mistakes(block: Block) -> None:
    if block.mark.startswith("fragment of "):
        part = block.mark.removeprefix("fragment of ")
        assert _in_fragment(pages.framed(part, pages.read_yaml(block.body))) == []
    elif block.mark == "words of the fragments":
        assert _in_fragment(pages.frame()) == []
    else:
        if kind_of(block.file) in (PAY, LEADS):  # the page's commands read it beside its playbook
            return
        assert block.body.startswith(("playbook:", "mapping:")), (
            f"{block}: mark a block that is no whole file as a fragment"
        )
        assert _lint(block.body) == []


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_commands_give_the_output_shown(
    page: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = pages.with_true_output(page, tmp_path)
    if request.config.getoption("--update-golden"):
        PAGES[page].write_text(found, encoding="utf-8")
    assert found == pages.text_of(page), "refresh with pytest --update-golden, then read the diff"


_LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.M)
_HEADING = re.compile(r"^#+ +(.*)$", re.M)


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, made the way GitHub makes them."""
    headings = _HEADING.findall(re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.M))
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


@pytest.mark.parametrize(
    "path",
    [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_links_resolve(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    broken = []
    for found in _LINK.finditer(_CODE.sub("", text)):
        target, _, anchor = found["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = path.parent / target if target else path
        if not file.exists() or (
            anchor and anchor not in _anchors(file.read_text(encoding="utf-8"))
        ):
            broken.append(found["target"])
    assert not broken


# The pages are complete


def _commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(playgate)
    for name in playgate.list_commands(context):
        command = playgate.get_command(context, name)
        assert command is not None
        yield name, command


def test_every_command_has_its_help_on_the_page() -> None:
    shown = {
        line
        for block in pages.blocks("cli")
        for line in block.body.splitlines()
        if line.startswith("$ ")
    }
    wanted = {f"$ playgate {name} --help" for name, _ in _commands()}
    assert shown >= {"$ playgate --help", *wanted}


def test_every_option_is_explained() -> None:
    # The page of help texts names all by itself.
    words = "\n".join(pages.text_of(name) for name in PAGES if name != "cli")
    missing = [
        f"{name} {option}"
        for name, command in _commands()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--") and not re.search(rf"{option}\b", words)
    ]
    assert not missing


def _schema_keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for value in node.values():
            yield from _schema_keys(value)
    elif isinstance(node, list):
        for value in node:
            yield from _schema_keys(value)


@pytest.mark.parametrize(
    ("schema", "page"),
    [
        ("playbook", "playbooks"),
        ("mapping", "histories"),
        ("history", "histories"),
        ("report", "audit"),
        ("cases", "testing"),
        ("pay", "pay"),
        ("leads", "leads"),
        ("cloudevent", "crms/events"),
    ],
)
def test_every_key_is_explained(schema: str, page: str) -> None:
    keys = set(_schema_keys(json.loads((SCHEMAS / f"{schema}.schema.json").read_bytes())))
    code = " ".join(re.findall(r"`([^`\n]+)`", pages.text_of(page)))
    assert not sorted(keys - set(re.findall(r"\w+", code)))


def test_every_test_is_explained() -> None:
    text = pages.text_of("playbooks")
    assert not [test for test in OPERATORS if f"`{test}" not in text]


def test_every_shipped_mapping_is_named() -> None:
    shipped = {path.name.split(".")[0] for path in (ROOT / "playbooks").rglob("*.mapping.yaml")}
    text = pages.text_of("histories")
    assert not [name for name in shipped if f"`{name}`" not in text]


# The rules of lint


_MAKERS = {
    "Mistake": 2,
    "Refusal": 1,
    "Said": 1,
    "Undeclared": 3,
    "_StopError": 2,
    "_missing": 4,
    "_report": 2,
    "_stop": 2,
    "proven": 2,
    "report": 2,
    "warn": 2,
}
"""Who takes a rule's id, and at which place."""
_UNKNOWN = {"_known": 0, "known_names": 0, "known": 0}
"""Who takes the kind of name that may be unknown."""
_MADE = {"no-way-to-": ("win", "lose")}


def _rules_in_code() -> set[str]:
    found: set[str] = set()
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.update(_rules_of_call(node))
    for schema in ("playbook", "mapping", "cases", "pay", "leads"):
        text = (SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")
        found.update(re.findall(r'"errorRule": *"([^"]+)"', text))
    return found


def _rules_of_call(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
    if name in _UNKNOWN:
        kind = call.args[_UNKNOWN[name]]
        if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
            yield f"unknown-{kind.value}"
    if name not in _MAKERS or len(call.args) <= _MAKERS[name]:
        return
    match call.args[_MAKERS[name]]:
        case ast.Constant(value=str(rule)):
            yield rule
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if start in _MADE:
            yield from (start + end for end in _MADE[start])


def test_every_rule_is_documented_and_no_other() -> None:
    assert {bad.rule for bad in BAD} == _rules_in_code()


_TOLD: dict[str, bytes] = {
    "empty-file": b"# nothing\n",
    "file-too-large": b" " * (MAX_BYTES + 1),
    "not-text": b"playbook\0",
    "not-utf-8": b"playbook: caf\xe9\n",
    "number-too-long": b"version: " + b"1" * 400,
    "thousands-point": b"playbook: a\nversion: 1\nfields: {size: {type: number}}\n"
    b"signals: {large: {field: size, at_least: 25.000}}\nstages: [{stage: a}]\n",
    "too-deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "too-many-values": b"[" + b"1," * MAX_VALUES + b"1]",
    "yaml-documents": b"playbook: a\n---\nplaybook: b\n",
}
"""Rules whose example is told in words: no line of a table can hold it."""


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.part}: {bad.rule}")
def test_bad_examples_are_found(
    bad: BadExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bad.rule == "holidays-library":
        monkeypatch.setitem(sys.modules, "holidays", None)
    if bad.part == "file":
        content = _TOLD[bad.rule] if bad.rule in _TOLD else bad.example.encode()
        mistakes = check_file(content, "block.yaml")
    elif bad.part == "case":
        mistakes = _lint_case(bad.example)
    elif bad.part in ("pay", "leads"):
        mistakes = _lint_beside(bad.part, bad.example)
    elif bad.part == "mapping":
        piece = pages.read_yaml(bad.example)
        whole = {key: piece.pop(key) for key in ("lookups", "same_deal") if key in piece}
        tables = piece.get("tables") or [{"deal": "id", "happened_at": "at", **piece}]
        whole |= {"mapping": "trial", "version": 1, "tables": tables}
        mistakes = _lint(json.dumps(whole))
    else:
        mistakes = _lint_framed(bad, bad.example, tmp_path)
    found = [mistake for mistake in mistakes if mistake.rule == bad.rule]
    assert found
    if bad.good:  # what is proven names the two places that clash
        assert all(mistake.related for mistake in found)


def _lint_case(example: str) -> list[Mistake]:
    """What is found in a case; without an example, in one of another playbook."""
    fields = "{amount: {type: number}}"
    stages = "[{stage: a}, {stage: b}, {stage: c, ends: won}, {stage: d, ends: lost}]"
    words = "{call: {outcomes: [reached]}}"
    book = f"playbook: trial\nversion: 1\nfields: {fields}\nactivities: {words}\nstages: {stages}\n"
    playbook, _ = parse_playbook(book.encode(), "trial.yaml")
    assert playbook is not None
    name = "trial" if example else "other"
    case = (example or "{when: b, then: allowed}").replace("{", "{case: A case, ", 1)
    stories = "{round: [round], short: [{move: a}]}"
    text = f"playbook: {name}\npeople: {{ann: []}}\nstories: {stories}\ncases: [{case}]\n"
    return parse_cases(text.encode(), "trial.cases.yaml", playbook)[1]


def _lint_beside(part: str, example: str) -> list[Mistake]:
    """What is found in a plan that says what an example does."""
    fields = "{amount: {type: number, unit: EUR}, kind: {type: text}}"
    kpis = (
        "{calls: {count: {activity: call}}, sold: {sum: {field: amount, at: won}}, "
        "aimed: {sum: {field: amount, at: won}, period: quarter, target: {at_least: 9}}}"
    )
    entry = "[{field: kind, is: present}]"
    stages = f"[{{stage: b}}, {{stage: c, ends: won, entry: {entry}}}, {{stage: d, ends: lost}}]"
    book = (
        f"playbook: trial\nversion: 1\nfields: {fields}\nactivities: {{call: {{}}}}\n"
        f"kpis: {kpis}\nproducts: {{dream: {{}}}}\nstages: {stages}\n"
    )
    playbook, _ = parse_playbook(book.encode(), "trial.yaml")
    assert playbook is not None
    said = pages.read_yaml(example)
    if part == "leads":
        whole = {"leads": "trial", "match": ["name"], **said}
        return parse_leads(json.dumps(whole).encode(), "trial.leads.yaml", playbook)[1]
    share = {"share": {"of": {"field": "amount"}, "rate": 0.01}}
    whole = {"pay": "trial", "per": "month", "parts": share, "due": {"stage": "b"}, **said}
    return parse_pay(json.dumps(whole).encode(), "trial.pay.yaml", playbook)[1]


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad.good], ids=lambda bad: bad.rule)
def test_good_examples_are_good(bad: BadExample, tmp_path: Path) -> None:
    assert [each for each in _lint_framed(bad, bad.good, tmp_path) if each.rule != "unused"] == []


def _lint_framed(bad: BadExample, example: str, folder: Path) -> list[Mistake]:
    data = pages.framed(bad.part, pages.read_yaml(example))
    if bad.rule == "said-twice":
        (folder / "shared.yaml").write_text("fields: {amount: {type: number}}\n", encoding="utf-8")
        with contextlib.chdir(folder):
            return _lint(data)
    if bad.rule != "role-nobody-has":
        return _lint(data)
    people = folder / "people.csv"
    people.write_text("actor,role\nann,rep\n", encoding="utf-8")
    return _lint(data) + check_roles(json.dumps(data).encode(), "block.yaml", str(people))


# The shell


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered_as_documented(shell: str) -> None:
    assert f"playgate completion {shell}" in pages.text_of("editors")
    kind = get_completion_class(shell)
    assert kind is not None
    completion = kind(playgate, {}, "playgate", "_PLAYGATE_COMPLETE")
    assert [item.value for item in completion.get_completions([], "au")] == ["audit"]
    formats = completion.get_completions(["audit", "--format"], "j")
    assert [item.value for item in formats] == ["json", "junit"]
    (file,) = completion.get_completions(["lint"], "sales")
    assert file.type == "file"
