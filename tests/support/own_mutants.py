"""Changes the package in one place after the other, and asks whether some test notices.

In the folder `tests`, with the package and its development tools installed:

    python -m support.own_mutants 500 --seed 1

draws 500 changes from `rules/`, `judge/` and `conditions/`, tries each in a copy of the project
against the tests named in `TESTS`, and prints those that no test noticed. It takes hours; `--jobs`
says how many are tried at once, and `--next FILE` keeps what was tried, to go on from there.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ("rules", "judge", "conditions")
TESTS = (
    "tests/judge",
    "tests/laws/test_every_key_is_heard.py",
    "tests/conditions",
    "tests/playbook",
    "tests/versions",
    "tests/laws",
    "tests/live",
)
"""Those that notice most stand first."""
SECONDS = 400
COPIED = ("engine", "schemas", "playbooks", "tests", "docs", "pyproject.toml", "cli.py")

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


def is_noticed(mutant: OwnMutant, copy: Path) -> bool:
    """Whether a test of the copy fails, or does not end, with the change made there."""
    file = copy / mutant.file
    before = file.read_text(encoding="utf-8")
    file.write_text(mutant.text, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(copy / "engine"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "no:xdist", "-m", "not thorough and not postgres and not spark"]
    command += ["-k", "not engine and not crash and not together and not process"]
    try:
        done = subprocess.run(
            [*command, *TESTS], cwd=copy, env=env, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(before, encoding="utf-8")
    return done.returncode != 0


def main() -> int:
    """Tries the changes and prints what no test noticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--next", type=Path)
    given = parser.parse_args()
    tried: dict[str, bool] = {}
    if given.next and given.next.exists():
        tried = json.loads(given.next.read_text(encoding="utf-8"))
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        for job in range(given.jobs):
            copies.put(_copied(Path(folder) / str(job)))

        def attempt(mutant: OwnMutant) -> None:
            copy = copies.get()
            tried[mutant.name] = is_noticed(mutant, copy)
            copies.put(copy)
            if not tried[mutant.name]:
                print(mutant.name, flush=True)
            if given.next:
                given.next.write_text(json.dumps(dict(tried)), encoding="utf-8")

        left = [each for each in drawn(given.count, given.seed) if each.name not in tried]
        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(attempt, left))
    noticed = sum(tried.values())
    print(f"{noticed} of {len(tried)} were noticed")
    return 0


def _copied(folder: Path) -> Path:
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.db")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


if __name__ == "__main__":
    sys.exit(main())
