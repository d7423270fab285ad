"""Changes the package in one place after the other, and asks whether some test notices.

In the folder `tests`, with the package and its development tools installed:

    python -m support.own_mutants 500 --seed 1 --next tried.json

draws 500 changes from `rules/`, `judge/` and `conditions/`, tries each against the tests named in
`TESTS`, and prints those that no test noticed. It takes the better part of an hour: `--part 0/2`
and `--part 1/2` let two processes share the work. What was found is told in
`docs/own-mutants.md`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from random import Random
from types import CodeType
from typing import NamedTuple, NoReturn

import hypothesis
import hypothesis.strategies  # noqa: F401
import jsonschema  # noqa: F401
import pytest
import yaml  # noqa: F401

ROOT = Path(__file__).parents[2]
FOLDERS = ("rules", "judge", "conditions")
TESTS = (
    ("tests/judge", "tests/rules"),
    ("tests/laws/test_every_key_is_heard.py", "tests/conditions/test_narrowings.py"),
    (
        "tests/playbook/test_lint_cases.py",
        "tests/playbook/test_rules.py",
        "tests/live/test_live_cases.py",
        "tests/playbook_cases",
        "tests/proof",
        "tests/versions/test_diff.py",
        *(
            f"tests/laws/test_oracle_parity.py::test_both_judges_agree[{n}]"
            for n in range(0, 40, 10)
        ),
    ),
)
"""Those that notice most stand first."""
OF_EXPRESSIONS = (
    ("tests/conditions/test_regex.py",),
    ("tests/judge", "tests/playbook/test_lint_cases.py"),
)
"""What is tried instead on changes of how regular expressions are read."""
CHOSEN = ("-m", "not thorough", "-k", "not engine", "-p", "no:xdist")
SECONDS = 150

_COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_REPLACED = {"min": "max", "max": "min", "all": "any", "any": "all"}


class OwnMutant(NamedTuple):
    """One change of one file."""

    file: str
    line: int
    what: str
    text: str
    """The whole file, changed."""

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def made(path: Path, index: int) -> OwnMutant:
    """Makes the change of this number in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    line, what, change = list(_changes(tree))[index]
    change()
    text = ast.unparse(ast.fix_missing_locations(tree))
    return OwnMutant(str(path.relative_to(ROOT)), line, f"{what} ({index})", text)


def _changes(tree: ast.AST) -> Iterator[tuple[int, str, Callable[[], object]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            continue
        yield from _of_node(node)


def _of_node(node: ast.AST) -> Iterator[tuple[int, str, Callable[[], object]]]:
    line = getattr(node, "lineno", 0)
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            other = _COMPARED[type(op)]
            what = f"{type(op).__name__} becomes {other.__name__}"
            yield line, what, lambda: setattr(node, "ops", [other()])
        case ast.BoolOp(op=op):
            swapped = ast.Or if isinstance(op, ast.And) else ast.And
            what = f"{type(op).__name__} becomes {swapped.__name__}"
            yield line, what, lambda: setattr(node, "op", swapped())
        case ast.UnaryOp(op=ast.Not()):
            what = "not is left out"
            yield line, what, lambda: node.__setattr__("op", ast.UAdd()) or _unwrap(node)
        case ast.BinOp(op=ast.Add() | ast.Sub() as op):
            turned = ast.Sub if isinstance(op, ast.Add) else ast.Add
            what = f"{type(op).__name__} becomes {turned.__name__}"
            yield line, what, lambda: setattr(node, "op", turned())
        case ast.Constant(value=bool(value)):
            yield line, f"{value} becomes {not value}", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value)):
            yield line, f"{value} becomes {value + 1}", lambda: setattr(node, "value", value + 1)
        case ast.Name(id=name) if name in _REPLACED:
            what = f"{name} becomes {_REPLACED[name]}"
            yield line, what, lambda: setattr(node, "id", _REPLACED[name])
        case ast.If(test=test) | ast.IfExp(test=test):
            kind = "if" if isinstance(node, ast.If) else "conditional"
            yield (
                line,
                f"{kind} is always taken",
                lambda: setattr(node, "test", _whatever(test, True)),
            )
            yield (
                line,
                f"{kind} is never taken",
                lambda: setattr(node, "test", _whatever(test, False)),
            )


def _unwrap(node: ast.AST) -> None:
    """`+x` of a truth value counts as it does in a test; `bool` keeps it one."""
    assert isinstance(node, ast.UnaryOp)
    call = ast.Call(func=ast.Name("bool", ast.Load()), args=[node.operand], keywords=[])
    node.operand = call


def _whatever(test: ast.expr, answer: bool) -> ast.expr:
    """The test asked, for what it binds, and answered anyhow."""
    return (
        ast.BoolOp(op=ast.Or() if answer else ast.And(), values=[ast.Constant(answer), test])
        if not any(isinstance(each, ast.NamedExpr) for each in ast.walk(test))
        else ast.BoolOp(op=ast.Or() if answer else ast.And(), values=[test, ast.Constant(answer)])
    )


def drawn(count: int, seed: int) -> list[OwnMutant]:
    """Draws so many changes of the package's heart."""
    paths = [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / "engine" / "playgate" / folder).rglob("*.py"))
    ]
    found = [
        (path, index)
        for path in paths
        for index, _ in enumerate(_changes(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    return [made(*each) for each in Random(seed).sample(found, min(count, len(found)))]


class _Changed(SourceFileLoader):
    """Loads one module of the package from a changed text."""

    def __init__(self, mutant: OwnMutant, name: str) -> None:
        super().__init__(name, str(ROOT / mutant.file))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._mutant.text, self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, mutant: OwnMutant) -> None:
        parts = Path(mutant.file).with_suffix("").parts
        self._name = ".".join(parts[parts.index("playgate") :]).removesuffix(".__init__")
        self._mutant = mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_loader(fullname, _Changed(self._mutant, fullname))


def is_noticed(mutant: OwnMutant) -> bool:
    """Whether a test fails, or does not end, with the change made.

    The tests run in a child of this process, which has loaded all that they need but the package.
    """
    child = os.fork()
    if child == 0:
        _run(mutant)
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run(mutant: OwnMutant) -> NoReturn:
    """Runs the tests in a child process and leaves it with their status."""
    status: int = 1
    try:
        os.setpgid(0, 0)
        os.chdir(ROOT)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        sys.dont_write_bytecode = True
        sys.meta_path.insert(0, _Finder(mutant))
        is_of_expressions = "/regex" in mutant.file
        for tests in (
            OF_EXPRESSIONS if is_of_expressions else TESTS
        ):  # one after the other, as most changes are noticed by the first
            status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *CHOSEN, *tests])
            if status:
                break
    finally:
        os._exit(int(status))


def main() -> int:
    """Tries the changes and prints what no test noticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="N/M: every M-th change, from the N-th on")
    parser.add_argument("--next", type=Path, help="keeps what was tried, to go on from there")
    given = parser.parse_args()
    part, parts = map(int, given.part.split("/"))
    tried: dict[str, bool] = {}
    if given.next and given.next.exists():
        tried = json.loads(given.next.read_text(encoding="utf-8"))
    for mutant in drawn(given.count, given.seed)[part::parts]:
        if mutant.name in tried:
            continue
        tried[mutant.name] = is_noticed(mutant)
        if not tried[mutant.name]:
            print(mutant.name, flush=True)
        if given.next:
            given.next.write_text(json.dumps(tried, indent=1), encoding="utf-8")
    print(f"{sum(tried.values())} of {len(tried)} were noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
