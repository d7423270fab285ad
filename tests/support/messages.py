"""The messages that the code and the page's templates say, read from their sources."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from jinja2 import Environment, nodes

from playgate.report import audit_sheets, numbers_sheets, review_sheets
from playgate.report.numbers_csv import COLUMNS
from playgate.report.sheet import words_of

PACKAGE = Path(__file__).parents[2] / "engine" / "playgate"
SCHEMAS = PACKAGE.parents[1] / "schemas"
TEMPLATES = [
    file
    for folder in ("report/templates", "serve/people/templates")
    for file in sorted(PACKAGE.joinpath(folder).glob("*.html"))
]

Message = tuple[str, bool]
"""A message in English, and whether it has a plural."""


def said() -> set[Message]:
    """Returns every message that something says."""
    found = {each for file in spoken_modules() for each in _of_module(file)}
    found |= {(words_of(name), False) for name in _columns()}
    for file in TEMPLATES:
        found |= set(_of_template(file.read_text("utf-8")))
    return found


def _columns() -> set[str]:
    """Returns the columns of the tables of workbooks, by their names in the contracts."""
    audit = json.loads((SCHEMAS / "report.schema.json").read_text("utf-8"))
    parts = [audit["properties"][part]["items"]["$ref"] for part, _ in audit_sheets.PARTS]
    named = [audit["$defs"][each.rpartition("/")[2]]["properties"] for each in parts]
    own = (numbers_sheets.SUMMED, numbers_sheets.FOUND, numbers_sheets.LOOKED_AT)
    results = (COLUMNS[each] for each in review_sheets.RESULTS)
    return set().union(*named, *results, *own, numbers_sheets.ALIKE)


def spoken_modules() -> list[Path]:
    """Returns the modules that say something by themselves."""
    return [
        file
        for file in PACKAGE.rglob("*.py")
        if "from playgate.language import" in (text := file.read_text("utf-8"))
        and re.search("say|message", text)
        if file.name not in ("words.py",)
    ]


def places(message: str) -> set[str]:
    """Returns the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def _of_module(file: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        match node.func.id:
            case "message":
                assert isinstance(texts[0], str), f"{file.name}:{node.lineno}"
                yield texts[0], any(each.arg == "counted" for each in node.keywords)
            case "say":
                if not isinstance(node.args[0], ast.Constant):
                    _assert_kept(node.args[0], f"{file.name}:{node.lineno}")
                    continue
                assert isinstance(texts[0], str), f"{file.name}:{node.lineno}"
                about = next((each.value for each in node.keywords if each.arg == "about"), None)
                yield _key(texts[0], about and ast.literal_eval(about)), len(texts) > 1
            case "plural":
                yield f"{{n}} {texts[1]}", True
            case "more":
                named = texts[1] if len(texts) > 1 else ""
                yield (f"and {{n}} more {named}", True) if named else ("and {n} more", False)


def _assert_kept(said: ast.expr, place: str) -> None:
    """Asserts that what is said comes from a table, whose entries are marked as messages."""
    names = {each.id for each in ast.walk(said) if isinstance(each, ast.Name)}
    assert isinstance(said, ast.Name | ast.Subscript | ast.Attribute), place
    assert not isinstance(said, ast.Name) or names <= {"message", "one"}, place


def _of_template(text: str) -> Iterator[Message]:
    for call in Environment(autoescape=True).parse(text).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("say", "html"):
            first = call.args[0]
            assert isinstance(first, nodes.Const), call.lineno
            about = next((each.value.as_const() for each in call.kwargs if each.key == "about"), "")
            yield _key(first.value, about), len(call.args) > 1


def _key(message: str, about: str | None) -> str:
    return f"{message} ({about})" if about else message
