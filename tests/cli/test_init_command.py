"""`playgate init`: what is copied is whole, clean, and at once of use."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from running import SHIPPED, Run

NAMES = ("bank-sales", "active-sales", "loan-application", "saas", "maschinenbau")


@pytest.mark.parametrize("name", NAMES)
def test_what_it_says_next_can_be_done(name: str, run: Run) -> None:
    done = run("init", name)
    assert (done.status, done.err) == (0, "")
    commands = [shlex.split(line) for line in done.out.splitlines() if line.startswith("  ")]
    assert [words[1] for words in commands] == ["show", "lint", "test", "audit"]
    for words in commands:
        assert run(*words[1:]).status in (0, 1)


@pytest.mark.parametrize("name", NAMES)
def test_editors_find_the_schemas(name: str, run: Run) -> None:
    run("init", name)
    for file in Path(name).glob("*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert found is not None
        assert (file.parent / found[1]).is_file()
        assert run("lint", file).status == 0


def test_nothing_that_ships_is_left_out(run: Run) -> None:
    run("init", "loan-application")
    shipped = {path.name for path in (SHIPPED / "loan-application").iterdir()}
    copied = {path.name for path in Path("loan-application").iterdir()}
    assert copied == shipped - {"loan-application.yaml"} | {
        "loan-application.playbook.yaml",
        "playbook.schema.json",
        "mapping.schema.json",
        "cases.schema.json",
    }
    for path in Path("loan-application").glob("*.yaml"):
        assert "loan-application.yaml" not in path.read_text(encoding="utf-8")


def test_a_name_of_ones_own(run: Run) -> None:
    done = run("init", "our-sales", "--from", "bank-sales", "--into", "play books/2026")
    assert done.status == 0
    assert "playgate show 'play books/2026/our-sales.playbook.yaml'" in done.out
    path = Path("play books/2026/our-sales.playbook.yaml")
    assert "\nplaybook: our-sales\n" in path.read_text(encoding="utf-8")
    assert run("lint", path).status == 0
    assert not path.with_name("bank-sales.yaml").exists()


@pytest.mark.parametrize("name", ["12", "1e5", "true", "null", "a/b", ".a", "-", "a b", "a:b", ""])
def test_names_that_no_playbook_can_have(name: str, run: Run) -> None:
    done = run("init", "--from", "bank-sales", "--", name)
    assert done.status == 2
    assert "is no name for a playbook" in done.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["v2", "Ärger", "a.b", "2nd-try", "x_1"])
def test_names_that_one_can(name: str, run: Run) -> None:
    assert run("init", name, "--from", "loan-application").status == 0
    assert run("lint", f"{name}/{name}.playbook.yaml").status == 0


def test_an_unknown_one(run: Run) -> None:
    done = run("init", "bank-sale")
    assert done.status == 2
    assert 'did you mean "bank-sales"?' in done.err
    assert "known: " in run("init", "sales", "--from", "zzzz").err


def test_writes_over_nothing(run: Run) -> None:
    Path("bank-sales").mkdir()
    Path("bank-sales/mine.txt").write_text("mine")
    done = run("init", "bank-sales")
    assert done.status == 2
    assert "is there already" in done.err
    assert [path.name for path in Path("bank-sales").iterdir()] == ["mine.txt"]
    Path("file").write_text("")
    for into in ("file", "file/below"):
        assert "is a file" in run("init", "bank-sales", "--into", into).err


def test_an_empty_folder_will_do(run: Run) -> None:
    Path("bank-sales").mkdir()
    assert run("init", "bank-sales").status == 0
